"""Taking tables into a region: what would change, whether the region would still be one, and then all of it or nothing."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.region.build import swap_folder
from framsyn.region.difference import Change, compare_tables
from framsyn.region.own.files import frame_of, refuse_shipped
from framsyn.region.own.given import CellError
from framsyn.region.own.reading import Reading, given_in, read_all
from framsyn.region.own.sources import SOURCES, merged_sources
from framsyn.region.package import with_changed_tables, write_descriptor
from framsyn.region.schema import Table, tables

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.region.check import Finding
    from framsyn.region.region import Region

__all__ = ["Proposal", "propose", "take_in"]

NEEDED = ("borders.geojson", "levers.toml")
"""Entries of a region beside its tables that its check reads."""


@dataclass
class Proposal:
    """What taking files into a region would do.

    Attributes
    ----------
    folder : Path
        Of the region.
    changes : list of Change
    errors : list of CellError
        Empty where the files may be taken in.
    notices : list of str
        How files were read, and what is left as it is.
    findings : list of Finding
        What the check of the region would find that it does not find now.
    rows : dict of str to int
        Rows read, by table.
    """

    folder: Path
    changes: list[Change] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    texts: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    sources: list[dict[str, Any]] = field(default_factory=list, repr=False)
    descriptor: dict[str, Any] = field(default_factory=dict, repr=False)
    stamp: str = ""
    """Digest of the region that the proposal was made for."""


def propose(path: Path, region: Region, *, replace: bool = False) -> Proposal:
    """Read files and tell what taking them in would change; nothing is written to the region.

    A row is known by its key: one that is there is changed, another is added. A row that the files lack stays, unless
    ``replace`` takes it out of each table that has rows in the files.

    Parameters
    ----------
    path : Path
        A workbook, a CSV or Parquet file, or a folder of those.
    region : Region
    replace : bool

    Returns
    -------
    Proposal
        With every error by its cell; the strict reader has tried the result.

    Raises
    ------
    PlanError
        A file cannot be opened at all.
    """
    proposal = Proposal(region.folder, stamp=_stamp(region.folder))
    reading = read_all(given_in(path), _known(region))
    proposal.errors, proposal.notices = reading.errors, reading.notices
    proposal.descriptor, proposal.sources = region.descriptor, region.descriptor["sources"]
    origins: dict[str, list[int | None]] = {}
    for name, frame in reading.frames.items():
        proposal.rows[name] = len(reading.given[name].rows)
        if frame.empty:
            continue
        table = reading.given[name].table
        before = frame_of(region, table)
        after, stay = _after(table, before, frame, replace and name != SOURCES.name)
        if stay:
            proposal.notices.append(
                f"{reading.given[name].place}: {stay} rows of the region are not in it; they stay as they are."
            )
        changes = compare_tables(table, before, after)
        if not changes:
            continue
        proposal.changes.extend(changes)
        if name == SOURCES.name:
            rows = [
                {str(column): str(text) for column, text in row.items()} for row in after.to_dict("records")
            ]
            proposal.sources = merged_sources(region.descriptor, rows)
        else:
            raw = _raw(region.folder, table)
            proposal.texts[name], origins[name] = _as_text(table, raw, before, frame, replace)
    if not proposal.errors and proposal.changes:
        _try(proposal, region, reading, origins)
    return proposal


def take_in(proposal: Proposal) -> Path:
    """Change the region as proposed, in one stroke.

    Raises
    ------
    PlanError
        ``region-shipped``; ``has-errors``; ``region-moved`` where others have changed the region since.
    """
    folder = proposal.folder.resolve()
    refuse_shipped(folder)
    if proposal.errors:
        raise PlanError(
            "has-errors",
            f"{len(proposal.errors)} cells are wrong; nothing was written. Mend them and try again.",
            errors=len(proposal.errors),
        )
    if not proposal.changes:
        return folder
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh.chmod(folder.stat().st_mode)
        _build(proposal, fresh)
        from framsyn.region.region import Region

        Region.load(fresh)  # the strict reader has the last word before anything is replaced
        if _stamp(folder) != proposal.stamp:
            raise PlanError(
                "region-moved",
                f"{folder}: somebody has changed this region meanwhile; nothing was written. Look at the difference again.",
                folder=str(folder),
            )
        swap_folder(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _known(region: Region) -> dict[str, tuple[str, ...]]:
    known = {"@sources": tuple(region.sources), "@periods": tuple(region.periods)}
    for table in tables().values():
        if len(table.key) == 1 and table.field(table.key[0]).type == "string":
            known[f"@{table.name}.{table.key[0]}"] = tuple(region.table(table.name)[table.key[0]])
    return known


def _keys(table: Table, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(zip(*(frame[name].tolist() for name in table.key), strict=True))


def _after(
    table: Table, before: pd.DataFrame, given: pd.DataFrame, replace: bool
) -> tuple[pd.DataFrame, int]:
    """Typed rows of a table once the given ones are in it, and how many stay that were not given."""
    import pandas as pd

    if replace:
        return given, 0
    there = set(_keys(table, given))
    stays = [key not in there for key in _keys(table, before)]
    return pd.concat([given, before.loc[stays, table.columns]], ignore_index=True), sum(stays)


def _raw(folder: Path, table: Table) -> pd.DataFrame:
    import pandas as pd

    path = folder / "tables" / f"{table.name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8", index_col=False)


def _as_text(
    table: Table, raw: pd.DataFrame, before: pd.DataFrame, given: pd.DataFrame, replace: bool
) -> tuple[pd.DataFrame, list[int | None]]:
    """The table as its file will have it, and which given row each of its rows is.

    Rows keep their place and cells that did not change their writing, so that a small change is a small difference of
    the file; new rows come last.
    """
    import pandas as pd

    place = {key: row for row, key in enumerate(_keys(table, given))}
    new = {name: given[name].tolist() for name in table.columns}
    old = {name: before[name].tolist() for name in table.columns}
    lines: list[list[str]] = []
    origin: list[int | None] = []
    written = {name: raw[name].tolist() for name in table.columns}
    for row, key in enumerate(_keys(table, before)):
        at = place.pop(key, None)
        if at is None and replace:
            continue
        origin.append(at)
        lines.append(
            [
                written[name][row]
                if at is None or _text(new[name][at]) == _text(old[name][row])
                else _text(new[name][at])
                for name in table.columns
            ]
        )
    for at in place.values():
        origin.append(at)
        lines.append([_text(new[name][at]) for name in table.columns])
    return pd.DataFrame(lines, columns=table.columns, dtype=object), origin


def _text(value: Any) -> str:
    """A value as a table writes it: the shortest text that is read as the same number, nothing for a blank one."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return str(value)


def _build(proposal: Proposal, fresh: Path) -> None:
    """Write the region as it would be, apart from entries that nothing here reads."""
    (fresh / "tables").mkdir()
    for name in tables():
        path = fresh / "tables" / f"{name}.csv"
        if name in proposal.texts:
            proposal.texts[name].to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        else:
            shutil.copyfile(proposal.folder / "tables" / path.name, path)
    for name in NEEDED:
        if (proposal.folder / name).is_file():
            shutil.copyfile(proposal.folder / name, fresh / name)
    named = {
        name: [key for key in dict.fromkeys(frame["source"]) if key] if "source" in frame else []
        for name, frame in proposal.texts.items()
    }
    descriptor = with_changed_tables(proposal.descriptor, fresh, named, proposal.sources)
    write_descriptor(descriptor, fresh / "datapackage.json")


def _try(proposal: Proposal, region: Region, reading: Reading, origins: dict[str, list[int | None]]) -> None:
    """Let the strict reader and the checks across tables look at the result, in a folder that is thrown away."""
    from framsyn.region.region import Region as Loaded

    with tempfile.TemporaryDirectory(prefix="framsyn-") as work:
        fresh = Path(work) / "region"
        fresh.mkdir()
        _build(proposal, fresh)
        try:
            loaded = Loaded.load(fresh)
            findings = loaded.check()
        except PlanError as error:
            proposal.errors.append(_at_its_cell(error, reading, origins))
            return
    known = {(finding.table, finding.message) for finding in region.check()}
    proposal.findings = [one for one in findings if (one.table, one.message) not in known]


def _at_its_cell(error: PlanError, reading: Reading, origins: dict[str, list[int | None]]) -> CellError:
    """An error of the strict reader, told at the given cell where it is one, else at the table."""
    name = str(error.data.get("file", "")).rpartition(".")[0]
    row = error.data.get("row")
    given = reading.given.get(name)
    place, cell = (given.place if given else f"table {name}" if name else "region"), ""
    if given is not None and isinstance(row, int) and 0 <= row - 2 < len(origins.get(name, [])):
        at = origins[name][row - 2]
        if at is not None:
            column = str(error.data.get("column") or given.table.key[0])
            cell = given.cell(reading.rows_at[name][at], column)
    message = error.message.partition(": ")[2] or error.message
    return CellError(
        place, cell, error.code, "rows that do not fit together", "a region that adds up", message
    )


def _stamp(folder: Path) -> str:
    sums = hashlib.sha256()
    for name in ("datapackage.json", *(f"tables/{name}.csv" for name in tables())):
        sums.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return sums.hexdigest()
