"""Indicators in the form of HL7 FHIR R4: a Measure says what is measured, a MeasureReport of the type summary holds figures.

Nothing here reads a database or a file: dictionaries go in and our own dataclasses come out, or the other way round. A
report that tells of single persons is refused, whatever else it holds.
"""

from __future__ import annotations

from framsyn.sources.fhir.model import Figure, Found, Indicator
from framsyn.sources.fhir.opening import read_json
from framsyn.sources.fhir.reading import read_measure, read_reports
from framsyn.sources.fhir.writing import bundle, measure, measure_report

__all__ = [
    "Figure",
    "Found",
    "Indicator",
    "bundle",
    "measure",
    "measure_report",
    "read_json",
    "read_measure",
    "read_reports",
]
