"""``framsyn export site``: the results of a scenario as a folder that opens without a server."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import DrawsOption, JsonOption, RunOptions, run_scenario
from framsyn.cli.progress import Work
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.outlooks.models import Run
    from framsyn.web.static_site.writing import Written

__all__ = ["site"]

LANGUAGES = ("nb", "nn", "en")


def site(
    out: Annotated[Path, Parameter(help="The folder to write.")],
    /,
    *,
    scenario: Annotated[str, Parameter(help="Name of a scenario of the region, or a .toml file.")] = "plan",
    against: Annotated[str, Parameter(help="The scenario that it is held against.")] = "demography",
    lang: Annotated[str, Parameter(help="Languages with commas between: nb, nn, en.")] = "nb,nn,en",
    draws: DrawsOption = 1000,
    data: Annotated[
        Path | None,
        Parameter(
            help="Folder of a site's database: its main run is taken as it is kept, and nothing is run.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool,
        Parameter(help="Write beside what the folder holds; only what an earlier export made is replaced."),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Write the results as a folder that opens from a USB stick."""
    from framsyn.web.operations import start

    start.need_web()
    languages = read_languages(lang)
    with Work() as work, database(data) as folder:
        start.set_up(folder, existing=data is not None)
        from framsyn.web.static_site.writing import check_folder, write_site

        check_folder(out.absolute(), force=force)
        with work.phase("Bringing the database up to date"):
            start.bring_up_to_date()
        run = kept(data) if data is not None else run_and_keep(scenario, against, draws, work)
        with work.phase(f"Writing {out}", unit="pages") as step:
            written = write_site(out, run, languages, force=force, progress=step)
    tell(written, run, as_json=json)
    return 0


def read_languages(text: str) -> tuple[str, ...]:
    """Read a list of languages.

    >>> read_languages("en, nb")
    ('en', 'nb')
    """
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    wrong = next((one for one in found if one not in LANGUAGES), None)
    if wrong is not None or not found:
        message = f'--lang is "{text}"; expected nb, nn and en, with commas between. Write --lang nb,en.'
        raise PlanError("unknown-language", message, got=text, expected=list(LANGUAGES))
    return found


@contextmanager
def database(data: Path | None) -> Iterator[Path]:
    """Give the folder of a site's database, or one of our own that is gone afterwards."""
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="framsyn-export-") as folder:
        kept_url = os.environ.pop("DATABASE_URL", None)  # our own, whatever the machine's site uses
        try:
            yield Path(folder)
        finally:
            close_database()
            if kept_url is not None:
                os.environ["DATABASE_URL"] = kept_url


def close_database() -> None:
    """Let go of the database, so that its folder can be removed."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()


def kept(data: Path) -> Run:
    """Return the main run of a site."""
    from framsyn.web.outlooks.queries import main_run

    run = main_run()
    if run is None:
        message = f"the site in {data} keeps no outlook. Leave --data out to run a scenario here."
        raise PlanError("no-outlook", message, got=str(data))
    return run


def run_and_keep(scenario: str, against: str, draws: int, work: Work) -> Run:
    """Run the scenario and the one that it is held against, and keep the figures that pages show."""
    import logging

    from framsyn.web.actions import Actor
    from framsyn.web.operations import demo
    from framsyn.web.outlooks.queries import main_run

    logging.getLogger("framsyn.web.actions").setLevel(logging.WARNING)  # the phases tell it already
    options = RunOptions(draws=draws)
    region = options.load()
    outlooks = [run_scenario(region, name, options, work) for name in dict.fromkeys((scenario, against))]
    with work.phase("Taking out what pages show"):
        demo.store(Actor.system("export"), outlooks)
    run = main_run()
    assert run is not None  # kept a line above
    return run


def tell(written: Written, run: Run, *, as_json: bool) -> None:
    """Tell what was written, and how to open it."""
    if as_json:
        terminal.write_json(
            {
                "folder": str(written.folder),
                "pages": written.pages,
                "files": written.files,
                "bytes": written.size,
                "run": run.id,
            }
        )
        return
    from framsyn.report.numbers import number

    console = terminal.stdout()
    size = number(written.size / 1e6, "en", 1)
    console.print(
        Text(f"{written.folder}: {written.pages} pages, {written.files} files, {size} MB, run {run.id}."),
        soft_wrap=True,
    )
    console.print(Text(f"Open {written.folder / 'index.html'} in a browser."), soft_wrap=True)
