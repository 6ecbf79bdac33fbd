"""``framsyn region template | export | import | copy``: a region's tables out to a spreadsheet, and own figures back in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region.own.taking_in import Proposal

__all__ = ["copy", "export", "take_in", "template"]

SHOWN = 40
TablesArgument = Annotated[str, Parameter(help="Tables, such as beds staff; all if left out.")]
LanguageOption = Annotated[Literal["nb", "nn", "en"], Parameter(help="Of heads and explanations.")]
ForceOption = Annotated[bool, Parameter(help="Replace a file that is there.")]


def template(
    *tables: TablesArgument,
    out: Annotated[Path, Parameter(help="The workbook (.xlsx).")],
    region: Annotated[
        str, Parameter(help="Region whose codes cells offer: a name that comes along, or a folder.")
    ] = "midt-norge",
    filled: Annotated[bool, Parameter(help="With the rows of the region.")] = False,
    language: LanguageOption = "nb",
    force: ForceOption = False,
) -> int:
    """Write a workbook to fill in."""
    _need_workbook(out)
    _workbook(out, region, tables, language, filled=filled, force=force)
    _say(f"{out}: written. Fill it in, then: framsyn region import {out} --region FOLDER")
    return 0


def export(
    region: Annotated[str, Parameter(help="Name of a region that comes along, or a folder.")],
    /,
    *tables: TablesArgument,
    out: Annotated[Path, Parameter(help="A workbook (.xlsx), or a new folder for files.")],
    kind: Annotated[
        Literal["csv", "parquet"], Parameter(name="--format", help="Of the files in a folder.")
    ] = "csv",
    language: LanguageOption = "nb",
    force: ForceOption = False,
) -> int:
    """Write the tables of a region as a workbook, or as files of a folder."""
    if out.suffix.lower() == ".xlsx":
        _workbook(out, region, tables, language, filled=True, force=force)
    elif out.suffix:
        _need_workbook(out)
    else:
        from framsyn.region import Region
        from framsyn.region.own.files import chosen_tables, export_files

        chosen = chosen_tables(tables)
        with Work() as work, work.phase(f"Writing {out}"):
            export_files(Region.load(region), chosen, out, kind, force=force)
    _say(f"{out}: written. Change it, then: framsyn region import {out} --region FOLDER")
    return 0


def take_in(
    file: Annotated[Path, Parameter(help="A workbook, a CSV or Parquet file, or a folder of those.")],
    /,
    *,
    region: Annotated[str, Parameter(help="Folder of the region; a dry run may name one that comes along.")],
    write: Annotated[bool, Parameter(help="Change the region; without it nothing is written.")] = False,
    replace: Annotated[
        bool, Parameter(help="Take rows out of a table that the file has rows of, but not these.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Show what files would change in a region, and every cell that is wrong; with --write, change it."""
    from framsyn.region import Region
    from framsyn.region.own import taking_in
    from framsyn.region.own.files import refuse_shipped

    with Work() as work:
        with work.phase(f"Reading {region}"):
            loaded = Region.load(region)
        if write:
            refuse_shipped(loaded.folder)  # before any work
        with work.phase(f"Reading {file}"):
            proposal = taking_in.propose(file, loaded, replace=replace)
        done = write and not proposal.errors
        if done and proposal.changes:
            with work.phase(f"Writing {loaded.folder}"):
                taking_in.take_in(proposal)
    if json:
        terminal.write_json(_as_data(file, proposal, done=done))
    else:
        _tell(file, proposal, done=done)
    return 1 if proposal.errors else 0


def copy(
    name: Annotated[str, Parameter(help="Name of a region that comes along, or a folder.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="A new folder.")],
) -> int:
    """Copy a region to a folder of your own."""
    from framsyn.region import Region
    from framsyn.region.own.files import copy_region

    with Work() as work, work.phase(f"Copying {name}"):
        copy_region(Region.load(name), out)
    _say(f"{out}: a region of your own. Look at it with: framsyn check {out}")
    return 0


def _need_workbook(out: Path) -> None:
    from framsyn.errors import PlanError

    if out.suffix.lower() != ".xlsx":
        message = (
            f"{out}: expected a name that ends with .xlsx. Nothing was written. Write --out {out.stem}.xlsx."
        )
        raise PlanError("not-a-workbook", message, got=out.suffix, expected=".xlsx")


def _workbook(
    out: Path, region: str, tables: Sequence[str], language: str, *, filled: bool, force: bool
) -> None:
    from framsyn.region import Region
    from framsyn.region.own.files import chosen_tables, write_whole
    from framsyn.report.own_data import write_own_data

    chosen_tables(tables)  # a wrong name is told before any work
    with Work() as work, work.phase(f"Writing {out}"):
        loaded = Region.load(region)
        write_whole(
            out, lambda path: write_own_data(path, loaded, tables, language, filled=filled), force=force
        )


def _as_data(file: Path, proposal: Proposal, *, done: bool) -> dict[str, Any]:
    from framsyn.region.difference import summarise

    return {
        "file": str(file),
        "region": str(proposal.folder),
        "done": done,
        "rows": proposal.rows,
        "counts": summarise(proposal.changes),
        "errors": [vars(error) | {"message": str(error)} for error in proposal.errors],
        "notices": proposal.notices,
        "findings": [vars(finding) for finding in proposal.findings],
        "changes": [change.as_dict() for change in proposal.changes],
    }


def _tell(file: Path, proposal: Proposal, *, done: bool) -> None:
    """Tell wrong cells, how files were read, the first differences by key, and the counts."""
    from framsyn.region.difference import summarise

    for error in proposal.errors[:SHOWN]:
        _say(str(error))
    if len(proposal.errors) > SHOWN:
        _say(f"… and {len(proposal.errors) - SHOWN} cells more (--json tells all)")
    for notice in proposal.notices:
        _say(notice)
    for finding in proposal.findings:
        where = finding.table if finding.row is None else f"{finding.table} row {finding.row}"
        _say(f"The check would find ({finding.level}): {where}: {finding.message}")
    for change in proposal.changes[:SHOWN]:
        key = ", ".join(f"{name} {value}" for name, value in change.key.items())
        if change.kind == "changed":
            _say(f"{change.table}, {key}: {change.column} {_short(change.before)} → {_short(change.after)}")
        else:
            whole = change.after if change.kind == "added" else change.before
            _say(
                f"{change.table}, {key}: {change.kind} ({', '.join(f'{k} {_short(v)}' for k, v in whole.items())})"
            )
    if len(proposal.changes) > SHOWN:
        _say(f"… and {len(proposal.changes) - SHOWN} differences more (--json tells all)")
    for table, counts in summarise(proposal.changes).items():
        _say(f"{table}: {', '.join(f'{count} {kind}' for kind, count in counts.items() if count)}")
    rows = f"{sum(proposal.rows.values())} rows of {len(proposal.rows)} tables read"
    if proposal.errors:
        many = len(proposal.errors)
        end = f"{many} {'cell is' if many == 1 else 'cells are'} wrong; nothing was written."
    elif not proposal.changes:
        end = "nothing differs from the region."
    else:
        end = "all of it is written." if done else "nothing was written; add --write to do it."
    _say(f"{file}: {rows}; {end}")


def _short(value: Any) -> str:
    words = "–" if value in (None, "") else " ".join(str(value).split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _say(words: str) -> None:
    terminal.stdout().print(Text(words), soft_wrap=True)
