"""Read the export of the national quality indicators (NKI) of the Norwegian Directorate of Health.

The export is taken by hand: helsedirektoratet.no → Statistikk → Nasjonale kvalitetsindikatorer → Eksport av data fra NKI, an
embedded report from which the rows that were chosen are saved as CSV ("Summerte data"). No interface of it is documented:
:func:`export` fetches a file that somebody has put at an address, and says so where it meets the page itself;
:func:`read_indicators` reads one from disk.

Read for this: a description of that export and a pattern of it in a public project (``KoMAr38/vv-ventetid``,
``powerbi/NKI_EKSPORT.md`` and ``data/manuell``): headings ``Tidsperiode, Kvalitetsindikator, Måltall, Lokasjon, Verdi,
Sektor, Nivå, QualityIndicatorID, LocationId``; periods as 2024 or 2024T1; values as 227, 1,06 or 69,0%; a comma or a
semicolon between; UTF-8. A file that was opened and saved in a spreadsheet comes in Windows-1252. No export of our own could
be taken where this was written. The licence of the data is not stated where they were read: ask the Directorate before they
are published anew.

A blank value may be hidden (few patients) or never reported; the export does not say which, so it is "missing" (``..``).
"""

from __future__ import annotations

import csv
import io
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.sources.shapes import changed

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.fetching import Fetcher

__all__ = ["BASE", "COLUMNS", "export", "read_indicators"]

# The page on which the export is taken by hand; a health authority that keeps the file somewhere gives that address.
BASE = (
    "https://www.helsedirektoratet.no/statistikk/kvalitetsindikatorer/"
    "eksport-av-data-fra-de-nasjonale-kvalitetsindikatorene-nki"
)
# Our column, its heading, other headings that have been seen or that say the same, and whether a file must have it.
HEADINGS: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("period", "Tidsperiode", ("Periode",), True),
    ("indicator", "Kvalitetsindikator", ("Indikator",), True),
    ("measure", "Måltall", ("Måltallnavn",), True),
    ("location", "Lokasjon", ("Helseforetak/Kommune/Sykehus", "Enhet"), True),
    ("value", "Verdi", (), True),
    ("sector", "Sektor", (), False),
    ("level", "Nivå", (), False),
    ("indicator_id", "QualityIndicatorID", ("QualityIndicatorId",), False),
    ("location_id", "LocationId", ("LocationID",), False),
)
COLUMNS = [
    "period",
    "year",
    "term",
    "indicator_id",
    "indicator",
    "measure",
    "location_id",
    "location",
    "sector",
    "level",
    "value",
    "unit",
    "status",
]
KEYS = ["period", "indicator_id", "indicator", "measure", "location_id", "location", "sector", "level"]
SIGNS = {":": ":", "k": ":", "*": ":", "..": "..", "...": "..", ".": ".", "-": "."}
_PERIOD = re.compile(r"^(\d{4})(?:\s?[Tt]([1-3]))?$")
_NUMBER = re.compile(r"^-?\d+(?:[.,]\d+)?$")
MOST_BYTES = 100 * 1024 * 1024


def export(fetcher: Fetcher, *, base: str = BASE) -> pd.DataFrame:
    """Return the indicators of an export that lies at an address; columns and errors as :func:`read_indicators`.

    Raises
    ------
    PlanError
        As the fetcher; ``source-changed`` if a web page is there, as at the Directorate's own address.
    """
    content = fetcher.get_bytes(base, source="hdir")
    if content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype html", b"<html")):
        message = (
            f"hdir: {base} is a web page and no export. Open it, choose the indicators, take Eksporter data → Summerte "
            "data → CSV, and give the file."
        )
        raise PlanError("source-changed", message, source="hdir", url=base, expected="CSV")
    return read_indicators(content, base.rsplit("/", 1)[-1] or base)


def read_indicators(content: bytes, name: str = "nki_eksport.csv") -> pd.DataFrame:
    r"""Read an export.

    Parameters
    ----------
    content : bytes
        CSV; semicolon, tab or comma between; decimal comma or point; UTF-8 (with a byte order mark or not) or Windows-1252.
    name : str
        Named in errors.

    Returns
    -------
    DataFrame
        ``period`` as written, ``year``, ``term`` (1–3, 0 for the whole year), ``indicator_id``, ``indicator``, ``measure``,
        ``location_id``, ``location``, ``sector``, ``level``, ``value`` (NaN without a number), ``unit`` ("%" or blank: the
        measure says what is counted), ``status`` ("" known, ":" hidden, "." not applicable, ".." missing).

    Raises
    ------
    PlanError
        ``file-unreadable``, ``source-changed`` (a heading is gone or another), ``period-unfit``, ``number-unfit``,
        ``row-twice``, ``source-too-large``

    >>> text = "Tidsperiode;Kvalitetsindikator;Måltall;Lokasjon;Verdi\n2024T1;Fristbrudd;Andel;Et sykehus;6,5%\n"
    >>> read_indicators(text.encode("cp1252"))[["year", "term", "value", "unit"]].values.tolist()
    [[2024, 1, 6.5, '%']]
    """
    import pandas as pd

    rows = _rows(_text(content, name), name)
    places = _places(rows[0], name)
    body = [
        (number, row) for number, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)
    ]
    if not body:
        raise changed(name, "there is a heading and no row under it")
    point = _decimal_mark([row[places["value"]] for _, row in body if len(row) == len(rows[0])], name)
    made, seen = [], set()
    for number, row in body:
        where = f"{name}, row {number}"
        if len(row) != len(rows[0]):
            raise changed(where, f"{len(row)} cells under {len(rows[0])} headings")
        said = {key: row[place].strip() for key, place in places.items()}
        found = {key: said.get(key, "") for key in KEYS}
        for key in ("indicator", "location"):
            if not found[key]:
                raise PlanError(
                    "cell-empty", f"{where}: the {key} is blank. Export the file anew.", file=name, row=number
                )
        cell = tuple(found.values())
        if cell in seen:
            message = (
                f"{where}: {found['indicator']}, {found['measure']}, {found['location']}, {found['period']} is there "
                "already. Was the export saved twice into one file? Keep one row for each."
            )
            raise PlanError("row-twice", message, file=name, row=number, got=list(cell))
        seen.add(cell)
        year, term = _period(found["period"], where)
        value, unit, status = _value(said["value"], point, where)
        made.append({**found, "year": year, "term": term, "value": value, "unit": unit, "status": status})
    return pd.DataFrame(made, columns=COLUMNS)


def _text(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        message = f"{name}: {len(content)} bytes; an export has at most {MOST_BYTES}. Choose fewer indicators or years."
        raise PlanError("source-too-large", message, file=name, got=len(content), expected=MOST_BYTES)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        message = f"{name}: this is UTF-16 or no text at all. Export it as CSV, not as a workbook, and do not save it anew."
        raise PlanError("file-unreadable", message, file=name, expected="utf-8 or windows-1252")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        # What a spreadsheet makes of it; a byte that is no letter there either is refused.
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        message = f"{name}: byte {error.start + 1} is neither UTF-8 nor Windows-1252. Export anew and leave it as it is."
        raise PlanError("file-unreadable", message, file=name, at=error.start) from error


def _rows(text: str, name: str) -> list[list[str]]:
    heading = text.lstrip("\r\n").partition("\n")[0]
    mark = max(";\t,", key=heading.count)
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise PlanError(
            "file-unreadable", f"{name}: this is no whole CSV ({error}). Export it anew.", file=name
        ) from error
    if not rows:
        raise PlanError("file-unreadable", f"{name}: the file is empty. Export it anew.", file=name)
    return rows


def _places(heading: list[str], name: str) -> dict[str, int]:
    """Return in which column each of ours stands; a heading that is gone or another is named."""
    there = [cell.strip() for cell in heading]
    plain = [cell.casefold() for cell in there]
    places: dict[str, int] = {}
    gone = []
    for column, said, others, needed in HEADINGS:
        hits = [
            place for place, cell in enumerate(plain) if cell in {said.casefold(), *map(str.casefold, others)}
        ]
        if len(hits) > 1:
            raise changed(name, f"the heading {said} stands {len(hits)} times", expected=said)
        if hits:
            places[column] = hits[0]
        elif needed:
            gone.append(said)
    if gone:
        spare = [cell for place, cell in enumerate(there) if place not in places.values() and cell]
        near = {said: get_close_matches(said, spare, 1, 0.6) for said in gone}
        guesses = "; ".join(
            f"is {found[0]!r} the new name of {said}?" for said, found in near.items() if found
        )
        told = f"no heading {', '.join(gone)}; unknown are {', '.join(map(repr, spare[:12])) or 'none'}"
        raise changed(name, f"{told}{f' ({guesses})' if guesses else ''}", got=there[:40], expected=gone)
    return places


def _decimal_mark(cells: list[str], name: str) -> str:
    """Return the decimal mark of the file: a comma if any value has one, else a point."""
    commas, points = (
        [cell for cell in cells if "," in cell],
        [cell for cell in cells if re.search(r"\d\.\d", cell)],
    )
    if commas and points:
        message = (
            f"{name}: some values have a decimal comma ({commas[0].strip()[:20]}) and some a point "
            f"({points[0].strip()[:20]}). One of them may be a thousand; export the file anew."
        )
        raise PlanError("number-unfit", message, file=name, got=[commas[0][:20], points[0][:20]])
    return "," if commas else "."


def _period(text: str, where: str) -> tuple[int, int]:
    found = _PERIOD.match(text)
    if found is None or not 1990 <= int(found[1]) <= 2100:
        message = f"{where}: the period is {text[:40]!r}; expected a year as 2024 or a term as 2024T1."
        raise PlanError("period-unfit", message, got=text[:40])
    return int(found[1]), int(found[2] or 0)


def _value(cell: str, point: str, where: str) -> tuple[float, str, str]:
    text = re.sub(r"[\s\u00a0\u202f]", "", cell).replace("\u2212", "-")
    unit = "%" if text.endswith("%") else ""
    text = text.removesuffix("%")
    if not text:
        return math.nan, unit, ".."
    if text.lower() in SIGNS:
        return math.nan, unit, SIGNS[text.lower()]
    if not _NUMBER.match(text) or len(text) > 30 or not text.isascii():
        signs = " ".join(SIGNS)
        message = f"{where}: the value is {cell[:40]!r}; expected a number as 69,0% or 227, or a sign such as {signs}."
        raise PlanError("number-unfit", message, got=cell[:40])
    return float(text.replace(point, ".")), unit, ""
