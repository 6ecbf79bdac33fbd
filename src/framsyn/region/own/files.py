"""Tables out as CSV or Parquet, and a whole region as a folder of one's own."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.region.own.given import known_tables
from framsyn.region.own.sources import SOURCES, source_rows

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.region.region import Region
    from framsyn.region.schema import Table

__all__ = [
    "chosen_tables",
    "copy_region",
    "export_files",
    "frame_of",
    "is_shipped",
    "refuse_shipped",
    "write_whole",
]


def chosen_tables(names: Sequence[str]) -> list[Table]:
    """The tables of these names in the order of a region, the sources among them; all if none is named.

    Raises
    ------
    PlanError
        ``unknown-table``.

    Examples
    --------
    >>> [table.name for table in chosen_tables(["staff", "beds"])]
    ['sources', 'beds', 'staff']
    """
    known = known_tables()
    for name in names:
        if name not in known:
            raise PlanError(
                "unknown-table",
                f"no table {name!r} in a region; expected some of {', '.join(known)}. Mend the name.",
                got=name,
                expected=list(known),
            )
    # A row names its source: so a table never travels without them.
    return [table for table in known.values() if not names or table.name in (SOURCES.name, *names)]


def frame_of(region: Region, table: Table) -> pd.DataFrame:
    """Typed rows of a table of a region, its sources as a table too."""
    import pandas as pd

    if table.name != SOURCES.name:
        return region.table(table.name)
    return pd.DataFrame(source_rows(region.descriptor), columns=table.columns, dtype=object)


def write_whole(path: Path, write: Callable[[Path], None], *, force: bool) -> None:
    """Write a file or a folder under another name beside its target, and put it in place when all went well.

    Parameters
    ----------
    path : Path
    write : callable
        Is given the name to write to; a folder is made by it.
    force : bool
        Whether a file that is there may be replaced; a folder is never.

    Raises
    ------
    PlanError
        ``target-exists``.
    """
    target = Path(os.path.abspath(path))  # noqa: PTH100 -- a link is replaced and not followed
    if path.is_symlink() or path.is_dir() or (path.exists() and not force):
        way_out = (
            "Name another."
            if path.is_dir() or path.is_symlink()
            else "Name another, or add --force to replace it."
        )
        raise PlanError(
            "target-exists",
            f"{path}: this is there already and may hold your work. {way_out}",
            file=str(path),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        write(work / target.name)
        (work / target.name).replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def export_files(
    region: Region, tables: Sequence[Table], folder: Path, kind: str, *, force: bool = False
) -> None:
    """Write tables as files of a new folder.

    Parameters
    ----------
    region : Region
    tables : sequence of Table
    folder : Path
        Must not exist.
    kind : {"csv", "parquet"}

    Raises
    ------
    PlanError
        ``target-exists``.
    """

    def write(target: Path) -> None:
        target.mkdir()
        for table in tables:
            path = target / f"{table.name}.{kind}"
            if kind == "parquet":
                _write_parquet(region, table, path)
            elif table.name == SOURCES.name:
                frame_of(region, table).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
            else:
                shutil.copyfile(region.folder / "tables" / path.name, path)

    write_whole(folder, write, force=force)


def _write_parquet(region: Region, table: Table, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = frame_of(region, table)
    types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    fields, columns = [], []
    for field in table.fields:
        kind = types[field.type]
        said = {"description": field.description} | ({"unit": field.unit} if field.unit else {})
        fields.append(pa.field(field.name, kind, metadata=said))
        columns.append(pa.array(frame[field.name].tolist(), type=kind, from_pandas=True))
    schema = pa.schema(fields, metadata={"title": table.title, "description": table.description})
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), path, compression="zstd")


def is_shipped(folder: Path) -> bool:
    """Tell whether a folder is one of the regions that come along with the program.

    >>> from framsyn.region import Region
    >>> is_shipped(Region.load("midt-norge").folder), is_shipped(Path("my-region"))
    (True, False)
    """
    shipped = (Path(str(resources.files("framsyn"))) / "regions").resolve()
    return folder.resolve().is_relative_to(shipped)


def refuse_shipped(folder: Path) -> None:
    """Refuse to write into a region that comes along with the program."""
    if is_shipped(folder):
        raise PlanError(
            "region-shipped",
            f"{folder.name}: this region comes along with the program and is never written to. Make a copy with "
            f"`framsyn region copy {folder.name} --out my-region`, and name that.",
            region=folder.name,
        )


def copy_region(region: Region, out: Path) -> Path:
    """Copy a region to a folder of one's own, whole or not at all.

    Parameters
    ----------
    region : Region
    out : Path
        Must not exist.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    PlanError
        ``target-exists``, ``region-shipped``.
    """
    refuse_shipped(out.parent if not out.exists() else out)

    def write(target: Path) -> None:
        shutil.copytree(region.folder, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        for path in (target, *target.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)  # an installed package may be for reading alone

    write_whole(out, write, force=False)
    return out
