"""Indicators as FHIR: what is given out, to whom, and what comes in through the exchange."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from fhir_schema import faults

from framsyn.errors import PlanError
from framsyn.sources import fhir
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.exchange.applying import apply, check
from framsyn.web.exchange.fhir import read_document
from framsyn.web.indicators.actions import Definition, Figure, define, observe
from framsyn.web.indicators.fhir import bundle_of, definition_of, figures_of
from framsyn.web.indicators.models import Indicator, Observation

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests")
YEAR = (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
ADDRESS = "https://plan.example/indicators/harm/fhir/measure"


@pytest.fixture
def harm() -> Indicator:
    """Give an indicator with a rule for small numbers and three places, one of them too small. The figures are made up."""
    one = define(
        SYSTEM,
        "harm",
        Definition(
            name={"nb": "Skader", "nn": "Skadar", "en": "Harm"},
            definition={"nb": "Andel opphold med pasientskade"},
            numerator={"nb": "opphold med skade"},
            denominator={"nb": "opphold"},
            unit="share",
            frequency="year",
            direction="down",
            source={"nb": "Egen telling"},
            responsible=Organisation.objects.get(pk="hmn"),
            small_number=5,
            decimals=1,
        ),
    )
    for place, count, whole in (("hmn", 133, 1300), ("sto", 100, 700), ("hnt", 30, 300), ("hmr", 3, 300)):
        observe(SYSTEM, one, Figure(place, *YEAR, numerator=count, denominator=whole, coverage=0.9))
    return one


def strata(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (stratifier,) = report["group"][0]["stratifier"]
    return {one["value"]["coding"][0]["code"]: one for one in stratifier["stratum"]}


# ---------------------------------------------------------------- given out
def test_every_indicator_of_the_demo_is_valid_fhir(db: None) -> None:
    for one in Indicator.objects.select_related("responsible"):
        written = bundle_of(one, f"https://plan.example/indicators/{one.pk}/fhir/measure")
        assert faults(written) == [], one.pk
        if len(written["entry"]) > 1:
            back = fhir.read_reports(written)
            assert back.indicators == [definition_of(one)]
            key = lambda figure: (figure.period_end, figure.period_start, figure.place)  # noqa: E731
            assert sorted((figure for _i, figure, _w in back.figures), key=key) == sorted(
                figures_of(one), key=key
            )


def test_small_counts_are_masked_and_so_is_what_gives_them_away(client: Any, harm: Indicator) -> None:
    hidden = set(Observation.objects.filter(indicator=harm, hidden=True).values_list("place", flat=True))
    assert hidden == {"hmr", "hnt"}  # the small one, and one more so that it cannot be subtracted
    for route in ("measure-report", "measure-report/2024-01-01/2024-12-31", "bundle"):
        answer = client.get(f"/indicators/harm/fhir/{route}")
        assert answer["Content-Type"] == "application/fhir+json"
        document = answer.json()
        assert faults(document) == []
        report = document["entry"][1]["resource"] if route == "bundle" else document
        parts = strata(report)
        assert parts["sto"]["measureScore"]["value"] == pytest.approx(1 / 7)
        for place in hidden:
            assert set(parts[place]) == {"value", "measureScore"}
            assert parts[place]["measureScore"] == {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                        "valueCode": "masked",
                    }
                ]
            }


def test_the_measure_says_what_is_measured(client: Any, harm: Indicator) -> None:
    document = client.get("/indicators/harm/fhir/measure").json()
    assert faults(document) == []
    assert document["url"].endswith("/indicators/harm/fhir/measure")
    assert document["scoring"]["coding"][0]["code"] == "proportion"
    assert document["improvementNotation"]["coding"][0]["code"] == "decrease"
    assert [one["code"]["coding"][0]["code"] for one in document["group"][0]["population"]] == [
        "numerator",
        "denominator",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "/indicators/nothing/fhir/measure",
        "/indicators/nothing/fhir/bundle",
        "/indicators/harm/fhir/measure-report/2023-01-01/2023-12-31",
        "/indicators/harm/fhir/measure-report/yesterday/2023-12-31",
        "/indicators/harm/fhir/measure-report/2024-01-01/%00",
    ],
)
def test_what_is_not_there_is_not_found(client: Any, harm: Indicator, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_indicator_without_figures_has_a_measure_and_no_report(client: Any, harm: Indicator) -> None:
    Observation.objects.filter(indicator=harm).delete()
    assert client.get("/indicators/harm/fhir/measure").status_code == 200
    assert client.get("/indicators/harm/fhir/measure-report").status_code == 404
    assert len(client.get("/indicators/harm/fhir/bundle").json()["entry"]) == 1


def test_the_files_cost_few_queries(client: Any, harm: Indicator, django_assert_max_num_queries: Any) -> None:
    for route in ("measure", "measure-report", "bundle"):
        with django_assert_max_num_queries(8):
            assert client.get(f"/indicators/harm/fhir/{route}").status_code == 200


def test_the_page_of_an_indicator_links_to_them(client: Any, harm: Indicator) -> None:
    page = client.get("/indicators/harm/").content.decode()
    for route in ("measure", "measure-report", "bundle"):
        assert f'href="/indicators/harm/fhir/{route}"' in page


def test_the_interface_gives_the_same_documents(client: Any, harm: Indicator) -> None:
    for route in ("measure", "measure-report"):
        page = client.get(f"/indicators/harm/fhir/{route}").json()
        assert client.get(f"/api/v1/indicators/harm/fhir/{route}").json() == page
    period = "?start=2024-01-01&end=2024-12-31"
    assert client.get(f"/api/v1/indicators/harm/fhir/measure-report{period}").json() == page
    for address in ("harm/fhir/measure-report?start=1999-01-01&end=1999-12-31", "nothing/fhir/measure"):
        assert client.get(f"/api/v1/indicators/{address}").status_code == 404


# ---------------------------------------------------------------- taken in
def report(**more: Any) -> dict[str, Any]:
    """Return a report as another system writes it: places by number of the register, and a score in percent."""
    number = Organisation.objects.get(pk="sto").org_number
    found = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": "https://other.example/Measure/harm|2.0",
        "period": {"start": "2025", "end": "2025"},
        "group": [
            {
                "stratifier": [
                    {
                        "code": [{"text": "organization"}],
                        "stratum": [
                            {
                                "value": {
                                    "coding": [{"system": "urn:oid:2.16.578.1.12.4.1.4.101", "code": number}]
                                },
                                "measureScore": {
                                    "value": 12.5,
                                    "system": "http://unitsofmeasure.org",
                                    "code": "%",
                                },
                            }
                        ],
                    }
                ]
            }
        ],
    }
    return {**found, **more}


def brought(document: Any, reason: str = "") -> Any:
    return read_document(json.dumps(document).encode(), "reports.json", reason)


def test_a_report_is_shown_first_and_then_put_in_by_the_action(harm: Indicator, editor: Any) -> None:
    reading = brought(report())
    found = check(Actor(editor, "Editor"), reading)
    assert (found.errors, found.counts["new"]) == ([], 1)
    assert not Observation.objects.filter(indicator=harm, period_end__year=2025).exists()  # shown alone
    apply(Actor(editor, "Editor"), reading, found.digest)
    row = Observation.objects.get(indicator=harm, period_end__year=2025)
    assert (row.place, row.value, row.period_start, row.created_by) == (
        "sto",
        0.125,
        datetime.date(2025, 1, 1),
        editor,
    )
    assert Entry.objects.filter(action="indicator.observe", object_id="harm", actor=editor).count() == 1


def test_whoever_may_not_observe_may_not_by_fhir(harm: Indicator, reader: Any) -> None:
    reading = brought(report())
    found = check(Actor(reader, "Reader"), reading)
    assert [change.status for change in found.changes] == ["refused"]
    with pytest.raises((NotAllowed, PlanError)):
        apply(Actor(reader, "Reader"), reading, found.digest)
    assert not Observation.objects.filter(indicator=harm, period_end__year=2025).exists()


def test_what_we_give_out_changes_nothing_when_it_comes_back(harm: Indicator) -> None:
    found = check(SYSTEM, brought(bundle_of(harm, ADDRESS)))
    assert (found.changes, found.errors, found.unchanged) == ([], [], 2)
    assert len(found.notices) == 1  # two are masked, and stay


def test_a_correction_needs_a_reason_and_keeps_the_old_figure(harm: Indicator) -> None:
    document = bundle_of(harm, ADDRESS)
    part = strata(document["entry"][1]["resource"])["sto"]
    part["population"][0]["count"], part["measureScore"]["value"] = 140, 0.2
    found = check(SYSTEM, brought(document))
    assert [error.message for error in found.errors if "Say why" in error.message]
    reading = brought(document, "Counted anew")
    found = check(SYSTEM, reading)
    assert (found.errors, found.counts["changed"]) == ([], 1)
    apply(SYSTEM, reading, found.digest)
    rows = Observation.objects.filter(indicator=harm, place="sto").order_by("revision")
    assert [(row.value, row.current) for row in rows] == [(pytest.approx(1 / 7), False), (0.2, True)]


def person(document: dict[str, Any]) -> None:
    document["contained"] = [{"resourceType": "Patient", "id": "p1"}]


REFUSED = {
    "unknown-measure": lambda one: one.update(measure="https://other.example/Measure/unheard-of"),
    "bad-period": lambda one: one.update(period={"start": "2025-12-31", "end": "2025-01-01"}),
    "report-not-complete": lambda one: one.update(status="pending"),
    "unknown-place": lambda one: one["group"][0]["stratifier"][0]["stratum"][0]["value"]["coding"][0].update(
        code="999999999"
    ),
    "unknown-unit": lambda one: one["group"][0]["stratifier"][0]["stratum"][0]["measureScore"].update(
        code="d"
    ),
    "persons-in-report": person,
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_taken_in_is_refused_whole(harm: Indicator, code: str) -> None:
    document = copy.deepcopy(report())
    REFUSED[code](document)
    with pytest.raises(PlanError) as refused:
        brought(document)
    assert refused.value.code == code
    assert "othing was" in refused.value.message


def test_a_figure_of_the_future_is_told_with_its_place_in_the_document(harm: Indicator) -> None:
    found = check(SYSTEM, brought(report(period={"start": "2999", "end": "2999"})))
    (error,) = found.errors
    assert "MeasureReport.group[0].stratifier[0].stratum[0]" in str(error)


# ---------------------------------------------------------------- command line
def test_the_command_shows_and_with_write_changes(
    harm: Indicator, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framsyn.cli import invoke
    from framsyn.web.operations import start

    monkeypatch.setattr(start, "set_up", lambda *_more, **_named: tmp_path)  # the tests' own database
    file = tmp_path / "reports.json"
    file.write_text(json.dumps(report()), encoding="utf-8")
    assert invoke(["exchange", "fhir", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["done"], said["counts"]) == (False, {"new": 1})
    assert not Observation.objects.filter(indicator=harm, period_end__year=2025).exists()
    assert invoke(["exchange", "fhir", str(file), "--write", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] is True
    assert Observation.objects.get(indicator=harm, period_end__year=2025).value == 0.125
    file.write_bytes(file.read_bytes()[:-9])
    assert invoke(["exchange", "fhir", str(file)]) == 2
    assert "no JSON" in capsys.readouterr().err
