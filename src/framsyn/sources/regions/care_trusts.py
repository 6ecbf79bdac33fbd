"""Beds and activity of the trusts: what is published, and the split of what the published totals leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STAYS_PER_BED", "beds_table", "trust_activity", "trust_population"]

TRUST_MEASURES = ("stays", "bed_days", "day_treatments", "outpatient_contacts")
OTHERS = ("PHV", "PHBU", "TSB")
"""Service areas outside somatic care, in the order in which a rest is split."""

# Assumptions of the split, each named in the reason of the rows that rest on it.
STAYS_PER_BED = {"PHV": 20.0, "PHBU": 12.0, "TSB": 25.0}
SUBSTANCE_CONTACTS = 0.1
"""Substance use contacts per inhabitant and year where no trust's own are published [1/year]."""


def trust_population(counts: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Persons by year and psychiatric catchment [person], without municipalities behind a switch."""
    official = areas[areas["switch"] == ""]
    frame = counts.merge(official[["area", "psychiatric_trust"]], on="area")
    frame["persons"] = frame["male"] + frame["female"]
    return frame.groupby(["year", "psychiatric_trust"])["persons"].sum().unstack()


def beds_table(trust_years: pd.DataFrame) -> pd.DataFrame:
    """Beds by trust, service area and year, with the occupancy where it is published."""
    import pandas as pd

    apart = trust_years[trust_years["service_area"] != "TOT"]
    counted = apart[apart["measure"] == "beds"]
    used = trust_years[trust_years["measure"] == "occupancy"]
    occupancy = {(row.trust, row.service_area, row.year): row.value for row in used.itertuples()}
    beds = {(row.trust, row.service_area, row.year): row.value for row in counted.itertuples()}
    rows = [
        {
            "trust": trust, "service_area": area, "year": year, "beds": value,
            "occupancy": occupancy.get((trust, area, year), float("nan")), "quality": "official", "source": "ssb_13942",
        }
        for (trust, area, year), value in sorted(beds.items())
    ]  # fmt: skip
    columns = ["trust", "service_area", "year", "beds", "occupancy", "quality", "source"]
    return pd.DataFrame(rows, columns=columns)


def trust_activity(
    trust_years: pd.DataFrame,
    trusts: dict[str, str],
    beds: pd.DataFrame,
    residents: pd.DataFrame,
    population: pd.DataFrame,
) -> pd.DataFrame:
    """Activity by treating trust: what is published, and the split of what the total leaves.

    Bed days and stays of the rest follow beds (stays with an assumed turnover per bed); contacts of substance use
    treatment follow the contacts per inhabitant of the trusts that publish them; the other contacts are adult care by the
    region's residents and, what is left, care of children and adolescents, in the same proportion at every trust.

    Parameters
    ----------
    trust_years, beds, residents, population : DataFrame
        As in :class:`~framsyn.sources.regions.open_data.OpenData`, :func:`beds_table`, the table ``resident_activity`` and
        :func:`trust_population`.
    trusts : dict of str to str
        Key of a trust → its short name.
    """
    import pandas as pd

    frame = trust_years[trust_years["measure"].isin(TRUST_MEASURES) & trust_years["trust"].isin(list(trusts))]
    value: dict[tuple[str, str, str, int], float] = {
        (row.trust, row.service_area, row.measure, int(row.year)): float(row.value)
        for row in frame.itertuples()
    }
    rows = [
        _activity(*key, found, "official", "") for key, found in value.items() if key[1] in ("SOM", *OTHERS)
    ]
    adult = residents[(residents["service_area"] == "PHV") & (residents["measure"] == "outpatient_contacts")]
    contacts = {int(row.year): float(row.value) for row in adult.itertuples()}
    for year in sorted({key[3] for key in value}):
        rows.extend(_contact_rows(year, value, trusts, contacts, population))
        for trust in trusts:
            rows.extend(_inpatient_rows(trust, year, value, beds))
            rows.extend(_day_rows(trust, year, value))
    made = pd.DataFrame(rows)
    made["value"] = made["value"].round(1)
    return made.sort_values(["trust", "service_area", "measure", "year"]).reset_index(drop=True)


def _activity(
    trust: str, area: str, measure: str, year: int, value: float, quality: str, reason: str
) -> dict[str, Any]:
    return {
        "trust": trust, "service_area": area, "measure": measure, "year": year, "value": float(value),
        "quality": quality, "source": "ssb_13942", "reason": reason,
    }  # fmt: skip


def _lacking(trust: str, measure: str, year: int, value: dict[tuple[str, str, str, int], float]) -> list[str]:
    """Service areas that the trust's total must be split among; none where there is no total."""
    if (trust, "TOT", measure, year) not in value or (trust, "SOM", measure, year) not in value:
        return []
    return [area for area in OTHERS if (trust, area, measure, year) not in value]


def _rest(trust: str, measure: str, year: int, value: dict[tuple[str, str, str, int], float]) -> float:
    """What the total leaves when all that is published apart is taken out."""
    rest = value[trust, "TOT", measure, year] - value[trust, "SOM", measure, year]
    for area in OTHERS:
        rest -= value.get((trust, area, measure, year), 0.0)
    return rest


def _contact_rows(
    year: int,
    value: dict[tuple[str, str, str, int], float],
    trusts: dict[str, str],
    adult: dict[int, float],
    population: pd.DataFrame,
) -> list[dict[str, Any]]:
    measure = "outpatient_contacts"
    split = {trust: _lacking(trust, measure, year, value) for trust in trusts}
    split = {trust: areas for trust, areas in split.items() if areas}
    if not split:
        return []
    donors = [trust for trust in trusts if (trust, "TSB", measure, year) in value]
    if donors:
        people = sum(float(population.loc[year, trust]) for trust in donors)
        rate = sum(value[trust, "TSB", measure, year] for trust in donors) / people
        names = " and ".join(trusts[trust] for trust in donors)
        reason = f"Contacts per inhabitant of {names}, so it shows no difference between trusts"
    else:
        rate = SUBSTANCE_CONTACTS
        reason = f"Assumed {SUBSTANCE_CONTACTS:g} contacts per inhabitant; no trust's own figure is published"
    rows, mental = [], {}
    for trust, areas in split.items():
        rest = _rest(trust, measure, year, value) + value.get((trust, "TSB", measure, year), 0.0)
        substance = rate * float(population.loc[year, trust])
        mental[trust] = rest - substance
        if "TSB" in areas:
            rows.append(_activity(trust, "TSB", measure, year, substance, "estimate", reason))
    known = sum(value.get((trust, "PHV", measure, year), 0.0) for trust in trusts)
    shared = {trust for trust, areas in split.items() if {"PHV", "PHBU"} <= set(areas)}
    nearest = min(adult, key=lambda found: (abs(found - year), found))
    whole = sum(mental[trust] for trust in trusts if trust in shared)
    adult_share = min(max((adult[nearest] - known) / whole, 0.0), 1.0) if whole > 0 else 0.0
    reason = (
        "Contacts outside somatic care less substance use treatment, split by the region's adult contacts"
    )
    for trust in shared:
        for area, share in (("PHV", adult_share), ("PHBU", 1 - adult_share)):
            rows.append(_activity(trust, area, measure, year, mental[trust] * share, "estimate", reason))
    for trust in set(split) - shared:
        for area in set(split[trust]) - {"TSB"}:
            only = "What the total leaves when the areas that are published are taken out"
            rows.append(_activity(trust, area, measure, year, max(mental[trust], 0.0), "derived", only))
    return rows


def _inpatient_rows(
    trust: str, year: int, value: dict[tuple[str, str, str, int], float], beds: pd.DataFrame
) -> list[dict[str, Any]]:
    """Bed days and stays outside somatic care, split by beds; a year without beds takes the nearest year's."""
    of_trust = beds[beds["trust"] == trust].set_index(["service_area", "year"])["beds"]

    def nearest(area: str) -> float:
        if area not in of_trust.index.get_level_values(0):
            return 0.0
        of_area = of_trust[area]
        return float(of_area.loc[min(of_area.index, key=lambda known: (abs(known - year), known))])

    rows = []
    for measure in ("bed_days", "stays"):
        areas = _lacking(trust, measure, year, value)
        rest = _rest(trust, measure, year, value) if areas else 0.0
        weight = {
            area: nearest(area) * (STAYS_PER_BED[area] if measure == "stays" else 1.0) for area in areas
        }
        reason = "What the total leaves outside somatic care, split by beds"
        if measure == "stays":
            reason += f" times assumed stays per bed and year ({', '.join(f'{a} {STAYS_PER_BED[a]:g}' for a in areas)})"
        whole = sum(weight.values())
        for area in areas:
            part = rest * weight[area] / whole if whole else rest / len(areas)
            rows.append(_activity(trust, area, measure, year, part, "estimate", reason))
    return rows


def _day_rows(trust: str, year: int, value: dict[tuple[str, str, str, int], float]) -> list[dict[str, Any]]:
    areas = _lacking(trust, "day_treatments", year, value)
    if not areas:
        return []
    rest = _rest(trust, "day_treatments", year, value)
    first, *others = areas  # adult care where it is not published: the others give day treatment to few
    rows = [
        _activity(trust, first, "day_treatments", year, max(rest, 0.0), "derived",
                  "What the total leaves outside somatic care and known substance use treatment; all booked here")
    ]  # fmt: skip
    rows.extend(
        _activity(trust, area, "day_treatments", year, 0.0, "assumption",
                  "Not published apart; the small rest is booked under adult care")
        for area in others
    )  # fmt: skip
    return rows
