"""A table as Parquet: read within limits, so that a small file cannot fill the memory."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.region.own.given import Given, place_columns, table_of

if TYPE_CHECKING:
    from framsyn.region.schema import Table

__all__ = ["read_columnar"]

MOST_ROWS = 5_000_000
MOST_COLUMNS = 200
MOST_UNPACKED = 2**30
"""Bytes of all columns, as the file tells of itself."""


def read_columnar(content: bytes, name: str) -> Given:
    """Read a table from a Parquet file.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file; without its ending the name of the table.

    Raises
    ------
    PlanError
        ``damaged``, ``hostile``, ``unknown-table``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        _refuse_large(file.metadata, name)
        heads = [str(head) for head in file.schema_arrow.names]
        table = table_of(name.rpartition(".")[0] or name, heads, name)
        given = Given(table, name, [], [])
        given.errors.extend(place_columns(table, heads, name, "row 1"))
        if given.errors:
            return given
        read = file.read()
        columns = {head: read.column(head).to_pylist() for head in table.columns}
    except PlanError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError, OverflowError) as error:
        raise PlanError(
            "damaged",
            f"{name}: not readable as Parquet ({str(error).splitlines()[0][:120] if str(error) else 'damaged'}). "
            "Write it again.",
            file=name,
        ) from error
    given.rows = _rows(table, columns)
    given.numbers = list(range(1, len(given.rows) + 1))
    return given


def _refuse_large(facts: Any, name: str) -> None:
    unpacked = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
    if facts.num_rows > MOST_ROWS or facts.num_columns > MOST_COLUMNS or not 0 <= unpacked <= MOST_UNPACKED:
        raise PlanError(
            "hostile",
            f"{name}: the file says that it holds {facts.num_rows} rows in {facts.num_columns} columns and {unpacked} "
            "bytes, far more than a region's table. It was not read. Export the table again and change that.",
            file=name,
        )


def _rows(table: Table, columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    plain = {name: [_plain(value) for value in columns[name]] for name in table.columns}
    return [
        dict(zip(table.columns, values, strict=True))
        for values in zip(*(plain[name] for name in table.columns), strict=True)
    ]


def _plain(value: Any) -> Any:
    """A decimal as a number, and a missing number, which some programs write as NaN, as a blank."""
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and value != value else value
