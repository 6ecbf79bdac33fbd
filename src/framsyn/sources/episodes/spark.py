"""The same query where the rows already lie in a cluster: Ibis says it to Spark, and only cells come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.episodes.fields import resolve_columns
from framsyn.sources.episodes.query import cells_sql, stays_sql
from framsyn.sources.episodes.writing import engine_tables, unpack_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from framsyn.sources.episodes.mappings import Mappings

__all__ = ["spark_cells"]

# What Spark calls the types of columns, in the words of DuckDB.
_TYPES = {
    "string": "VARCHAR", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "float32": "FLOAT",
    "float64": "DOUBLE", "date": "DATE", "binary": "BLOB",
}  # fmt: skip


def spark_cells(
    session: Any,
    table: str,
    mappings: Mappings,
    until: str,
    columns: Mapping[str, str] | None = None,
    by_site: bool = False,
) -> pd.DataFrame:
    """Add a table of episodes up to cells inside Spark.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
        Yours, with the table in it; its time zone must be UTC, so that no hour moves.
    table : str
        Name of the table or view of episodes.
    mappings : Mappings
    until : str
        First day after the data, such as 2026-01-01.
    columns : mapping, optional
        Field to column, where the table's names differ.
    by_site : bool

    Returns
    -------
    DataFrame
        As in ``cells.parquet`` of :func:`~framsyn.sources.episodes.build.build_cells`: the same cells, the same order.

    Raises
    ------
    PlanError
        The extra is not installed, the time zone is another, a column is missing.
    """
    try:
        import ibis
    except ImportError as error:
        message = "adding up episodes in Spark needs the extra spark: pip install 'framsyn[spark]'."
        raise PlanError("package-missing", message, package="ibis-framework") from error
    zone = session.conf.get("spark.sql.session.timeZone")
    if zone != "UTC":
        message = (
            f"the session's time zone is {zone}; cells are counted in the hours that the rows say. "
            'Set spark.sql.session.timeZone to "UTC".'
        )
        raise PlanError("time-zone-unfit", message, got=zone, expected="UTC")
    connection = ibis.pyspark.connect(session)
    schema = connection.table(table).schema()
    found = {
        name: _TYPES.get(str(kind).lstrip("!").split("(")[0], "TIMESTAMP") for name, kind in schema.items()
    }
    chosen = resolve_columns(found, columns, table)
    views = []
    try:
        for name, frame in engine_tables(mappings, until).items():
            session.createDataFrame(frame).createOrReplaceTempView(name)
            views.append(name)
        stays = session.sql(_said(connection, stays_sql(chosen, table, until, by_site))).cache()
        stays.createOrReplaceTempView("stays")
        views.append("stays")
        packed = connection.sql(cells_sql(chosen, table, by_site), dialect="duckdb").to_pandas()
        stays.unpersist()
    finally:
        for name in views:
            session.catalog.dropTempView(name)
    return unpack_cells(packed, mappings, by_site)


def _said(connection: Any, sql: str) -> str:
    """Return a query in Spark's own words."""
    import sqlglot

    return str(sqlglot.transpile(sql, read="duckdb", write=connection.dialect)[0])
