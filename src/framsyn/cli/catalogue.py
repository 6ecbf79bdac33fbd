"""``framsyn catalogue``: every table as DCAT-AP-NO, for other catalogues to read."""

from __future__ import annotations

import json as jsons
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.export import database
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work
from framsyn.errors import PlanError

__all__ = ["catalogue"]

ADDRESS = "http://127.0.0.1:8000/"


def catalogue(
    *,
    out: Annotated[
        Path | None, Parameter(help="The file to write; printed if left out.", show_default=False)
    ] = None,
    address: Annotated[
        str, Parameter(help="Address of the site that gives the files out; names of data sets begin with it.")
    ] = ADDRESS,
    data: Annotated[
        Path | None,
        Parameter(
            help="Folder of a site's database: what it holds is in the catalogue beside the region's tables.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, Parameter(help="Hold it against the shapes of DCAT-AP-NO, and tell what is missing.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Write the catalogue, or check it."""
    from framsyn.web.operations import start

    if not address.startswith(("http://", "https://")):
        message = f'--address is "{address}"; expected the address of a site. Write --address https://plan.example/.'
        raise PlanError("bad-address", message, got=address)
    with Work() as work, database(data) as folder:
        start.set_up(folder, existing=data is not None)
        from framsyn.report.catalogue import catalogue_document
        from framsyn.web.operations.backup import written_whole
        from framsyn.web.pages.dcat import site_catalogue

        with work.phase("Gathering the tables"):
            made = site_catalogue(f"{address.rstrip('/')}/", with_site=data is not None)
            document = catalogue_document(made)
        faults: list[str] = []
        if check:
            from framsyn.report.catalogue.checking import check_catalogue

            with work.phase("Holding it against the shapes"):
                faults = check_catalogue(document)
    text = jsons.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if out is not None:
        with written_whole(out) as target:
            target.write_text(text, encoding="utf-8")
    files = sum(len(one.distributions) for one in made.data_sets)
    if json:
        terminal.write_json(
            {
                "file": str(out) if out else None,
                "data_sets": len(made.data_sets),
                "files": files,
                "checked": check,
                "faults": faults,
            }
        )
    elif out is None and not check:
        terminal.stdout().print(Text(text.rstrip("\n")), soft_wrap=True)
    else:
        for fault in faults:
            terminal.stdout().print(Text(fault), soft_wrap=True)
        end = "" if not check else f" {len(faults)} faults." if faults else " It holds what it must."
        where = f"{out}: " if out else ""
        told = f"{where}{len(made.data_sets)} data sets, {files} files.{end}"
        terminal.stdout().print(Text(told), soft_wrap=True)
    return 1 if faults else 0
