"""What is kept of a run of a scenario: key figures with their draws, why they change, need by municipality, one sentence."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from django.utils import translation
from django.utils.translation import gettext as _

from framsyn.analyses.explain import explain_change
from framsyn.quantities import quantity
from framsyn.region.schema import tables
from framsyn.report.numbers import interval
from framsyn.web.languages import LANGUAGES
from framsyn.web.outlooks.charts import words_of
from framsyn.web.outlooks.names import CHANGE
from framsyn.web.outlooks.queries import Line
from framsyn.web.outlooks.store import by_trust, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.analyses.explain import Explanation
    from framsyn.outlook.result import Outlook
    from framsyn.region import Region
    from framsyn.web.scenarios.models import Reading

__all__ = [
    "EXPLAINED",
    "KEPT",
    "SOMATIC",
    "cause",
    "drawn",
    "facts_of",
    "figure",
    "lines_of",
    "said",
    "table_digests",
]

SOMATIC = "SOM"
# Quantity and service area; the change since the base year is kept with those that have one.
KEPT: tuple[tuple[str, str], ...] = (
    ("population", ""),
    ("need", SOMATIC),
    ("need", "PHV"),
    ("need", "PHBU"),
    ("need", "TSB"),
    ("bed_days", ""),
    ("beds", ""),
    ("day_places", ""),
    ("outpatient_rooms", ""),
    ("staff_demand", ""),
    ("staff_gap", ""),
    ("result", ""),
    ("liquidity", ""),
    ("emissions", ""),
)
EXPLAINED: tuple[tuple[str, str], ...] = (("need", SOMATIC), ("beds", ""))
SAMPLED_FROM = 2030  # the first year whose draws are kept; the last year is the other


def table_digests(region: Region) -> dict[str, str]:
    """Return the SHA-256 of each table of a region as its digest counts it, and of its switches."""
    found = {}
    for name in tables():
        content = (region.folder / "tables" / f"{name}.csv").read_bytes().replace(b"\r\n", b"\n")
        found[name] = hashlib.sha256(content).hexdigest()
    text = json.dumps(region.switches, sort_keys=True)
    return {**found, "switches": hashlib.sha256(text.encode()).hexdigest()}


def facts_of(outlook: Outlook) -> dict[str, Any]:
    """Return the fields of a :class:`~framsyn.web.scenarios.models.Reading`, all but its time.

    Parameters
    ----------
    outlook : Outlook
        Or what a desk answers, which has the same methods.
    """
    lines = [row for name, part in KEPT for row in kept_lines(outlook, name, part)]
    return {
        "id": outlook.id,
        "manifest": dict(outlook.manifest),
        "tables": table_digests(outlook.region),
        "lines": lines,
        "causes": [
            cause(explain_change(outlook, name, where=where_of(part)), part) for name, part in EXPLAINED
        ],
        "areas": need_by_area(outlook),
        "sample": sample(outlook),
        "text": {code: sentence(lines, code) for code in LANGUAGES},
    }


def where_of(part: str) -> dict[str, Any] | None:
    """Return what selects a service area; nothing for the whole."""
    return {"service_area": part} if part else None


def kept_lines(outlook: Outlook, name: str, part: str) -> list[dict[str, Any]]:
    """Return a quantity of the region, and its change since the base year where that has a meaning."""
    found = by_trust(outlook, quantity(name), part, where_of(part), whole=True)
    return [
        {name: getattr(row, name) for name in ("quantity", "place", "part", "years", "values")}
        for row in found
    ]


def cause(found: Explanation, part: str) -> dict[str, Any]:
    """Return an explanation as it is kept."""
    return {
        "quantity": found.name,
        "part": part,
        "year": found.year,
        "before": found.before,
        "after": found.after,
        "effects": [
            {"name": key, "label": dict(found.labels[key]), "effect": effect}
            for key, effect in found.effects.items()
        ],
    }


def need_by_area(outlook: Outlook) -> dict[str, dict[str, float]]:
    """Return somatic need of the central run by municipality and year: base year, 2030 and the last year."""
    values = outlook.central_value("need", ("year", "area"), where_of(SOMATIC))
    years = dict.fromkeys((outlook.base_year, *sampled_years(outlook)))
    return {
        str(area): {
            str(year): rounded(np.array([float(values.sel(area=area, year=year))]))[0] for year in years
        }
        for area in values["area"].values
    }


def sampled_years(outlook: Outlook) -> list[int]:
    """Return the years whose draws are kept."""
    last = outlook.years[-1]
    return [year for year in dict.fromkeys((min(SAMPLED_FROM, last), last)) if year in outlook.years]


def sample(outlook: Outlook) -> dict[str, Any]:
    """Return every draw of the key figures in a few years, packed; (line, year, draw) as 4-byte numbers."""
    years = sampled_years(outlook)
    names, drawn_lines = [], []
    for name, part in KEPT:
        found = outlook.draws(name, ("year",), where_of(part)).transpose("year", "draw")
        drawn_lines.append(found.sel(year=years).values)
        names.append([name, part])
        if quantity(name).minimum == 0 and (found.values[0] > 0).all():
            drawn_lines.append(found.sel(year=years).values / found.values[0] - 1)
            names.append([f"{name}{CHANGE}", part])
    packed = np.stack(drawn_lines).astype("<f4")
    text = base64.b64encode(packed.tobytes()).decode("ascii")
    return {"names": names, "years": years, "shape": list(packed.shape), "values": text}


def drawn(reading: Reading) -> dict[tuple[str, str, int], np.ndarray]:
    """Return the draws that a reading keeps, by quantity, part and year."""
    kept = reading.sample
    values = np.frombuffer(base64.b64decode(kept["values"]), dtype="<f4").reshape(kept["shape"])
    return {
        (name, part, year): values[row, column].astype(float)
        for row, (name, part) in enumerate(kept["names"])
        for column, year in enumerate(kept["years"])
    }


def lines_of(reading: Reading) -> dict[tuple[str, str], Line]:
    """Return the lines of a reading by quantity and part."""
    return {(row["quantity"], row["part"]): Line(**row) for row in reading.lines}


def figure(line: Line, year: int, lang: str) -> tuple[str, str]:
    """Return a median and its 80 % interval in words, with the digits that the interval justifies.

    >>> line = Line("beds", "region", "", [2040], {"p10": [1790.0], "p50": [1867.0], "p90": [1950.0]})
    >>> figure(line, 2040, "en")
    ('1,870', '1,790–1,950')
    """
    is_change = line.quantity.endswith(CHANGE)
    style = words_of(line.quantity, lang, line.first)[2]
    said = interval(line.at(year), line.at(year, "p10"), line.at(year, "p90"), lang, style, signed=is_change)
    span = said.text.partition(" (")[2].rstrip(")")
    return said.median, "" if said.low == said.high else span


def said(lines: Mapping[tuple[str, str], Line], lang: str) -> str:
    """Say in one line what a scenario gives in its last year: need, beds, staff and result."""
    with translation.override(lang):
        need, beds = lines[f"need{CHANGE}", SOMATIC], lines["beds", ""]
        staff, result = lines["staff_gap", ""], lines["result", ""]
        year = beds.last
        short = staff.at(year) >= 0
        size = Line(
            staff.quantity,
            staff.place,
            staff.part,
            staff.years,
            staff.values if short else turned(staff.values),
        )
        words = {
            "year": year,
            "need": figure(need, year, lang)[0],
            "beds": figure(beds, year, lang)[0],
            "staff": figure(size, year, lang)[0],
            "result": figure(result, year, lang)[0],
        }
        if short:
            return (
                _(
                    "%(year)s: somatic need %(need)s, %(beds)s beds, %(staff)s FTE short, result %(result)s NOK billion"
                )
                % words
            )
        return (
            _(
                "%(year)s: somatic need %(need)s, %(beds)s beds, %(staff)s FTE to spare, result %(result)s NOK billion"
            )
            % words
        )


def turned(values: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """Return the bands of what is counted the other way round.

    >>> turned({"p10": [-3.0], "p90": [-1.0]})
    {'p90': [3.0], 'p10': [1.0]}
    """
    opposite = {"p10": "p90", "p25": "p75", "p75": "p25", "p90": "p10"}
    return {opposite.get(band, band): [-value for value in line] for band, line in values.items()}


def sentence(lines: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Return the line of :func:`said` from lines as they are kept."""
    return said({(row["quantity"], row["part"]): Line(**cast("dict[str, Any]", row)) for row in lines}, lang)
