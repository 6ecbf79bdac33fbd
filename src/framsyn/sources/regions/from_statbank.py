"""StatBank's tables as the tidy frames of a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from framsyn.errors import PlanError
from framsyn.sources.klass import municipality_weights
from framsyn.sources.regions.care_residents import AGES, CHAPTERS
from framsyn.sources.regions.staff import GROUP_OF
from framsyn.sources.regions.successors import Successors
from framsyn.sources.statbank import Statbank
from framsyn.sources.statbank import tables as published

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority
    from framsyn.sources.statbank.cube import Cube

__all__ = [
    "Bank",
    "People",
    "Use",
    "catchments",
    "life_tables",
    "mental_patients",
    "nothing",
    "population",
    "projection",
    "somatic_patients",
    "staff",
    "trust_years",
]

OLDEST = 105
RESIDENT_MEASURES = ("patients", "inpatients", "stays", "bed_days", "day_treatments", "outpatient_contacts")
TRUST_MEASURES = ("stays", "bed_days", "day_treatments", "outpatient_contacts", "beds", "occupancy")
FIRST_CARE_YEAR = 2015
LAST_PROJECTED = 2050
VARIANTS = ("HHMH", "LLML", "MMMM")
GROUP_CODES = {"TOT": "total", "05": "specialist_doctor", "02": "nurse", "01": "specialist_nurse"}
"""Codes that are published even where the other professions of a trust are not."""


class Bank(Statbank):
    """StatBank that remembers when each table was last changed by its publisher."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.updated: dict[str, str] = {}

    def table(
        self,
        table: str,
        selection: Mapping[str, str | Sequence[str]],
        *,
        codelists: Mapping[str, str] | None = None,
    ) -> Cube:
        """Fetch a part of a table and note its date."""
        cube = super().table(table, selection, codelists=codelists)
        self.updated[f"ssb_{table}"] = max(self.updated.get(f"ssb_{table}", ""), cube.updated)
        return cube


@dataclass(frozen=True)
class People:
    """Counts of 1 January: municipalities and nation as in ``OpenData``, county totals [person] of the base year."""

    municipalities: pd.DataFrame
    nation: pd.DataFrame
    counties: dict[str, int]
    whole: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Use:
    """Use by residents: by age, for all ages, and by year."""

    by_age: pd.DataFrame
    all_ages: pd.DataFrame
    years: pd.DataFrame


def nothing(why: str) -> NoReturn:
    """Say that a step could not be asked because an earlier one failed."""
    raise PlanError("source-unreachable", f"not asked, since {why}.")


def _years(years: Sequence[int]) -> list[str]:
    return [str(year) for year in years]


def population(
    bank: Statbank,
    areas: Sequence[str],
    counties: Sequence[str],
    changes: pd.DataFrame,
    years: Sequence[int],
    base_year: int,
) -> People:
    """Counts of municipalities on today's codes, of the nation, and the totals of whole counties (07459).

    A count of an old code is carried to its successors by the shares of ``framsyn.sources.klass``; where a code was divided
    the count is marked approximate.
    """
    import pandas as pd

    successors = Successors(changes, municipality_weights("halves"), areas, years)
    nation = _by_sex(published.population(bank, ["0"], _years(years)))
    if counties:
        of_county = published.population(bank, list(counties), [str(base_year)])
        sums = of_county.groupby("area")["value"].sum()
        totals = {county: round(float(sums[county])) for county in counties}
    else:
        totals = {}
    counted = _by_sex(published.population(bank, successors.codes, _years(years)))
    carried, notes = successors.carry(counted)
    lacking = sorted(set(areas) - set(carried["area"]))
    if lacking:
        raise PlanError(
            "source-changed",
            f"ssb 07459: no counts for {', '.join(lacking[:5])} ({len(lacking)} in all); expected every municipality of the "
            "catchments. The two are of different years.",
            source="ssb 07459",
            got=lacking,
        )
    last = nation[nation["year"] == base_year]
    whole = round(float(last["male"].sum() + last["female"].sum()))
    columns = ["area", "year", "age", "male", "female", "approximate"]
    return People(
        carried[columns],
        pd.DataFrame(nation[["year", "age", "male", "female"]]),
        totals,
        whole,
        tuple(notes),
    )


def _by_sex(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per area, year and age with both sexes beside each other; the open age group is 105."""
    frame = frame.assign(age=frame["age"].clip(upper=OLDEST))
    wide = (
        frame.pivot_table(
            index=["area", "year", "age"], columns="sex", values="value", aggfunc=lambda part: part.sum()
        )
        if frame.duplicated(["area", "year", "age", "sex"]).any()
        else frame.pivot(index=["area", "year", "age"], columns="sex", values="value")
    )
    return wide[["male", "female"]].reset_index().rename_axis(columns=None)


def life_tables(bank: Statbank, years: Sequence[int]) -> pd.DataFrame:
    """Probabilities of death by sex, age 0–105 and year (07902)."""
    frame = published.life_tables(bank, f"range({years[0]},{years[-1]})")
    frame = frame[(frame["age"] <= OLDEST) & frame["sex"].isin(["male", "female"])]
    if frame["value"].isna().any():
        row = frame[frame["value"].isna()].iloc[0]
        raise PlanError(
            "source-changed",
            f"ssb 07902: no value for {row['sex']}, age {row['age']}, {row['year']}; expected all ages to 105.",
            source="ssb 07902",
        )
    return frame.rename(columns={"value": "qx"})[["sex", "age", "year", "qx"]]


def projection(bank: Statbank, of_county: dict[str, list[str]], base_year: int) -> pd.DataFrame:
    """Projected totals of the counties, added up from their municipalities (14288)."""
    import pandas as pd

    county_of = {area: county for county, members in of_county.items() for area in members}
    frame = published.projections(
        bank, list(county_of), f"range({base_year - 1},{LAST_PROJECTED})", variants=VARIANTS
    )
    frame = frame.assign(county=frame["area"].map(county_of))
    sums = frame.groupby(["county", "variant", "year"])["value"].sum().round().astype(int)
    made = sums.rename("persons").reset_index()
    return pd.DataFrame(made[["county", "variant", "year", "persons"]])


def trust_years(bank: Statbank, authority: Authority, base_year: int) -> pd.DataFrame:
    """Activity, beds and occupancy by trust; only figures that are published (13942)."""
    frame = published.trust_activity(bank, list(authority.trust_of), f"range({FIRST_CARE_YEAR},{base_year})")
    frame = frame[frame["measure"].isin(TRUST_MEASURES) & frame["value"].notna()]
    area = frame["service_area"].replace({"all": "TOT"})
    frame = frame.assign(trust=frame["trust"].map(authority.trust_of), service_area=area)
    known = frame["service_area"].isin(["TOT", "SOM", "PHV", "PHBU", "TSB"])
    return frame[known][["trust", "service_area", "measure", "year", "value"]]


def staff(
    bank: Statbank, orgs: Sequence[str], authority: Authority, base_year: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """FTE by profession where all are published, and by group where only those are (13953)."""
    import pandas as pd

    frame = published.trust_staff(bank, list(orgs), f"range({FIRST_CARE_YEAR},{base_year})")
    frame = frame[frame["value"].notna()]
    frame = frame.assign(trust=frame["trust"].map(authority.trust_of)).rename(
        columns={"profession": "code", "value": "fte"}
    )
    detail = frame[~frame["code"].isin(GROUP_CODES)]
    full = set(zip(detail["trust"], detail["year"], strict=True))
    here = pd.Series(
        [pair in full for pair in zip(frame["trust"], frame["year"], strict=True)],
        index=frame.index,
        dtype=bool,
    )
    professions = frame[here]
    unknown = sorted(set(professions["code"]) - set(GROUP_OF) - {"TOT"})
    if unknown:
        raise PlanError(
            "source-changed",
            f"ssb 13953: professions {', '.join(unknown)} are new; expected {', '.join(GROUP_OF)}. Tell the project.",
            source="ssb 13953",
            got=unknown,
        )
    groups = frame[~here & frame["code"].isin(GROUP_CODES)]
    groups = groups.assign(profession=groups["code"].map(GROUP_CODES))
    complete = groups.groupby(["trust", "year"])["profession"].transform("nunique") == len(GROUP_CODES)
    return (
        professions[["trust", "code", "year", "fte"]],
        groups[complete][["trust", "profession", "year", "fte"]],
    )


def somatic_patients(bank: Statbank, region: str, base_year: int) -> Use:
    """Somatic care by residence: by chapter and age in the base year, and totals by year (14824)."""
    chapters = [*CHAPTERS, "_T"]
    listed = _there(bank, "14824", "Diagnose", chapters)
    frame = published.patients(bank, [region], [str(base_year)], diagnoses=listed)
    totals = published.patients(
        bank,
        [region],
        f"range({FIRST_CARE_YEAR},{base_year})",
        ages=_all_ages(bank, "14824"),
        diagnoses=["_T"],
    )
    frame = frame.rename(columns={"diagnosis": "chapter"})
    frame = frame[frame["measure"].isin(RESIDENT_MEASURES) & frame["value"].notna()]
    whole = (frame["age_from"] == 0) & (frame["age_to"] == OLDEST)
    by_age = _grouped(frame[~whole]).assign(service_area="SOM")
    return Use(
        by_age[["service_area", "chapter", "age_group", "measure", "value"]],
        frame[whole][["chapter", "measure", "value"]],
        _by_year(totals, "SOM", "ssb_14824"),
    )


def mental_patients(bank: Statbank, region: str, base_year: int) -> Use:
    """Mental health care of adults by residence: by age in the base year, and totals by year (14820)."""
    frame = published.patients_mental(bank, [region], f"range({FIRST_CARE_YEAR},{base_year})")
    frame = frame[frame["measure"].isin(RESIDENT_MEASURES) & frame["value"].notna()]
    whole = (frame["age_from"] == 0) & (frame["age_to"] == OLDEST)
    of_year = _grouped(frame[~whole & (frame["year"] == base_year)])
    by_age = of_year.assign(service_area="PHV", chapter="_T")
    return Use(
        by_age[["service_area", "chapter", "age_group", "measure", "value"]],
        frame.iloc[:0].assign(chapter="")[["chapter", "measure", "value"]],
        _by_year(frame[whole], "PHV", "ssb_14820"),
    )


def catchments(
    bank: Statbank, authority: Authority, local_areas: dict[str, str], base_year: int
) -> dict[str, int]:
    """Inhabitants by trust key and by name of local hospital area, as the catchment table counts them (13982)."""
    codes = [*authority.trust_of, *local_areas]
    frame = published.catchment_population(bank, codes, [str(base_year)])
    names = {**authority.trust_of, **local_areas}
    sums = frame.groupby("catchment")["value"].sum(min_count=1).dropna()
    return {names[code]: round(float(value)) for code, value in sums.items()}


def _there(bank: Statbank, table: str, dimension: str, wanted: list[str]) -> list[str]:
    """Those of the codes that the table has; a chapter without patients is not among them."""
    for found in bank.dimensions(table):
        if found.code == dimension:
            return [code for code in wanted if code in found.codes]
    raise PlanError(
        "source-changed",
        f"ssb {table}: no dimension {dimension!r}; its layout has changed. See its page in StatBank.",
        source=f"ssb {table}",
        expected=dimension,
    )


def _all_ages(bank: Statbank, table: str) -> list[str]:
    return _there(bank, table, "Alder", sorted(published.ALL_AGES))


def _grouped(frame: pd.DataFrame) -> pd.DataFrame:
    """The published group's name as the tables of a region know it; other groups, such as single ages, left out."""
    names = {ages: name for name, ages in AGES.items()}
    pairs = zip(frame["age_from"], frame["age_to"], strict=True)
    frame = frame.assign(age_group=[names.get((low, high)) for low, high in pairs])
    return frame[frame["age_group"].notna()]


def _by_year(frame: pd.DataFrame, service_area: str, source: str) -> pd.DataFrame:
    frame = frame[frame["measure"].isin(RESIDENT_MEASURES) & frame["value"].notna()]
    frame = frame.assign(service_area=service_area, source=source)
    return frame[["service_area", "measure", "year", "value", "source"]]
