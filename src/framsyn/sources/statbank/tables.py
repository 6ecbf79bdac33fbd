"""StatBank's tables with Framsyn's own column names: one function each.

Every function takes a :class:`~framsyn.sources.statbank.client.Statbank` and returns one row per cell, with the keys below,
``value`` (float, NaN where there is no number) and ``status`` (``""`` known, ``":"`` hidden, ``"."`` not applicable,
``".."`` missing; other signs of the service as they are). Years and single ages are integers, all other keys text.

============================ ====================================================== =======================================
function (table)             keys                                                   value
============================ ====================================================== =======================================
population (07459)           area, sex, age, year                                   persons on 1 January
projections (14288, 12882)   area, sex, age, variant, year                          persons on 1 January
life_tables (07902)          sex, age, year                                         qx, probability of death [1]
trust_activity (13942)       trust, service_area, measure, year                     as the measure; occupancy as a share [1]
trust_staff (13953)          trust, profession, service_area, year                  agreed full-time equivalents [FTE]
catchment_population (13982) catchment, service_area, sex, age, year                persons on 1 January
patients (14824)             area, age_from, age_to, diagnosis, measure, year       count/year, rounded by the publisher
patients_mental (14820)      area, age_from, age_to, measure, year                  count/year, rounded by the publisher
health_personnel (07944)     area, education, sector, year                          persons, 4th quarter
============================ ====================================================== =======================================

``sex`` is ``male`` or ``female`` (``all`` where the table has no other). ``trust`` is the organisation number.
``service_area`` is ``SOM``, ``PHV``, ``PHBU``, ``TSB`` as in a region, ``all`` for the published total, and the table's own
code elsewhere (``AMB``, ``AOS``, ``DPS``). ``age_from`` and ``age_to`` bound a published group; all ages are 0 and 105.
Age 105 is 105 and over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.sources.statbank.client import Statbank
from framsyn.sources.statbank.layouts import LAYOUTS, SERVICE_AREAS, SEXES, Layout

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "catchment_population",
    "health_personnel",
    "life_tables",
    "patients",
    "patients_mental",
    "population",
    "projections",
    "trust_activity",
    "trust_staff",
]

Codes = str | Sequence[str]
OPEN_AGE = 105
ALL_AGES = frozenset({"999A", "Ialt"})


def population(bank: Statbank, areas: Codes, years: Codes = "*") -> pd.DataFrame:
    """Persons on 1 January by municipality, sex and single year of age (07459).

    Parameters
    ----------
    bank : Statbank
    areas : str or sequence of str
        Codes of municipalities, ``"0"`` for the country, or patterns such as ``"50??"``.
    years : str or sequence of str
        Such as ``"from(2005)"``.

    Returns
    -------
    DataFrame
        ``area``, ``sex``, ``age``, ``year``, ``value`` [person], ``status``.
    """
    return _tidy(bank, LAYOUTS["07459"], {"Region": areas, "Kjonn": tuple(SEXES), "Alder": "*", "Tid": years})


def projections(
    bank: Statbank,
    areas: Codes,
    years: Codes = "*",
    *,
    table: str = "14288",
    variants: Sequence[str] = ("MMMM",),
) -> pd.DataFrame:
    """Projected persons on 1 January by municipality, sex and single year of age (14288, or 12882 of 2020).

    Parameters
    ----------
    bank : Statbank
    areas, years : str or sequence of str
    table : {"14288", "12882"}
    variants : sequence of str
        ``MMMM`` main alternative, ``LLML`` low and ``HHMH`` high national growth.

    Returns
    -------
    DataFrame
        ``area``, ``sex``, ``age``, ``variant``, ``year``, ``value`` [person], ``status``.
    """
    layout = LAYOUTS[table]
    code_of = {name: code for code, name in layout.measures.items()}
    unknown = [name for name in variants if name not in code_of]
    if unknown:
        message = f'ssb {table}: there is no variant "{unknown[0]}". Choose among {", ".join(code_of)}.'
        raise PlanError("selection-unfit", message, got=unknown[0], expected=list(code_of))
    selection = {
        "Region": areas,
        "Kjonn": tuple(SEXES),
        "Alder": "*",
        "Tid": years,
        layout.contents: [code_of[name] for name in variants],
    }
    return _tidy(bank, layout, selection, contents="variant")


def life_tables(bank: Statbank, years: Codes = "*") -> pd.DataFrame:
    """Probability of death between exact ages of the country (07902).

    Returns
    -------
    DataFrame
        ``sex``, ``age``, ``year``, ``value`` (qx [1]; StatBank gives it per 1 000), ``status``.
    """
    frame = _tidy(bank, LAYOUTS["07902"], {"Kjonn": tuple(SEXES), "AlderX": "*", "Tid": years})
    frame["value"] /= 1000.0
    return frame


def trust_activity(bank: Statbank, trusts: Codes, years: Codes = "*") -> pd.DataFrame:
    """Beds, stays, bed days, contacts and occupancy by health trust (13942).

    Parameters
    ----------
    bank : Statbank
    trusts : str or sequence of str
        Organisation numbers, or the publisher's codes of regions such as ``"H04"``.
    years : str or sequence of str

    Returns
    -------
    DataFrame
        ``trust``, ``service_area``, ``measure``, ``year``, ``value``, ``status``. Measures: ``beds`` [bed], ``stays``,
        ``day_treatments``, ``outpatient_contacts`` [count/year], ``bed_days``, ``bed_days_available`` [bed day/year],
        ``occupancy``, ``occupancy_oecd`` [1].
    """
    frame = _tidy(
        bank, LAYOUTS["13942"], {"HelseReg": trusts, "HelseTjenomr": "*", "Tid": years}, contents="measure"
    )
    share = frame["measure"].isin(["occupancy", "occupancy_oecd"])
    frame.loc[share, "value"] /= 100.0
    return frame


def trust_staff(
    bank: Statbank, trusts: Codes, years: Codes = "*", *, service_areas: Codes = "TOT"
) -> pd.DataFrame:
    """Agreed full-time equivalents by health trust and profession (13953).

    Returns
    -------
    DataFrame
        ``trust``, ``profession`` (the publisher's code; ``TOT`` is all), ``service_area``, ``year``, ``value`` [FTE],
        ``status``.
    """
    selection = {"HelseReg": trusts, "Yrke": "*", "HelseTjenomr": service_areas, "Tid": years}
    return _tidy(bank, LAYOUTS["13953"], selection)


def catchment_population(
    bank: Statbank, catchments: Codes, years: Codes = "*", *, service_areas: Codes = "SOM"
) -> pd.DataFrame:
    """Persons on 1 January by catchment area, sex and age (13982).

    Parameters
    ----------
    bank : Statbank
    catchments : str or sequence of str
        Organisation number of a trust, ``S01``… of a local hospital, ``D01``… of a district psychiatric centre, ``H04``… of
        a health region.
    years : str or sequence of str
    service_areas : str or sequence of str
        The publisher's codes: catchments differ between ``SOM``, ``VOP``, ``BUP``, ``TSB`` and ``DPS``.

    Returns
    -------
    DataFrame
        ``catchment``, ``service_area``, ``sex``, ``age``, ``year``, ``value`` [person], ``status``.
    """
    selection = {
        "HelseReg": catchments,
        "HelseTjenomr": service_areas,
        "Kjonn": tuple(SEXES),
        "Alder": "*",
        "Tid": years,
    }
    return _tidy(bank, LAYOUTS["13982"], selection)


def patients(
    bank: Statbank, areas: Codes, years: Codes = "*", *, ages: Codes = "*", diagnoses: Codes = "*"
) -> pd.DataFrame:
    """Somatic patients by residence, age group and diagnosis, wherever they were treated (14824).

    Counts are by residence. The publisher rounds patients to multiples of 3, and stays, days and contacts to multiples of
    6, so that sums differ slightly from the published totals.

    Parameters
    ----------
    bank : Statbank
    areas : str or sequence of str
        Counties, or health regions such as ``"H04"``.
    years : str or sequence of str
    ages : str or sequence of str
        The publisher's groups; ``"999A"`` is all ages.
    diagnoses : str or sequence of str
        Chapters of ICD-10 (``I`` … ``XXI``), their blocks (``A00-A09``), ``_T`` for all.

    Returns
    -------
    DataFrame
        ``area``, ``age_from``, ``age_to``, ``diagnosis``, ``measure``, ``year``, ``value``, ``status``.
    """
    selection = {"Region": areas, "Alder": ages, "Diagnose": diagnoses, "Tid": years}
    return _tidy(bank, LAYOUTS["14824"], selection, contents="measure")


def patients_mental(bank: Statbank, areas: Codes, years: Codes = "*", *, ages: Codes = "*") -> pd.DataFrame:
    """Patients in mental health care of adults by residence and age group (14820); rounded as :func:`patients`.

    Returns
    -------
    DataFrame
        ``area``, ``age_from``, ``age_to``, ``measure``, ``year``, ``value``, ``status``. All ages are 0 and 105 here too,
        though the care is for adults.
    """
    return _tidy(bank, LAYOUTS["14820"], {"Region": areas, "Alder": ages, "Tid": years}, contents="measure")


def health_personnel(bank: Statbank, areas: Codes, years: Codes = "*") -> pd.DataFrame:
    """Employed persons in health and social services by health care education and municipality (07944).

    The table and the names of its dimensions are assumed: 07944 is the published table of health care education by
    municipality and sector, but no answer of the service could be read when this was written. A wrong name gives
    ``source-changed`` with the names that are there; they are declared in :mod:`framsyn.sources.statbank.layouts`.

    Returns
    -------
    DataFrame
        ``area``, ``education``, ``sector``, ``year``, ``value`` [person], ``status``.
    """
    return _tidy(bank, LAYOUTS["07944"], {"Region": areas, "FagUtd": "*", "Sektor": "*", "Tid": years})


def _tidy(
    bank: Statbank, layout: Layout, selection: dict[str, Codes], *, contents: str | None = None
) -> pd.DataFrame:
    """Fetch a table and give its columns, codes and numbers the names of a region."""
    asked = {**layout.fixed, **selection}
    if layout.measures and layout.contents not in asked:
        asked[layout.contents] = tuple(layout.measures)
    frame = bank.table(layout.table, asked).frame().rename(columns=dict(layout.columns))
    where = f"ssb {layout.table}"
    if contents is not None:
        frame.insert(len(frame.columns) - 3, contents, frame[layout.contents].map(layout.measures))
    frame = frame.drop(columns=[layout.contents, *layout.fixed], errors="ignore")
    if "sex" in frame:
        frame["sex"] = frame["sex"].map({**SEXES, "0": "all"}).astype("str")
    if "service_area" in frame:
        frame["service_area"] = frame["service_area"].replace({**SERVICE_AREAS, "TOT": "all"})
    frame["year"] = [_year(code, where) for code in frame["year"]]
    if "age" in frame:
        ages = {code: _age(code, where) for code in frame["age"].unique()}
        frame["age"] = frame["age"].map(ages).astype("int64")
    if "age_group" in frame:
        groups = {code: _group(code, where) for code in frame["age_group"].unique()}
        place = list(frame.columns).index("age_group")
        found = frame.pop("age_group").map(groups)
        frame.insert(place, "age_from", [low for low, _ in found])
        frame.insert(place + 1, "age_to", [high for _, high in found])
    keys = [name for name in frame.columns if name not in ("value", "status", "year")]
    return frame[[*keys, "year", "value", "status"]]


def _year(code: str, where: str) -> int:
    if not re.fullmatch(r"[12]\d{3}", code):
        message = f'{where}: "{code}" is no year. The table may have gone over to quarters; see its page in StatBank.'
        raise PlanError("source-changed", message, source=where, got=code)
    return int(code)


def _age(code: str, where: str) -> int:
    match = re.fullmatch(r"(\d{1,3})\+?", code)
    if match is None:
        message = f'{where}: "{code}" is no single year of age. The table may have gone over to groups.'
        raise PlanError("source-changed", message, source=where, got=code)
    return int(match[1])


def _group(code: str, where: str) -> tuple[int, int]:
    if code in ALL_AGES:
        return 0, OPEN_AGE
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|\+)", code)
    if match is None:
        message = f'{where}: "{code}" is no group of ages. Groups are written 18-29 or 90+.'
        raise PlanError("source-changed", message, source=where, got=code)
    return int(match[1]), int(match[2]) if match[2] else OPEN_AGE
