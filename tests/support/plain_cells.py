"""The rules of counting episodes, row by row and without a query: the oracle of the tests."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pandas as pd

LEVELS = {2: ("day", "day_treatments"), 3: ("outpatient", "outpatient_contacts")}
MEASURES = ("stays", "bed_days", "day_treatments", "outpatient_contacts")


def fault_of(row, services, units) -> str:
    """What a row breaks, or nothing."""
    if row.care_level == 8:
        return "radiotherapy_of_inpatient"
    if pd.isna(row.in_time) or (pd.isna(row.out_time) and row.care_level != 1):
        return "no_date"
    if not pd.isna(row.out_time) and row.out_time < row.in_time:
        return "out_before_in"
    if row.care_level not in (1, 2, 3):
        return "unknown_care_level"
    if row.sex not in (1, 2):
        return "unknown_sex"
    if pd.isna(row.birth_year) or not 1850 <= row.birth_year <= row.in_time.year:
        return "unknown_birth_year"
    if row.unit not in units:
        return "unknown_unit"
    if units[row.unit] is None and str(row.diagnosis or "")[:3].upper() not in services:
        return "unknown_diagnosis"
    return ""


def plain_cells(rows: pd.DataFrame, mappings, until: pd.Timestamp):
    """Cells as {(service, level, age, sex, area, year, month): {measure: count}}, and rows left out by fault."""
    services = {code: mappings.services[place] for code, place in mappings.diagnoses}
    whole = {area: mappings.services[place] for area, place in mappings.whole}
    units = {unit: whole.get(area) for unit, _, area in mappings.units}
    cells: dict = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    faults: dict = defaultdict(int)
    inpatients = defaultdict(list)

    def put(row, level, year, month, measure, count):
        service = units[row.unit] or services[str(row.diagnosis)[:3].upper()]
        age = min(max(year - int(row.birth_year), 0), 105)
        area = row.municipality if row.municipality in mappings.areas else "other"
        sex = "male" if row.sex == 1 else "female"
        cells[(service, level, age, sex, area, year, month)][measure] += count

    for row in rows.itertuples():
        fault = fault_of(row, services, units)
        if fault:
            faults[fault] += 1
        elif row.care_level == 1:
            inpatients[row.person].append(row)
        else:
            level, measure = LEVELS[row.care_level]
            put(row, level, row.in_time.year, row.in_time.month, measure, 1)

    def end_of(row):
        return max(until, row.in_time) if pd.isna(row.out_time) else row.out_time

    for episodes in inpatients.values():
        episodes.sort(key=lambda row: (row.in_time, end_of(row)))
        chains = []
        for row in episodes:
            if chains and row.in_time <= max(map(end_of, chains[-1])) + timedelta(hours=8):
                chains[-1].append(row)
            else:
                chains.append([row])
        for chain in chains:
            came = min(row.in_time for row in chain).normalize()
            ends = max(map(end_of, chain)).normalize()
            ongoing = any(pd.isna(row.out_time) for row in chain)
            main = max(
                chain,
                key=lambda row: (
                    (end_of(row).normalize() - row.in_time.normalize()).days,
                    -row.in_time.value // 60_000_000_000,
                ),
            )
            night = came
            while night < ends:
                put(main, "inpatient", night.year, night.month, "bed_days", 1)
                night += timedelta(days=1)
            if not ongoing:
                kind = ("inpatient", "stays") if came < ends else ("day", "day_treatments")
                put(main, kind[0], ends.year, ends.month, kind[1], 1)
    return {key: value for key, value in cells.items() if any(value.values())}, dict(faults)
