"""From a file of episodes to a private folder of cells, all or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.sources.episodes.export import read_level
from framsyn.sources.episodes.mappings import Mappings, mappings_of
from framsyn.sources.episodes.opening import engine, opened, parquet_files, run
from framsyn.sources.episodes.query import GAP_HOURS, cells_sql, people_sql, stays_sql
from framsyn.sources.episodes.writing import Report, engine_tables, write_cells, write_people

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from framsyn.region import Region

__all__ = ["build_cells"]

RULES = "1"  # of counting; a change of a rule is a new number


def build_cells(
    source: Path,
    region: Region,
    out: Path,
    *,
    columns: Mapping[str, str] | None = None,
    mappings: Mappings | None = None,
    until: str = "",
    by_site: bool = False,
    people: Sequence[Sequence[str]] = (),
    memory: str = "2GB",
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Add a Parquet file of episodes up to cells, and keep them in a folder that its owner alone can read.

    Parameters
    ----------
    source : Path
        A Parquet file, or a folder of them.
    region : Region
    out : Path
        Folder for ``cells.parquet``, ``quality.json`` and ``manifest.json``; it must not exist, or hold cells made before.
    columns : mapping, optional
        Field to column, where the file's names differ.
    mappings : Mappings, optional
        The region's own if left out.
    until : str
        First day after the data (2026-01-01); the day after the last date in the data if left out.
    by_site : bool
        Whether cells tell apart at which site people were treated.
    people : sequence of sequence of str
        Levels (such as service, area, year) at which persons are counted too; exports at these levels are judged by them.
    memory : str
        What the query may hold in memory; the rest goes to the disk, beside ``out``, and is removed.
    threads : int, optional
    progress : callable, optional
        Called with what is being done.

    Returns
    -------
    Report

    Raises
    ------
    PlanError
        The file cannot be read, a column is missing, the folder holds something else, the disk is full.
    """
    levels = [read_level(level) for level in people]
    files = parquet_files(source)
    refuse_other_folder(out)
    say = progress or (lambda _: None)
    mappings = mappings or mappings_of(region)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))  # made for its owner alone
    try:
        with engine(work / "spill", memory, threads) as connection:
            raw, rows, chosen, until = opened(connection, files, columns, until, source.name)
            for name, frame in engine_tables(mappings, until).items():
                connection.register(f"given_{name}", frame)
                run(connection, f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
            say("Joining episodes to stays")
            run(connection, f"CREATE TABLE stays AS {stays_sql(chosen, raw, until, by_site)}", source.name)
            say("Counting")
            run(connection, f"CREATE TABLE packed AS {cells_sql(chosen, raw, by_site)}", source.name)
            say("Writing")
            kept = work / "kept"
            kept.mkdir(mode=0o700)
            report = write_cells(connection, kept, mappings, rows, by_site)
            for level in levels:
                say(f"Counting persons by {', '.join(level)}")
                write_people(connection, kept, people_sql(chosen, raw), level, source.name)
        manifest = {
            "rules": RULES,
            "gap_hours": GAP_HOURS,
            "region": region.name,
            "mappings": mappings.version,
            "by_site": by_site,
            "until": until,
            "columns": chosen,
            "source": {
                "name": source.name,
                "files": len(files),
                "bytes": sum(f.stat().st_size for f in files),
            },
        }
        for name, content in (("quality", vars(report)), ("manifest", manifest)):
            (kept / f"{name}.json").write_text(
                json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        for path in kept.iterdir():
            path.chmod(0o600)
        replace_folder(kept, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


def refuse_other_folder(out: Path) -> None:
    """Refuse to put cells where something else lies."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        message = f"{out}: this is no folder. Give the name of a new folder."
        raise PlanError("target-unfit", message, folder=str(out))
    if out.exists():
        held = {path.name for path in out.iterdir()}
        ours = {name for name in held if name.startswith("people-") and name.endswith(".parquet")}
        if not held - ours <= {"cells.parquet", "quality.json", "manifest.json"}:
            message = (
                f"{out}: the folder holds something else ({sorted(held)[0]}). Give the name of a new folder."
            )
            raise PlanError("target-unfit", message, folder=str(out), got=sorted(held)[:5])


def replace_folder(new: Path, out: Path) -> None:
    """Put a finished folder in the place of the old one."""
    if out.exists():
        old = new.parent / "old"
        out.rename(old)
        try:
            new.rename(out)
        except OSError:
            old.rename(out)
            raise
    else:
        new.rename(out)
