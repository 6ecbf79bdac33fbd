"""Opening a table of episodes: whole files, known columns, one engine of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from framsyn.errors import PlanError
from framsyn.sources.episodes.fields import resolve_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["engine", "opened", "parquet_files", "run"]


def parquet_files(source: Path) -> list[Path]:
    """Return the Parquet files of a source, or say what is wrong with it."""
    files = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    if not files or not all(path.is_file() for path in files):
        message = (
            f"{source}: no Parquet file there. Give a file, or a folder that holds files named *.parquet."
        )
        raise PlanError("file-missing", message, file=str(source))
    for path in files:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0, os.SEEK_END)
            size = file.tell()
            file.seek(max(size - 4, 0))
            end = file.read(4)
        if start != b"PAR1" or end != b"PAR1" or size < 12:
            message = (
                f"{path.name}: this is no whole Parquet file (it must begin and end with PAR1). Copy it again, or write it "
                "anew."
            )
            raise PlanError("file-unreadable", message, file=path.name)
    return files


def engine(spill: Path, memory: str, threads: int | None) -> Any:
    """Return a connection of its own, which reads no extension and writes nowhere but to its folder."""
    try:
        import duckdb
    except ImportError as error:
        message = "adding up episodes needs the extra microdata: pip install 'framsyn[microdata]'."
        raise PlanError("package-missing", message, package="duckdb") from error
    settings: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads:
        settings["threads"] = str(threads)
    try:
        return duckdb.connect(str(spill.parent / "cells.duckdb"), config=settings)
    except duckdb.Error as error:
        message = f'the memory limit "{memory}" is not understood. Write it as 2GB or 800MB.'
        raise PlanError("memory-limit-unfit", message, got=memory) from error


def opened(
    connection: Any, files: list[Path], given: Mapping[str, str] | None, until: str, name: str
) -> tuple[str, int, dict[str, str], str]:
    """Open the source: the table's name, its rows, its columns by field, and the first day after its data."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    run(connection, f"CREATE VIEW raw AS SELECT * FROM read_parquet([{listed}])", name)
    refuse_twins(files[0], name)
    found = {row[0]: row[1] for row in run(connection, "DESCRIBE raw", name)}
    chosen = resolve_columns(found, given, name)
    rows = int(run(connection, "SELECT COUNT(*) FROM raw", name)[0][0])
    if not rows:
        message = f"{name}: there is no row. Give a file that holds episodes."
        raise PlanError("file-empty", message, file=name)
    if until:
        try:
            until = str(pd.Timestamp(until).date())
        except ValueError as error:
            message = f'until is "{until}"; expected a date, such as 2026-01-01.'
            raise PlanError("date-unfit", message, got=until) from error
    else:
        moments = ", ".join(f'MAX(CAST("{chosen[field]}" AS TIMESTAMP))' for field in ("in_time", "out_time"))
        last = run(connection, f"SELECT GREATEST({moments}) FROM raw", name)[0][0]
        until = str((pd.Timestamp(last) + pd.Timedelta(days=1)).date()) if last is not None else "2000-01-01"
    return "raw", rows, chosen, until


def refuse_twins(path: Path, name: str) -> None:
    """Refuse columns whose names differ in capitals alone: the engine would silently take one of them."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        columns = parquet.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        message = f"{name}: cannot be read: {first_line(error)} Copy the file again, or write it anew."
        raise PlanError("file-unreadable", message, file=name) from error
    folded = [column.lower() for column in columns]
    twins = sorted({column for column in columns if folded.count(column.lower()) > 1})
    if twins:
        message = (
            f"{name}: the columns {', '.join(twins)} have the same name but for capitals. Keep one of them."
        )
        raise PlanError("column-twice", message, file=name, got=twins)


def run(connection: Any, sql: str, name: str = "") -> list[tuple[Any, ...]]:
    """Run a query to its end and return its rows; tell a fault of the data as one."""
    import duckdb

    try:
        return connection.execute(sql).fetchall()
    except duckdb.ConversionException as error:
        message = f"{name}: a value cannot be read as what its column holds: {first_line(error)}"
        raise PlanError("value-unfit", message, file=name) from error
    except duckdb.OutOfMemoryException as error:
        message = f"{name}: the memory limit is too small for this table. Give more, such as --memory 4GB."
        raise PlanError("memory-limit-unfit", message, file=name) from error
    except duckdb.Error as error:  # broken files come as errors of many kinds
        message = f"{name}: cannot be read: {first_line(error)} Copy the file again, or write it anew."
        raise PlanError("file-unreadable", message, file=name) from error


def first_line(error: Exception) -> str:
    """Return what an error of the engine says, without its trace."""
    return str(error).strip().splitlines()[0][:300]
