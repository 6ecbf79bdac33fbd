"""``framsyn region build``: a region folder from raw tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work

__all__ = ["build"]


def build(
    raw: Annotated[Path, Parameter(help="Folder with region.json and the raw tables.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Folder of the region.")],
    json: JsonOption = False,
) -> int:
    """Build a region folder and tell what its check finds."""
    from framsyn.region import Region, build_region

    with Work() as work:
        with work.phase(f"Building {out}"):
            folder = build_region(raw, out)
        with work.phase("Checking it"):
            region = Region.load(folder)
            findings = region.check()
    errors = sum(finding.level == "error" for finding in findings)
    if json:
        terminal.write_json(
            {
                "region": region.name,
                "folder": str(folder),
                "digest": region.digest(),
                "findings": len(findings),
                "errors": errors,
            }
        )
        return 1 if errors else 0
    console = terminal.stdout()
    console.print(
        Text(f"{region.label['en']}: {len(region.areas)} municipalities, {len(region.trusts)} trusts.")
    )
    console.print(Text(str(folder)), soft_wrap=True)
    if findings:
        console.print(
            Text(f"{len(findings)} findings, {errors} of them errors; see: framsyn check {out}"),
            soft_wrap=True,
        )
    return 1 if errors else 0
