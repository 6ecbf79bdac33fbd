"""Indicators: list, page, files, small numbers, corrections, breaks, and that pages stay cheap with many figures."""

from __future__ import annotations

import csv
import datetime
import io
import json
from typing import Any

import pytest
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.indicators.actions import Definition, Figure, change, define, mark_break, observe
from framsyn.web.indicators.charts import sparkline
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.queries import Filters, indicator_list
from framsyn.web.indicators.readings import counted_since, newest_readings, shown
from framsyn.web.indicators.rules import Reading
from framsyn.web.outlooks.models import Run, Series

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests")


def definition(**more: Any) -> Definition:
    facts: dict[str, Any] = {
        "name": {"nb": "Skader", "en": "Harm"},
        "definition": {"nb": "Pasientskader"},
        "unit": "count",
        "frequency": "month",
        "direction": "down",
        "source": {"nb": "Egen telling"},
        "responsible": Organisation.objects.get(pk="hmn"),
    }
    return Definition(**{**facts, **more})


@pytest.fixture
def harm() -> Indicator:
    return define(SYSTEM, "harm", definition(small_number=5))


def month(number: int) -> tuple[datetime.date, datetime.date]:
    year, place = 2020 + number // 12, number % 12 + 1
    first = datetime.date(year, place, 1)
    following = datetime.date(year + place // 12, place % 12 + 1, 1)
    return first, following - datetime.timedelta(days=1)


def figure(number: int, value: float | None, place: str = "hmn", **more: Any) -> Figure:
    return Figure(place, *month(number), value=value, **more)


# ---------------------------------------------------------------- list
def test_the_list_holds_every_indicator_once(client: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        page = client.get("/indicators/?lang=nb").content.decode()
    found = indicator_list(Filters())
    assert found.total == len(found.rows) == Indicator.objects.count()
    assert found.counts["with_data"] + found.counts["no_data"] == found.total
    assert all(row.indicator.needs or row.readings for row in found.waiting)
    assert all(reading.faulty for row in found.waiting for reading in row.readings)
    assert "style=" not in page
    assert page.count('scope="row"') == found.total


def test_the_list_filters_by_section_state_and_words() -> None:
    section = indicator_list(Filters(section="rup-2027.s6"))
    assert 0 < section.found < section.total
    assert {row.newest for row in indicator_list(Filters(state="no_data")).rows} == {None}
    assert [row.indicator.pk for row in indicator_list(Filters(text="SOMATIC BEDS")).rows] == ["beds-somatic"]
    better = indicator_list(Filters(state="better")).rows
    assert better
    for row in better:
        up = row.newest.value > row.before.value
        assert up == (row.indicator.direction == "up")


def test_the_list_as_a_file(client: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/indicators/indicators.csv").content.decode())))
    assert len(rows) == Indicator.objects.count()
    beds = next(row for row in rows if row["indicator"] == "beds-somatic")
    assert (beds["place"], beds["state"]) == ("hmn", "final")


# ---------------------------------------------------------------- one indicator
@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_every_indicator_has_its_page(client: Any, django_assert_max_num_queries: Any, lang: str) -> None:
    names = list(Indicator.objects.values_list("pk", flat=True))
    for name in names if lang == "nb" else names[::12]:
        with django_assert_max_num_queries(15):
            answer = client.get(f"/indicators/{name}/?lang={lang}")
        page = answer.content.decode()
        assert answer.status_code == 200, name
        assert page.count("<h1>") == 1
        assert "style=" not in page
    assert client.get("/indicators/nothing/").status_code == 404


def test_the_outlook_continues_the_line(client: Any) -> None:
    run = Run.objects.create(
        id="run",
        region="midt-norge",
        scenario="plan",
        label={"nb": "Plan"},
        draws=5,
        manifest={},
        stored_at=timezone.now(),
        is_main=True,
    )
    years = list(range(2025, 2041))
    bands = {
        name: [1500.0 + step * i for i in range(16)]
        for name, step in (("p10", 1), ("p25", 5), ("p50", 10), ("p75", 15), ("p90", 20), ("central", 10))
    }
    Series.objects.create(run=run, quantity="beds", place="region", part="SOM", years=years, values=bands)
    page = client.get("/indicators/beds-somatic/?lang=en").content.decode()
    assert "1,650 in 2040" in page
    assert "projected, median" in page


def test_files_hold_the_figures_and_what_they_are(client: Any) -> None:
    text = b"".join(client.get("/indicators/beds-somatic.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == Observation.objects.filter(indicator="beds-somatic", current=True).count()
    facts = json.loads(client.get("/indicators/beds-somatic.json").content)
    assert [column["name"] for column in facts["columns"]] == list(rows[0])
    assert (facts["unit"], facts["figures"]) == ("beds", "http://testserver/indicators/beds-somatic.csv")


# ---------------------------------------------------------------- control charts
def test_signals_are_said_in_words_and_marked_by_shape(client: Any, harm: Indicator) -> None:
    for number in range(24):
        observe(SYSTEM, harm, figure(number, 50 + number % 3 if number != 20 else 90))
    page = client.get("/indicators/harm/?lang=en").content.decode()
    assert "Beyond the control limits: September 2021." in page
    assert "Control chart (XmR)" in page
    assert "control limits" in page
    mark_break(SYSTEM, harm, datetime.date(2021, 9, 1), {"nb": "Ny melding"})
    page = client.get("/indicators/harm/?lang=en").content.decode()
    assert "a new phase begins" in page
    assert "Ny melding" in page
    with pytest.raises(PlanError) as error:
        mark_break(SYSTEM, harm, datetime.date(2021, 9, 1), {"nb": "Igjen"})
    assert error.value.code == "duplicate-break"


# ---------------------------------------------------------------- small numbers
def test_small_numbers_are_never_shown_or_handed_out(client: Any, harm: Indicator) -> None:
    for place, value in (("hmn", 173), ("sto", 121), ("hmr", 49), ("hnt", 3)):
        observe(SYSTEM, harm, figure(0, value, place))
    # 173 − 121 − 49 would give the 3 away: the next smallest is hidden too.
    assert set(shown(harm.observations.all()).values_list("place", flat=True)) == {"hmn", "sto"}
    text = b"".join(client.get("/indicators/harm.csv").streaming_content).decode()
    assert [row["place"] for row in csv.DictReader(io.StringIO(text))] == ["hmn", "sto"]
    page = client.get("/indicators/harm/?lang=en").content.decode()
    assert "2 figures are withheld" in page
    assert ">49<" not in page
    entries = Entry.objects.filter(object_id="harm", action="indicator.observe")
    assert 3 not in [entry.after["value"] for entry in entries]


def test_what_is_loaded_past_the_actions_is_held_back_all_the_same(client: Any, harm: Indicator) -> None:
    first, last = month(1)
    Observation.objects.create(
        indicator=harm,
        place="hmn",
        period_start=first,
        period_end=last,
        value=4,
        data_through=last,
        created_at=timezone.now(),
    )
    text = b"".join(client.get("/indicators/harm.csv").streaming_content).decode()
    assert len(text.splitlines()) == 1
    assert indicator_list(Filters(text="harm")).waiting[0].indicator == harm


def test_a_share_is_held_back_by_its_counts_also_by_those_left(harm: Indicator) -> None:
    one = define(SYSTEM, "quota", definition(unit="share", small_number=5))
    for number, above, below in ((0, 50.0, 100.0), (1, 2.0, 100.0), (2, 98.0, 100.0), (3, 2.0, 4.0)):
        observe(SYSTEM, one, figure(number, None, numerator=above, denominator=below))
    assert [row.value for row in shown(one.observations.all())] == [0.5]


def test_a_changed_rule_holds_for_old_figures(harm: Indicator) -> None:
    observe(SYSTEM, harm, figure(0, 8))
    assert shown(harm.observations.all()).count() == 1
    change(SYSTEM, harm, definition(small_number=10), reason="stricter")
    assert shown(harm.observations.all()).count() == 0
    assert Observation.objects.get(indicator=harm).hidden


# ---------------------------------------------------------------- figures
def test_a_correction_is_a_new_revision_with_a_reason(harm: Indicator) -> None:
    observe(SYSTEM, harm, figure(0, 50))
    with pytest.raises(PlanError) as error:
        observe(SYSTEM, harm, figure(0, 55))
    assert error.value.code == "correction-without-reason"
    made = observe(SYSTEM, harm, figure(0, 55), reason="counted twice")
    rows = list(harm.observations.order_by("revision").values_list("value", "revision", "current"))
    assert rows == [(50, 1, False), (55, 2, True)]
    assert made.revision == 2
    entry = Entry.objects.filter(object_id="harm").latest("id")
    assert (entry.before["value"], entry.after["value"], entry.reason) == (50, 55, "counted twice")


@pytest.mark.parametrize(
    ("unit", "facts", "code"),
    [
        ("count", {"value": None}, "no-value"),
        ("share", {"value": 1.2}, "share-out-of-range"),
        ("share", {"value": 0.5, "numerator": 1.0, "denominator": 4.0}, "value-and-parts"),
        ("share", {"value": None, "numerator": 1.0, "denominator": 0.0}, "nothing-counted"),
        ("count", {"value": 1, "coverage": 1.5}, "coverage-out-of-range"),
        ("count", {"value": 1, "data_through": datetime.date(2099, 1, 1)}, "future-date"),
    ],
)
def test_figures_without_sense_are_refused(unit: str, facts: dict[str, Any], code: str) -> None:
    one = define(SYSTEM, "some", definition(unit=unit))
    with pytest.raises(PlanError) as error:
        observe(SYSTEM, one, figure(0, **facts))
    assert error.value.code == code
    assert not one.observations.exists()


def test_only_editors_of_the_responsible_body_change(harm: Indicator, person: Any, acting: Any) -> None:
    elsewhere = acting(person("editor", Organisation.objects.get(pk="sto")))
    with pytest.raises(NotAllowed):
        observe(elsewhere, harm, figure(0, 50))
    with pytest.raises(NotAllowed):
        change(elsewhere, harm, definition())
    own = define(elsewhere, "own", definition(responsible=Organisation.objects.get(pk="sto")))
    assert observe(elsewhere, own, figure(0, 50)).value == 50


def test_a_unit_with_figures_in_it_stays(harm: Indicator) -> None:
    observe(SYSTEM, harm, figure(0, 50))
    with pytest.raises(PlanError) as error:
        change(SYSTEM, harm, definition(unit="days"))
    assert error.value.code == "unit-in-use"
    with pytest.raises(PlanError) as error:
        define(SYSTEM, "harm", definition())
    assert error.value.code == "duplicate-id"
    with pytest.raises(PlanError) as error:
        define(SYSTEM, "new", definition())
    assert error.value.code == "bad-name"


# ---------------------------------------------------------------- forms
def test_an_editor_defines_puts_in_corrects_and_marks(editor_client: Any) -> None:
    data = {
        "name_en": "Falls in hospital",
        "definition_en": "Falls",
        "unit": "share",
        "decimals": "1",
        "frequency": "year",
        "direction": "down",
        "source_en": "Own",
        "responsible": "hmn",
        "elements": ["rup-2027.s3"],
    }
    assert editor_client.get("/indicators/new/").status_code == 200
    answer = editor_client.post("/indicators/new/", data)
    assert answer["Location"] == "/indicators/falls-in-hospital/observe/"
    put = {
        "place": "hmn",
        "period_start": "2025-01-01",
        "period_end": "2025-12-31",
        "value": "4,5",
        "coverage": "90",
    }
    assert editor_client.get(answer["Location"]).status_code == 200
    assert editor_client.post(answer["Location"], put).status_code == 302
    again = editor_client.post(answer["Location"] + "?lang=en", {**put, "value": "4,6"})
    assert again.status_code == 422
    assert "Say why it is corrected" in again.content.decode()
    assert 'value="4,6"' in again.content.decode()
    assert (
        editor_client.post(answer["Location"], {**put, "value": "4,6", "reason": "late reports"}).status_code
        == 302
    )
    row = Observation.objects.get(indicator="falls-in-hospital", current=True)
    assert (row.value, row.coverage, row.revision) == (pytest.approx(0.046), pytest.approx(0.9), 2)
    page = editor_client.get("/indicators/falls-in-hospital/?lang=en").content.decode()
    assert "4.6%" in page
    assert "corrected" in page
    address = "/indicators/falls-in-hospital/change/"
    assert 'value="Falls in hospital"' in editor_client.get(address).content.decode()
    assert editor_client.post(address, {**data, "decimals": "2"}).status_code == 302
    assert (
        editor_client.post(
            "/indicators/falls-in-hospital/break/", {"date": "2024-01-01", "text_nb": "Ny"}
        ).status_code
        == 302
    )
    assert Indicator.objects.get(pk="falls-in-hospital").breaks.count() == 1


def test_readers_get_no_forms(client: Any, reader_client: Any) -> None:
    for address in ("new/", "beds-somatic/change/", "beds-somatic/observe/", "beds-somatic/break/"):
        assert client.get(f"/indicators/{address}").status_code == 302
        assert reader_client.get(f"/indicators/{address}").status_code == 403
    assert "/observe/" not in client.get("/indicators/beds-somatic/").content.decode()


# ---------------------------------------------------------------- many
def test_pages_stay_within_the_budget_with_many_figures(
    client: Any, django_assert_max_num_queries: Any
) -> None:
    rows = []
    for name in ("beds-somatic", "waiting-time-somatic", "mean-length-of-stay"):
        for place in ("hmn", "sto", *(f"{code}" for code in range(5001, 5041))):
            for number in range(60):
                first, last = month(number)
                rows.append(
                    Observation(
                        indicator_id=name,
                        place=place,
                        period_start=first,
                        period_end=last,
                        value=50 + number % 7,
                        data_through=last,
                        created_at=timezone.now(),
                    )
                )
    known = set(
        Indicator.objects.filter(pk__in={row.indicator_id for row in rows}).values_list("pk", flat=True)
    )
    Observation.objects.bulk_create([row for row in rows if row.indicator_id in known], batch_size=2000)
    for address in ("/goals/", "/indicators/", "/indicators/waiting-time-somatic/", "/goals/rup-2027.s2.g2/"):
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200


# ---------------------------------------------------------------- breaks
def test_a_break_needs_an_end_where_it_is_a_time_and_none_where_it_is_not(editor_client: Any) -> None:
    address = "/indicators/beds-somatic/break/?lang=en"
    day = {"date": "2024-01-01", "text_en": "New form"}
    for wrong, words in (
        ({**day, "kind": "faulty"}, "Give the last day of the time"),
        ({**day, "kind": "faulty", "until": "2023-12-31"}, "The last day is before the first"),
        ({**day, "kind": "level", "until": "2024-12-31"}, "A new way of counting has no last day"),
        ({**day, "kind": "storm"}, "storm"),
        ({**day, "place": "elsewhere"}, "elsewhere"),
    ):
        answer = editor_client.post(address, wrong)
        assert answer.status_code == 422, wrong
        assert words in answer.content.decode()
    known = Indicator.objects.get(pk="beds-somatic").breaks
    before = known.count()
    good = {**day, "kind": "faulty", "until": "2024-12-31", "place": "sto"}
    assert editor_client.post(address, good).status_code == 302
    made = known.get(place="sto")
    assert (known.count(), made.kind, str(made.until)) == (before + 1, "faulty", "2024-12-31")
    page = editor_client.get("/indicators/beds-somatic/?lang=en").content.decode()
    assert "2024, St. Olavs hospital" in page
    assert "the source warns of the figures" in page


def test_the_page_tells_the_trend_around_the_breaks_in_every_language(client: Any) -> None:
    for lang, told, around in (
        ("nb", "Trend:", "Hoppet 2025 er holdt utenfor"),
        ("nn", "Trend:", "Hoppet 2025 er halde utanfor"),
        ("en", "Trend:", "The jump of 2025 is kept apart"),
    ):
        page = client.get(f"/indicators/day-treatments-somatic/?lang={lang}").content.decode()
        assert told in page
        assert around in page
    page = client.get("/indicators/waiting-time-somatic/?lang=en").content.decode()
    assert "No trend can be told from 1 of the 5 figures needed; without 2022–2024" in page
    assert "Figures in doubt November 2022–November 2024" in page


def test_goals_and_lists_know_from_when_a_figure_is_counted_as_it_is(harm: Indicator) -> None:
    for number in range(6):
        observe(SYSTEM, harm, figure(number, 50))
        observe(SYSTEM, harm, figure(number, 40, place="sto"))
    day = month(3)[0]
    later = month(4)[0]
    mark_break(SYSTEM, harm, day, {"en": "New form"})
    mark_break(SYSTEM, harm, later, {"en": "New form in one trust"}, place="hnt")
    mark_break(SYSTEM, harm, month(1)[0], {"en": "Doubt"}, kind="faulty", until=month(1)[1])
    keys = [(harm.pk, "hmn"), (harm.pk, "sto")]
    found = newest_readings(keys, datetime.date(2026, 1, 1))
    # The region's figure sums the trust that changed; another trust's does not.
    assert [one.counted_since for one in found[keys[0]]] == [None] * 3 + [day, later, later]
    assert [one.counted_since for one in found[keys[1]]] == [None] * 3 + [day] * 3
    known = list(harm.breaks.all())
    assert [counted_since(known, one.date) for one in found[keys[0]]] == [
        one.counted_since for one in found[keys[0]]
    ]


def test_a_row_of_the_list_compares_no_figures_that_are_counted_differently(harm: Indicator) -> None:
    for number in range(4):
        observe(SYSTEM, harm, figure(number, 50 + number))

    def row() -> Any:
        return next(one for one in indicator_list(Filters()).rows if one.indicator.pk == "harm")

    assert row().movement == "worse"
    assert row().spark.count("M") == 1
    mark_break(SYSTEM, harm, month(3)[0], {"en": "New form"})
    assert row().movement == ""
    assert row().newest.value == 53


def test_a_small_line_is_cut_at_breaks_and_around_figures_in_doubt() -> None:
    def lines(*facts: dict[str, Any]) -> str:
        days = [datetime.date(2015 + i, 12, 31) for i in range(len(facts))]
        return sparkline(
            [Reading(day, 10.0 + i, **one) for i, (day, one) in enumerate(zip(days, facts, strict=True))]
        )

    new = {"counted_since": datetime.date(2017, 1, 1)}
    assert lines({}, {}, {}, {}).count("M") == 1
    assert lines({}, {}, new, new).count("M") == 2
    assert lines({}, {}, {"faulty": True}, {}).count("M") == 2
    assert lines({"faulty": True}, {}, {}, new).count("M") == 2
