"""The query that turns episodes into cells, in the SQL that DuckDB and (through Ibis) Spark both run.

The rules, each of them stated on the page about counting in the documentation:

- *Contacts and day treatments* are counted in the month in which they begin.
- *Inpatient episodes* of one person with at most :data:`GAP_HOURS` hours between them are one stay, whatever the units:
  a transfer is no new stay. The stay belongs to its longest episode (the first of equals) and is counted in the month in
  which it ends; one that has not ended is counted by nobody until it does.
- *Bed days* are the nights between the first day and the last, each counted in the month in which the night begins; of
  a stay that has not ended, the nights before the end of the data. A stay over New Year gives each year its own nights.
- A stay without a night is a day treatment.
- *Radiotherapy contacts of an inpatient* (care level 8) belong to the stay and are counted by nobody.
- *Age* is the year of the count less the year of birth, 105 for those who are older.

A row that breaks a rule of its own (no date, out before in, unknown codes) is counted as what it breaks, and left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AGES",
    "FAULTS",
    "FIRST_YEAR",
    "GAP_HOURS",
    "LEVELS",
    "MEASURES",
    "POINT",
    "cells_sql",
    "people_sql",
    "stays_sql",
]

GAP_HOURS = 8
FIRST_YEAR = 1900
POINT = 10_000
AGES, SEXES, AREAS, MONTHS, SITES = 106, 2, 1000, 12 * 200, 1000  # how many of each a key can tell apart
LEVELS = ("inpatient", "day", "outpatient")
MEASURES = ("stays", "bed_days", "day_treatments", "outpatient_contacts")
# Why a row cannot be counted; its number is the place here plus one.
FAULTS = (
    "no_date",
    "out_before_in",
    "unknown_care_level",
    "unknown_sex",
    "unknown_birth_year",
    "unknown_unit",
    "unknown_diagnosis",
    "radiotherapy_of_inpatient",
)
DIAGNOSIS_DECIDES, NO_UNIT = -1, -2


def cells_sql(columns: Mapping[str, str], source: str, by_site: bool = False) -> str:
    """Return the query over episodes and the tables ``diagnoses``, ``units``, ``areas``, ``months``, ``stays``.

    The tables hold: diagnoses (code, service), units (unit, site, service), areas (area, place) and months (number, first,
    next: the first day of the month and of the one after). A service of −1 in ``units`` means that the diagnosis decides.
    The result has one row per cell, whose parts are packed into one number (it groups quicker than seven columns), with the
    measures, points and episodes; and one row per fault, whose cell is the fault's number below zero.

    Parameters
    ----------
    columns : mapping of str to str
        Field to column, from :func:`~framsyn.sources.episodes.fields.resolve_columns`.
    source : str
        The table of episodes, as the engine names it.
    by_site : bool
        Whether cells tell apart at which site people were treated.
    """
    site = "site" if by_site else "0"
    level = _key("CASE WHEN care_level = 2 THEN 1 ELSE 2 END", "YEAR(came)", "MONTH(came)", site)
    beyond = AGES * SEXES * AREAS * MONTHS * SITES  # what a key holds below its level
    of_level = f"CASE WHEN c.cell >= 0 AND FLOOR(c.cell / {beyond}) % 3"
    return f"""
SELECT
  COALESCE(c.cell, i.cell) AS cell,
  CAST(COALESCE(i.stays, 0) AS BIGINT) AS stays,
  CAST(COALESCE(i.bed_days, 0) AS BIGINT) AS bed_days,
  CAST(COALESCE(i.day_treatments, 0) + {of_level} = 1 THEN c.episodes ELSE 0 END AS BIGINT) AS day_treatments,
  CAST({of_level} = 2 THEN c.episodes ELSE 0 END AS BIGINT) AS outpatient_contacts,
  (COALESCE(c.points, 0) + COALESCE(i.points, 0)) / {POINT} AS points,
  CAST(COALESCE(c.episodes, 0) + COALESCE(i.episodes, 0) AS BIGINT) AS episodes
FROM (
  SELECT cell, SUM(points) AS points, COUNT(*) AS episodes
  FROM (
    SELECT CASE WHEN fault > 0 THEN CAST(-fault AS BIGINT) ELSE {level} END AS cell, points
    FROM ({_judged(columns, source)}) AS judged
    WHERE fault > 0 OR care_level <> 1
  ) AS contacts
  GROUP BY cell
) AS c
FULL OUTER JOIN (
  SELECT
    cell, SUM(stays) AS stays, SUM(bed_days) AS bed_days, SUM(day_treatments) AS day_treatments,
    SUM(points) AS points, SUM(episodes) AS episodes
  FROM ({_inpatients()}) AS parts
  GROUP BY cell
) AS i ON c.cell = i.cell
"""


def people_sql(columns: Mapping[str, str], source: str) -> str:
    """Return the query of who was treated where and when: person and the parts of a cell, one row for each that is there.

    It is only ever counted over, inside the engine: small counts are judged by how many persons stand behind them.
    Parameters as in :func:`cells_sql`.
    """
    return f"""
SELECT DISTINCT
  person, service, CASE care_level WHEN 1 THEN 0 WHEN 2 THEN 1 ELSE 2 END AS level,
  LEAST(GREATEST(YEAR(came) - birth_year, 0), {AGES - 1}) AS age, sex - 1 AS sex, area,
  YEAR(came) AS year, MONTH(came) AS month
FROM ({_judged(columns, source)}) AS judged
WHERE fault = 0
"""


def _judged(columns: Mapping[str, str], source: str) -> str:
    """Return the rows with their codes as places, and the first fault of each."""

    def of(field: str, kind: str) -> str:
        return f'CAST(e."{columns[field]}" AS {kind})'

    diagnosis = of("diagnosis", "VARCHAR") if "diagnosis" in columns else "CAST(NULL AS VARCHAR)"
    # Whole numbers of a ten-thousandth add up to the same sum in any order and on any engine, also as floating numbers.
    points = (
        f"COALESCE(ROUND({of('points', 'DOUBLE')} * {POINT}), 0)"
        if "points" in columns
        else "CAST(0 AS DOUBLE)"
    )
    return f"""
    SELECT
      person, came, went, points, care_level, birth_year, sex, area, site,
      CASE WHEN unit_service >= 0 THEN unit_service ELSE diagnosed END AS service,
      CASE
        WHEN care_level = 8 THEN 8
        WHEN came IS NULL OR (went IS NULL AND care_level <> 1) THEN 1
        WHEN went < came THEN 2
        WHEN care_level IS NULL OR care_level NOT IN (1, 2, 3) THEN 3
        WHEN sex IS NULL OR sex NOT IN (1, 2) THEN 4
        WHEN birth_year IS NULL OR birth_year < {FIRST_YEAR - 50} OR birth_year > YEAR(came) THEN 5
        WHEN unit_service = {NO_UNIT} THEN 6
        WHEN unit_service = {DIAGNOSIS_DECIDES} AND diagnosed = -1 THEN 7
        ELSE 0
      END AS fault
    FROM (
      SELECT
        e."{columns["person"]}" AS person,
        {of("birth_year", "INTEGER")} AS birth_year,
        {of("sex", "INTEGER")} AS sex,
        {of("care_level", "INTEGER")} AS care_level,
        {of("in_time", "TIMESTAMP")} AS came,
        {of("out_time", "TIMESTAMP")} AS went,
        {points} AS points,
        COALESCE(u.service, {NO_UNIT}) AS unit_service,
        COALESCE(u.site, 0) AS site,
        COALESCE(d.service, -1) AS diagnosed,
        COALESCE(a.place, 0) AS area
      FROM {source} AS e
      LEFT JOIN units AS u ON {of("unit", "VARCHAR")} = u.unit
      LEFT JOIN diagnoses AS d ON UPPER(SUBSTRING({diagnosis}, 1, 3)) = d.code
      LEFT JOIN areas AS a ON {of("municipality", "VARCHAR")} = a.area
    ) AS episodes
    """


def stays_sql(columns: Mapping[str, str], source: str, until: str, by_site: bool = False) -> str:
    """Return the query that joins the episodes of inpatients to stays; the engine keeps its result as the table ``stays``.

    Parameters as in :func:`cells_sql`; ``until`` is the first day after the data, as 2026-01-01: nights of people who are
    still in are counted up to it.
    """
    site = "site" if by_site else "0"
    whole = "PARTITION BY person ORDER BY came, ends, who ROWS BETWEEN UNBOUNDED PRECEDING AND"
    return f"""
SELECT
  came, ends, ongoing, points, episodes,
  CAST(FLOOR(who / {1000 * SITES * AREAS * SEXES}) AS INTEGER) AS service,
  CAST(FLOOR(who / {1000 * SITES * AREAS}) % {SEXES} AS INTEGER) + 1 AS sex,
  CAST(FLOOR(who / {1000 * SITES}) % {AREAS} AS INTEGER) AS area,
  CAST(FLOOR(who / 1000) % {SITES} AS INTEGER) AS site,
  CAST(who % 1000 AS INTEGER) + {FIRST_YEAR - 100} AS birth_year
FROM (
  SELECT
    CAST(MIN(came) AS DATE) AS came, CAST(MAX(ends) AS DATE) AS ends, MAX(ongoing) AS ongoing,
    SUM(points) AS points, COUNT(*) AS episodes,
    MAX(STRUCT_PACK(
      nights := DATE_DIFF('day', CAST(came AS DATE), CAST(ends AS DATE)),
      early := DATE_DIFF('day', CAST(came AS DATE), DATE '2200-01-01') * 1440 - HOUR(came) * 60 - MINUTE(came),
      who := who
    )).who AS who
  FROM (
    SELECT person, came, ends, ongoing, who, points, SUM(begins) OVER ({whole} CURRENT ROW) AS chain
    FROM (
      SELECT *,
        CASE WHEN came <= MAX(ends) OVER ({whole} 1 PRECEDING) + INTERVAL {GAP_HOURS} HOUR THEN 0 ELSE 1 END AS begins
      FROM (
        SELECT
          person, came, points,
          COALESCE(went, GREATEST(came, CAST('{until}' AS TIMESTAMP))) AS ends,
          CASE WHEN went IS NULL THEN 1 ELSE 0 END AS ongoing,
          (((CAST(service AS BIGINT) * {SEXES} + sex - 1) * {AREAS} + area) * {SITES} + {site}) * 1000
            + birth_year - {FIRST_YEAR - 100} AS who
        FROM ({_judged(columns, source)}) AS judged
        WHERE fault = 0 AND care_level = 1
      ) AS inpatients
    ) AS marked
  ) AS chained
  GROUP BY person, chain
) AS chains
"""


def _inpatients() -> str:
    """Return rows of the table ``stays``: one for each stay, and one for each month that it has nights in."""
    later = "CAST(DATE_TRUNC('month', came) + INTERVAL 1 MONTH AS DATE)"
    return f"""
  SELECT
    CASE WHEN came = ends THEN {_key("1", "YEAR(ends)", "MONTH(ends)", "site")}
      ELSE {_key("0", "YEAR(ends)", "MONTH(ends)", "site")} END AS cell,
    CASE WHEN came = ends OR ongoing = 1 THEN 0 ELSE 1 END AS stays,
    0 AS bed_days,
    CASE WHEN came = ends AND ongoing = 0 THEN 1 ELSE 0 END AS day_treatments,
    points, episodes
  FROM stays
  UNION ALL
  SELECT
    {_key("0", "YEAR(came)", "MONTH(came)", "site")} AS cell,
    0 AS stays, DATE_DIFF('day', came, LEAST(ends, {later})) AS bed_days, 0, 0 AS points, 0 AS episodes
  FROM stays
  WHERE came < ends
  UNION ALL
  SELECT
    {_key("0", "YEAR(m.first)", "MONTH(m.first)", "site")} AS cell,
    0 AS stays, DATE_DIFF('day', m.first, LEAST(ends, m.next)) AS bed_days, 0, 0 AS points, 0 AS episodes
  FROM (SELECT * FROM stays WHERE ends > {later}) AS crossing
  JOIN months AS m ON m.first >= {later} AND m.first < ends
"""


def _key(level: str, year: str, month: str, site: str) -> str:
    """Return the expression that packs the parts of a cell into one number."""
    return f"""((((((CAST(service AS BIGINT) * 3 + {level}) * {AGES}
      + LEAST(GREATEST({year} - birth_year, 0), {AGES - 1})) * {SEXES}
      + sex - 1) * {AREAS} + area) * {MONTHS}
      + ({year} - {FIRST_YEAR}) * 12 + {month} - 1) * {SITES} + {site})"""
