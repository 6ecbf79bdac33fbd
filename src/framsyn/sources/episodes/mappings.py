"""The tables that carry codes of episodes to a region's own: diagnosis to service, unit to site, municipality to area.

A mapping is a small table with a version. What it does not hold is counted in the report on quality and never guessed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from pathlib import Path

    from framsyn.region import Region

__all__ = ["Mappings", "diagnosis_codes", "mappings_of", "read_units"]

SERVICE_AREAS = ("SOM", "PHV", "PHBU", "TSB")
PSYCHIATRIC = ("psychiatric", "district")
_RANGE = re.compile(r"^([A-Z])(\d\d)-([A-Z])(\d\d)$")


@dataclass(frozen=True)
class Mappings:
    """Codes of episodes and what they become.

    Attributes
    ----------
    services : tuple of str
        Service groups, whose places are the numbers in the cells.
    diagnoses : tuple of (str, int)
        First three signs of an ICD-10 code, and the place of its service.
    whole : tuple of (str, int)
        Service areas that are one service, whatever the diagnosis: area, place of the service.
    units : tuple of (str, str, str)
        Unit, site, service area.
    areas : tuple of str
        Municipalities of the region.
    version : str
        Digest of all that is above.
    """

    services: tuple[str, ...]
    diagnoses: tuple[tuple[str, int], ...]
    whole: tuple[tuple[str, int], ...]
    units: tuple[tuple[str, str, str], ...]
    areas: tuple[str, ...]

    @property
    def version(self) -> str:
        """Digest of the mappings: the same tables, the same version."""
        parts = (self.services, self.diagnoses, self.whole, self.units, self.areas)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def diagnosis_codes(span: str) -> list[str]:
    """Return the three-sign codes of a range of ICD-10.

    >>> diagnosis_codes("A98-B01")
    ['A98', 'A99', 'B00', 'B01']
    """
    found = _RANGE.match(span)
    if found is None:
        message = f'"{span}" is no range of ICD-10 codes. Write it as A00-B99.'
        raise PlanError("icd-range-unfit", message, got=span, expected="A00-B99")
    first, low, last, high = found[1], int(found[2]), found[3], int(found[4])
    start, stop = ord(first) * 100 + low, ord(last) * 100 + high
    if start > stop:
        message = f'the range of ICD-10 codes "{span}" ends before it begins. Turn the two ends.'
        raise PlanError("icd-range-unfit", message, got=span)
    return [f"{chr(number // 100)}{number % 100:02d}" for number in range(start, stop + 1)]


def mappings_of(region: Region, units: tuple[tuple[str, str, str], ...] | None = None) -> Mappings:
    """Return the mappings that a region's own tables give.

    Parameters
    ----------
    region : Region
    units : tuple of (str, str, str), optional
        Unit, site and service area from :func:`read_units`; the region's sites under their own codes if left out.
    """
    table = region.table("services")
    services = tuple(str(name) for name in table["service"])
    diagnoses: list[tuple[str, int]] = []
    whole: list[tuple[str, int]] = []
    for place, row in enumerate(table.itertuples()):
        span = str(row.icd10) if isinstance(row.icd10, str) else ""
        if span:
            diagnoses += [(code, place) for code in diagnosis_codes(span)]
        else:
            whole.append((str(row.service_area), place))
    if units is None:
        sites = region.table("sites")
        units = tuple(
            (str(row.site), str(row.site), "PHV" if row.kind in PSYCHIATRIC else "SOM")
            for row in sites.itertuples()
        )
    return Mappings(
        services, tuple(diagnoses), tuple(whole), units, tuple(str(area) for area in region.areas)
    )


def read_units(path: Path) -> tuple[tuple[str, str, str], ...]:
    """Read which site and service area each treating unit belongs to, from CSV: unit, site, service_area.

    Raises
    ------
    PlanError
        A column is missing, a unit is there twice, a service area is unknown.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name}: cannot be read as a UTF-8 text ({error}). Save it as CSV in UTF-8."
        raise PlanError("file-unreadable", message, file=path.name) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    wanted = ["unit", "site", "service_area"]
    missing = [name for name in wanted if name not in (rows.fieldnames or ())]
    if missing:
        message = f"{path.name}: no column {', '.join(missing)}; the head is {','.join(wanted)}, with commas between."
        raise PlanError(
            "column-missing", message, file=path.name, got=list(rows.fieldnames or ()), expected=wanted
        )
    found: dict[str, tuple[str, str, str]] = {}
    for number, row in enumerate(rows, start=2):
        unit, site, area = ((row[name] or "").strip() for name in wanted)
        where = f"{path.name}, row {number}"
        if not unit or not site:
            message = f"{where}: unit or site is empty. Every row names both."
            raise PlanError("cell-empty", message, file=path.name, row=number)
        if area not in SERVICE_AREAS:
            message = f'{where}: service_area is "{area}"; expected one of {", ".join(SERVICE_AREAS)}.'
            raise PlanError(
                "unknown-label", message, file=path.name, row=number, got=area, expected=list(SERVICE_AREAS)
            )
        if unit in found:
            message = f'{where}: the unit "{unit}" is there already. Keep one row for each.'
            raise PlanError("row-twice", message, file=path.name, row=number, got=unit)
        found[unit] = (unit, site, area)
    if not found:
        message = f"{path.name}: there is no row. Write one for each treating unit."
        raise PlanError("file-empty", message, file=path.name)
    return tuple(found.values())
