"""Addresses and codes: those of FHIR R4, of UCUM, and our own where the standard has no word."""

from __future__ import annotations

__all__ = [
    "ABSENT",
    "BETTER",
    "EXTENSION",
    "IMPROVEMENT",
    "INDICATOR_SYSTEM",
    "PERSONS",
    "PLACE_CODES",
    "PLACE_SYSTEM",
    "POPULATION",
    "RESOURCE_TYPES",
    "SCORING",
    "STRATIFIER_SYSTEM",
    "TRANSLATION",
    "UCUM",
    "UCUM_OF",
    "unit_of",
]

# ---------------------------------------------------------------- of the standard
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
SCORING = f"{TERMINOLOGY}measure-scoring"
POPULATION = f"{TERMINOLOGY}measure-population"
IMPROVEMENT = f"{TERMINOLOGY}measure-improvement-notation"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
UCUM = "http://unitsofmeasure.org"
BETTER = {"up": "increase", "down": "decrease"}
"""Which way is better, for the two directions that FHIR has a word for."""
PERSONS = frozenset({"Patient", "RelatedPerson", "Person", "Practitioner", "PractitionerRole", "Group"})
"""Resources that tell of persons, one or many; a report that holds or names one is refused."""

# ---------------------------------------------------------------- our own
# A URN and no web address: it must be the same on every site, and no site owns the others' names.
INDICATOR_SYSTEM = "urn:framsyn:indicator"
PLACE_SYSTEM = "urn:framsyn:place"
STRATIFIER_SYSTEM = "urn:framsyn:stratifier"
EXTENSION = "urn:framsyn:fhir:"
PLACE_CODES = frozenset({"place", "location", "organization", "organisation", "sted", "stad"})
"""Codes of a stratifier that parts by place."""

UCUM_OF = {
    "share": "1",
    "ratio": "{ratio}",
    "index": "{index}",
    "count": "{count}",
    "points": "{score}",
    "persons": "{person}",
    "beds": "{bed}",
    "fte": "{full-time equivalent}",
    "mnok": "10*6.[NOK]",
    "days": "d",
    "months": "mo",
    "years": "a",
    "hours": "h",
    "per_1000": "/10*3",
    "tonnes_co2e": "t{CO2e}",
    "kwh_per_m2": "kW.h/m2",
}
"""UCUM code of each of our units. NOK is no unit of UCUM: it stands in brackets as arbitrary units do."""
_OTHERS = {"%": ("share", 0.01), "10*-3": ("per_1000", 1.0), "{patients}": ("persons", 1.0)}


def unit_of(code: str) -> tuple[str, float] | None:
    """Return our unit for a UCUM code, and what a value in it is multiplied with; None where we have none.

    >>> unit_of("d"), unit_of("%"), unit_of("mg/dL")
    (('days', 1.0), ('share', 0.01), None)
    """
    own = next((unit for unit, ucum in UCUM_OF.items() if ucum == code), None)
    return (own, 1.0) if own else _OTHERS.get(code)
