"""FHIR documents: valid by the schema, read as they were written, and refused clearly when they cannot be used."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
from fhir_schema import faults

from framsyn.errors import PlanError
from framsyn.sources.fhir import (
    Figure,
    Indicator,
    bundle,
    measure,
    measure_report,
    read_json,
    read_measure,
    read_reports,
)
from framsyn.sources.fhir.opening import LARGEST
from framsyn.sources.fhir.terms import UCUM_OF

ADDRESS = "https://plan.example/indicators/readmissions/fhir/measure"
YEAR = (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
UNITS = {"readmissions": "share"}


@pytest.fixture
def indicator() -> Indicator:
    return Indicator(
        id="readmissions",
        name={"nb": "Reinnleggelser", "nn": "Reinnleggingar", "en": "Readmissions"},
        definition={"nb": "Andel som legges inn igjen innen 30 dager"},
        unit="share",
        frequency="year",
        direction="down",
        source={"nb": "Egen telling"},
        responsible="hmn",
        responsible_name="Helse Midt-Norge RHF",
        numerator={"nb": "Reinnleggelser"},
        denominator={"nb": "Utskrivinger"},
        decimals=1,
        licence="CC-BY-4.0",
        small_number=5,
    )


@pytest.fixture
def report(indicator: Indicator) -> dict[str, Any]:
    """Return a report of three places. The figures are made up."""
    figures = [
        Figure("hmn", *YEAR, value=0.125, numerator=125, denominator=1000, coverage=1.0, quality="official"),
        Figure("sto", *YEAR, value=0.1, numerator=50, denominator=500),
        Figure("hnt", *YEAR, hidden=True),
    ]
    return measure_report(indicator, figures, ADDRESS, {"sto": "St. Olavs hospital"})


def refused(document: Any, units: dict[str, str] | None = UNITS, **more: Any) -> PlanError:
    with pytest.raises(PlanError) as error:
        read_reports(document, units, **more)
    return error.value


# ---------------------------------------------------------------- written
@pytest.mark.parametrize("unit", UCUM_OF)
def test_every_unit_is_written_validly_and_read_back(indicator: Indicator, unit: str) -> None:
    one = Indicator(**{**vars(indicator), "unit": unit})
    document = bundle(one, [Figure("hmn", *YEAR, value=0.5)], ADDRESS)
    assert faults(document) == []
    assert read_reports(document, {"readmissions": unit}).figures[0][1].value == 0.5


@pytest.mark.parametrize("direction", ["up", "down", "hold", "range", "none"])
def test_the_direction_is_told_in_words_of_the_standard_where_it_has_one(
    indicator: Indicator, direction: str
) -> None:
    one = Indicator(**{**vars(indicator), "direction": direction})
    document = measure(one, ADDRESS)
    assert faults(document) == []
    assert ("improvementNotation" in document) == (direction in ("up", "down"))
    assert read_measure(document) == one


@pytest.mark.parametrize(
    ("unit", "denominator", "scoring"),
    [
        ("share", {}, "proportion"),
        ("per_1000", {}, "ratio"),
        ("days", {"nb": "opphold"}, "ratio"),
        ("days", {}, "continuous-variable"),
        ("persons", {}, "continuous-variable"),
    ],
)
def test_the_scoring_follows_from_the_unit(
    indicator: Indicator, unit: str, denominator: dict[str, str], scoring: str
) -> None:
    one = Indicator(**{**vars(indicator), "unit": unit, "denominator": denominator})
    assert measure(one, ADDRESS)["scoring"]["coding"][0]["code"] == scoring


def test_a_hidden_figure_has_no_number_anywhere(report: dict[str, Any]) -> None:
    assert faults(report) == []
    hidden = next(
        one
        for one in report["group"][0]["stratifier"][0]["stratum"]
        if one["value"]["coding"][0]["code"] == "hnt"
    )
    masked = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    rest = {key: one for key, one in hidden.items() if key != "value"}
    assert rest == {"measureScore": {"extension": [masked]}}
    assert read_reports(report, UNITS).figures[1][1] == Figure("hnt", *YEAR, hidden=True)


@pytest.mark.parametrize("name", ["value", "numerator", "denominator", "coverage"])
def test_a_hidden_figure_with_a_number_cannot_be_made(name: str) -> None:
    with pytest.raises(PlanError, match="hidden"):
        Figure("hnt", *YEAR, hidden=True, **{name: 3})


def test_counts_that_are_not_whole_are_kept(indicator: Indicator) -> None:
    figure = Figure("hmn", *YEAR, value=0.1, numerator=0.25, denominator=2.5e12)
    document = measure_report(indicator, [figure], ADDRESS)
    assert faults(document) == []
    assert read_reports(document, UNITS).figures[0][1] == figure


def test_a_report_is_of_one_period_and_names_a_place_once(indicator: Indicator) -> None:
    other = (datetime.date(2023, 1, 1), datetime.date(2023, 12, 31))
    for figures, code in (
        ([], "no-figures"),
        ([Figure("hmn", *YEAR, value=0.1), Figure("hmn", *other, value=0.1)], "several-periods"),
        ([Figure("hmn", *YEAR, value=0.1), Figure("hmn", *YEAR, value=0.2)], "place-twice"),
    ):
        with pytest.raises(PlanError) as error:
            measure_report(indicator, figures, ADDRESS)
        assert error.value.code == code


# ---------------------------------------------------------------- read
def test_a_report_of_another_system_is_read(report: dict[str, Any]) -> None:
    """The whole alone, its place told by the subject, a score in percent, ends of the period as a year."""
    told = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "Measure/readmissions",
        "subject": {"reference": "Location/sto"},
        "period": {"start": "2024-01", "end": "2024-12-31T23:59:59+01:00"},
        "group": [
            {
                "population": [
                    {"code": {"coding": [{"code": "initial-population"}]}, "count": 1100},
                    {"code": {"coding": [{"code": "numerator"}]}, "count": 125},
                    {"code": {"coding": [{"code": "denominator"}]}, "count": 1100},
                    {"code": {"coding": [{"code": "denominator-exclusion"}]}, "count": 100},
                ],
                "measureScore": {"value": 12.5, "unit": "%"},
            }
        ],
    }
    assert faults(told) == []
    ((indicator, figure, where),) = read_reports(told, UNITS).figures
    assert (indicator, where) == ("readmissions", "MeasureReport.group[0]")
    assert figure == Figure("sto", *YEAR, value=0.125, numerator=125, denominator=1000)


def test_a_cohort_tells_its_count_as_the_population() -> None:
    told = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "urn:framsyn:indicator:waiting",
        "reporter": {"identifier": {"value": "hmn"}},
        "period": {"start": "2024", "end": "2024"},
        "group": [{"population": [{"code": {"coding": [{"code": "initial-population"}]}, "count": 42}]}],
    }
    assert read_reports(told, {"waiting": "persons"}).figures[0][1].value == 42


def test_a_stratifier_that_is_not_by_place_is_told_and_left_aside(report: dict[str, Any]) -> None:
    report["group"][0]["stratifier"].append(
        {"code": [{"text": "age"}], "stratum": [{"value": {"text": "80+"}}]}
    )
    found = read_reports(report, UNITS)
    assert (len(found.figures), len(found.notices)) == (3, 1)


PERSONS: dict[str, Any] = {
    "a patient inside": {"contained": [{"resourceType": "Patient", "id": "p"}]},
    "a subject": {"subject": {"reference": "Patient/1"}},
    "a subject at an address": {"subject": {"reference": "https://ehr.example/fhir/Patient/1/_history/2"}},
    "a subject by its type": {"subject": {"type": "Patient", "identifier": {"value": "1"}}},
    "a clinician who reports": {"reporter": {"reference": "Practitioner/7"}},
    "what was looked at": {"evaluatedResource": [{"reference": "Observation/1"}]},
    "a group": {"extension": [{"url": "urn:x", "valueReference": {"reference": "Group/9"}}]},
    "the individual type": {"type": "individual"},
    "the list of subjects": {"type": "subject-list"},
}


@pytest.mark.parametrize("what", PERSONS)
def test_what_tells_of_persons_is_refused_without_naming_them(report: dict[str, Any], what: str) -> None:
    error = refused({**report, **PERSONS[what]})
    assert error.code == "persons-in-report"
    assert "Patient/1" not in error.message


def test_a_patient_beside_the_report_in_a_bundle_is_refused(report: dict[str, Any]) -> None:
    entries = [{"resource": report}, {"resource": {"resourceType": "Patient", "id": "p"}}]
    assert (
        refused({"resourceType": "Bundle", "type": "collection", "entry": entries}).code
        == "persons-in-report"
    )


def test_lists_of_persons_behind_a_count_are_refused(report: dict[str, Any]) -> None:
    report["group"][0]["population"][0]["subjectResults"] = {"reference": "List/1"}
    assert refused(report).code == "persons-in-report"


FAULTS: dict[str, tuple[str, Any]] = {
    "not a report": ("not-a-report", {"resourceType": "Observation"}),
    "data for a calculation": ("not-a-report", {"type": "data-collection"}),
    "not ready": ("report-not-complete", {"status": "pending"}),
    "an unknown measure": ("unknown-measure", {"measure": "https://x.example/Measure/other"}),
    "no measure": ("unknown-measure", {"measure": None}),
    "no period": ("bad-period", {"period": None}),
    "an open period": ("bad-period", {"period": {"start": "2024-01-01"}}),
    "no day of the calendar": ("bad-period", {"period": {"start": "2024-02-30", "end": "2024-12-31"}}),
    "the end first": ("bad-period", {"period": {"start": "2024-12-31", "end": "2024-01-01"}}),
    "a day as a number": ("bad-period", {"period": {"start": 2024, "end": 2024}}),
    "no group": ("several-groups", {"group": []}),
    "a group that is none": ("fhir-shape", {"group": "all"}),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_cannot_be_used_is_refused_with_its_place(report: dict[str, Any], what: str) -> None:
    code, change = FAULTS[what]
    error = refused({**report, **change})
    assert error.code == code
    assert "othing was" in error.message


def in_place(report: dict[str, Any], place: str) -> dict[str, Any]:
    strata = report["group"][0]["stratifier"][0]["stratum"]
    return next(one for one in strata if one["value"]["coding"][0]["code"] == place)


def test_figures_that_contradict_each_other_are_refused(report: dict[str, Any]) -> None:
    twice = copy.deepcopy(report)
    twice["group"][0]["stratifier"][0]["stratum"].append(copy.deepcopy(in_place(report, "sto")))
    assert refused(twice).code == "figure-twice"
    other = copy.deepcopy(report)
    other["group"][0]["measureScore"]["value"] = 0.5
    assert refused(other).code == "figures-disagree"
    both = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": report}, {"resource": report}],
    }
    assert refused(both).code == "figure-twice"
    told = copy.deepcopy(report)
    in_place(told, "hnt")["measureScore"]["value"] = 3
    assert refused(told).code == "hidden-figure-told"


def test_a_score_in_another_unit_is_refused(report: dict[str, Any]) -> None:
    in_place(report, "sto")["measureScore"]["code"] = "d"
    assert refused(report).code == "unknown-unit"


def test_a_measure_of_another_unit_than_ours_is_refused(indicator: Indicator) -> None:
    document = bundle(indicator, [Figure("hmn", *YEAR, value=0.1)], ADDRESS)
    assert refused(document, {"readmissions": "days"}).code == "unknown-unit"


def test_a_place_that_nobody_knows_is_refused(report: dict[str, Any]) -> None:
    assert refused(report, place_of=lambda name: name if name != "sto" else None).code == "unknown-place"


# ---------------------------------------------------------------- opened
HOSTILE = {
    "nothing": (b"", "not-json"),
    "cut off": (b'{"resourceType": "Bundle", "entry": [', "not-json"),
    "another encoding": ('{"a": "æ"}'.encode("latin-1"), "not-utf8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not-utf8"),
    "a key twice": (b'{"a": {"b": 1, "b": 2}}', "not-json"),
    "no number": (b'{"a": NaN}', "not-json"),
    "no end": (b'{"a": -Infinity}', "not-json"),
    "a list": (b"[1]", "not-an-object"),
    "nothing in JSON": (b"null", "not-an-object"),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not-json"),
    "rather deep": (b'{"a":' * 90 + b"1" + b"}" * 90, "not-json"),
    "half a letter": (b'{"a": "\\ud800"}', "not-json"),
    "half a letter in a key": (b'{"\\udfff": 1}', "not-json"),
    "a zero byte": (b'{"a": "\\u0000"}', "not-json"),
    "a number of a million digits": (b'{"a": ' + b"9" * 1_000_000 + b"}", "not-json"),
    "large": (b" " * (LARGEST + 1), "too-large"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_documents_are_refused(what: str) -> None:
    content, code = HOSTILE[what]
    with pytest.raises(PlanError) as error:
        read_json(content, "reports.json")
    assert error.value.code == code
    assert error.value.message.startswith("reports.json: ")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_json(b'\xef\xbb\xbf{"resourceType": "Bundle"}') == {"resourceType": "Bundle"}


def test_the_schema_sees_what_is_wrong(report: dict[str, Any]) -> None:
    """The check itself can fail: it knows required elements, codes, types, and elements that there are none of."""
    for change in (
        {"type": "nonsense"},
        {"period": {"start": "20240101"}},
        {"id": "æ ø"},
        {"unheard": 1},
        {"group": {}},
    ):
        assert faults({**report, **change}), change
    for name in ("status", "type", "measure", "period"):
        assert faults({key: value for key, value in report.items() if key != name}), name
    deep = copy.deepcopy(report)
    in_place(deep, "sto")["population"][0]["count"] = 3.5
    assert faults(deep)
