"""Figures of indicators from the region package, with every flag that they carry; and the indicators of Midt-Norge."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from framsyn import Region
from framsyn.errors import PlanError
from framsyn.quantities import quantity
from framsyn.web.indicators import fill as filling
from framsyn.web.indicators.fill import fill
from framsyn.web.indicators.sentences import quantity_text
from framsyn.web.indicators.status import Reading, judge, rule_from, rule_text, sentence
from framsyn.web.plan.content import read_content
from framsyn.web.plan.content_models import Indicator

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def region():
    return Region.load("midt-norge")


@pytest.fixture(scope="module")
def content(region):
    return read_content(Path(region.folder) / "plan")


@pytest.fixture(scope="module")
def filled(content, region):
    return {indicator.id: fill(indicator, region) for indicator in content.indicators}


def made(data):
    text = {"nb": "a", "nn": "a", "en": "a"}
    return Indicator.model_validate(
        {
            "id": "made-here",
            "name": text,
            "definition": text,
            "unit": "count",
            "decimals": 0,
            "frequency": "year",
            "direction": "none",
            "source": text,
            "responsible": "hmn",
            "sections": ["rup-2027.s1"],
            "data": data,
        }
    )


def figures(rows, place):
    return {row.period_end.year: row for row in rows if row.place == place}


# --- figures against their tables ------------------------------------------------------------------------------------


def test_population_is_the_plans_own_count(filled):
    rows = filled["population"]
    assert {place: figures(rows, place)[2025].value for place in ("hmn", "hmr", "hnt", "sto")} == {
        "hmn": 760_602,
        "hmr": 272_413,
        "hnt": 138_556,
        "sto": 349_633,
    }
    row = figures(rows, "hmn")[2025]
    assert (row.period_start, row.period_end, row.data_through) == (date(2025, 1, 1),) * 3
    assert (row.coverage, row.flags, row.quality, row.licence) == (1, (), "official", "CC-BY-4.0")


def test_population_follows_the_switch(content):
    indicator = next(i for i in content.indicators if i.id == "population")
    rows = fill(indicator, Region.load("midt-norge", bindal=False))
    assert figures(rows, "hmn")[2025].value == 759_228
    assert figures(rows, "hnt")[2025].value == 137_182


def test_a_municipality_without_a_count_lowers_the_coverage(filled):
    # Aure, in Møre og Romsdal, has no count for 2005.
    first = {place: figures(filled["population"], place)[2005] for place in ("hmn", "hmr", "sto")}
    assert first["sto"].coverage == 1
    assert 0.98 < first["hmr"].coverage < 0.99
    assert first["hmr"].coverage < first["hmn"].coverage < 1
    assert "incomplete" in first["hmr"].flags


def test_a_split_inside_a_trust_does_not_mark_the_trust(filled, region):
    assert not any("approximate" in row.flags for row in filled["population"])
    rows = fill(
        made({"table": "population_history", "value": "total", "period": "year@start", "place": "area"}),
        region,
    )
    assert figures(rows, "1508")[2023].flags == ("approximate",)
    assert figures(rows, "5056")[2019].flags == ("approximate",)
    assert figures(rows, "5056")[2020].flags == ()
    assert figures(rows, "5001")[2019].flags == ()


def test_a_share_is_the_sum_of_parts_over_the_sum_of_wholes(filled, region):
    frame = region.table("beds")
    chosen = frame[(frame["service_area"] == "SOM") & (frame["year"] == 2025)]
    weighted = (chosen["beds"] * chosen["occupancy"]).sum() / chosen["beds"].sum()
    row = figures(filled["occupancy-somatic"], "hmn")[2025]
    assert row.value == pytest.approx(weighted)
    assert row.value != pytest.approx(chosen["occupancy"].mean(), abs=1e-3)
    assert row.numerator / row.denominator == pytest.approx(row.value)
    assert row.quality == "derived"


def test_a_blank_is_no_figure(filled):
    # Occupancy is published from 2020, beds from 2015.
    assert set(figures(filled["occupancy-somatic"], "hmn")) == set(range(2020, 2026))
    assert set(figures(filled["beds-somatic"], "hmn")) == set(range(2015, 2026))


def test_the_region_has_a_sum_only_where_every_trust_has_a_figure(filled):
    rows = filled["fte-nurse"]
    assert set(figures(rows, "sto")) == set(range(2015, 2026))
    assert set(figures(rows, "hmn")) == {2024, 2025}
    total = sum(figures(rows, place)[2025].value for place in ("hmr", "hnt", "sto"))
    assert figures(rows, "hmn")[2025].value == total
    assert {row.place for row in filled["fte-psychologist"]} == {"sto"}


def test_assumed_rows_are_not_shown_by_trust_and_a_published_total_is_derived(filled):
    total = figures(filled["fte-total"], "hmr")[2025]
    assert total.quality == "derived"
    # SSB 13953: agreed full-time equivalents of the trust in 2025, its three published groups and the rest.
    assert total.value == pytest.approx(5484, abs=1)
    assert all(row.quality == "official" for row in filled["fte-nurse"])


def test_waits_keep_the_mark_of_the_publisher(filled):
    rows = figures(filled["waiting-time-somatic"], "hmn")
    assert {year: row.value for year, row in rows.items()} == {2021: 57.9, 2022: 60.8, 2023: 75.2, 2024: 76.3}
    assert [rows[year].faulty for year in sorted(rows)] == [False, True, True, True]
    assert "Helseplattform" in rows[2023].note["nn"]
    assert rows[2021].note == {}
    assert rows[2021].licence == "not-stated"


def test_percent_becomes_a_share(filled):
    rows = figures(filled["deadline-breach-share-mental-health-adults"], "hmn")
    assert rows[2021].value == pytest.approx(0.08)


def test_breaks_and_events_are_flagged_in_their_year(filled):
    jumps = figures(filled["day-treatments-somatic"], "sto")
    assert jumps[2025].flags == ("break",)
    assert "2025" in jumps[2025].note["en"]
    assert jumps[2024].flags == ()
    assert figures(filled["bed-days-somatic"], "hmn")[2020].flags == ("one_off",)


def test_length_of_stay_and_rates_by_hand(filled):
    assert figures(filled["length-of-stay-somatic"], "hmn")[2015].value == pytest.approx(4.571, abs=5e-4)
    # 518 934 bed days over 759 228 people without Bindal.
    rate = figures(filled["bed-days-somatic-per-1000"], "hmn")[2025].value
    assert rate == pytest.approx(1000 * 518_934 / 759_228)


def test_data_never_reach_past_the_period_or_the_table(filled, region):
    through = {r["name"]: date.fromisoformat(r["dataThrough"]) for r in region.descriptor["resources"]}
    for rows in filled.values():
        for row in rows:
            assert row.data_through <= row.period_end
            assert row.period_start <= row.period_end
            assert row.data_through <= max(through.values())


def test_rows_fit_the_database(filled):
    for name, rows in filled.items():
        keys = [(row.place, row.period_start, row.period_end) for row in rows]
        assert len(set(keys)) == len(keys), name
        for row in rows:
            assert len(row.source) <= 200
            assert len(row.licence) <= 100
            assert len(row.quality) <= 12
            assert set(row.note) in (set(), {"nb", "nn", "en"})


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"table": "bedz"}, "unknown-table"),
        ({"value": "bedz"}, "unknown-column"),
        ({"value": "beds*"}, "unknown-column"),
        ({"where": {"ward": "A"}}, "unknown-column"),
        ({"where": {"service_area": "XXX"}}, "no-rows"),
        ({"period": "month"}, "indicator-data"),
        ({"per": {"factor": 2}}, "indicator-data"),
        ({"per": {"value": "beds", "over": 2}}, "indicator-data"),
        ({"per": "beds"}, "indicator-data"),
        ({"table": "parameters"}, "unknown-column"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(change, code, region):
    data = {
        "table": "beds",
        "where": {"service_area": "SOM"},
        "value": "beds",
        "period": "year",
        "place": "trust",
    }
    assert fill(made(data), region)
    with pytest.raises(PlanError) as error:
        fill(made({**data, **change}), region)
    assert error.value.code == code


def test_an_indicator_without_data_has_no_figures(content, region):
    needy = next(indicator for indicator in content.indicators if indicator.data is None)
    assert fill(needy, region) == []


def test_published_figures_name_known_sources_and_qualities(region):
    frame = filling._published(region.folder)
    assert set(frame["source"]) <= set(region.sources)
    assert set(frame["quality"]) <= set(filling._WORST_LAST)
    assert set(frame["faulty"]) <= {0, 1}
    assert not frame.duplicated(["figure", "place", "year"]).any()


# --- the content of Midt-Norge ---------------------------------------------------------------------------------------


def test_there_are_enough_indicators_and_every_section_has_some(content, filled):
    assert len(content.indicators) >= 50
    assert sum(bool(rows) for rows in filled.values()) >= 18
    of_section = Counter(section for indicator in content.indicators for section in indicator.sections)
    assert {f"rup-2027.s{number}" for number in range(1, 11)} <= set(of_section)


def test_an_indicator_with_data_is_filled_and_one_without_says_what_it_needs(content, filled):
    for indicator in content.indicators:
        if indicator.data is None:
            assert indicator.needs is not None, indicator.id
        else:
            assert filled[indicator.id], indicator.id


def test_indicators_have_units_with_words_and_ratios_have_both_parts(content):
    for indicator in content.indicators:
        assert quantity_text(1.0, indicator.unit, "nn", indicator.decimals)
        assert (indicator.numerator is None) == (indicator.denominator is None), indicator.id
        if indicator.data is not None and indicator.data.per is not None:
            assert indicator.numerator is not None, indicator.id


def test_the_outlook_continues_in_the_same_unit(content):
    units = {"persons": ("person", "patient per year"), "beds": ("bed",), "fte": ("FTE",)}
    units |= {"mnok": ("MNOK (2025)", "MNOK (2025) per year"), "tonnes_co2e": ("t CO2e per year",)}
    units |= {"count": ("bed day per year", "contact per year", "day treatment per year")}
    linked = [indicator for indicator in content.indicators if indicator.outlook]
    assert len(linked) >= 15
    for indicator in linked:
        rule = quantity(indicator.outlook.quantity)
        assert rule.unit in units[indicator.unit], indicator.id
        known = {*rule.dims, "service_area"} if "service" in rule.dims else set(rule.dims)
        assert set(indicator.outlook.where) <= known, indicator.id


def test_every_goal_of_the_plan_has_a_decision(content):
    goals = {element.id for element in content.of_kind("rup-2027", "goal")}
    assert len(goals) == 44
    assert {decision.goal for decision in content.decisions} == goals


def test_a_number_is_decided_or_said_to_be_an_example(content):
    for decision in content.decisions:
        numbers = (decision.target, decision.target_low, decision.target_high)
        if decision.standing == "decided":
            assert decision.decided_by is not None
            assert decision.target is not None
        elif decision.standing == "proposed":
            assert decision.type == "do"
            assert numbers == (None, None, None)
        else:
            assert decision.note is not None
            assert decision.note["en"].startswith("Example"), decision.goal


def test_a_baseline_is_the_figure_of_its_day(content, filled):
    for decision in content.decisions:
        if decision.baseline is None or not filled[decision.indicator]:
            continue
        row = next(
            row
            for row in filled[decision.indicator]
            if row.place == decision.place and row.period_end == decision.baseline_date
        )
        assert not row.faulty
        assert decision.baseline == pytest.approx(row.value, rel=1e-3), decision.goal


def test_every_decision_is_judged_and_said_in_three_languages(content, filled):
    indicators = {indicator.id: indicator for indicator in content.indicators}
    codes = Counter()
    for decision in content.decisions:
        indicator = indicators.get(decision.indicator)
        rule = rule_from(decision, indicator.direction if indicator else "")
        readings = [
            Reading(row.period_end, row.value, row.provisional, row.coverage, row.data_through, row.faulty)
            for row in filled.get(decision.indicator, ())
            if row.place == decision.place
        ]
        status = judge(rule, readings, TODAY)
        codes[status.code] += 1
        unit = indicator.unit if indicator else "count"
        for lang in ("nb", "nn", "en"):
            for text in (sentence(status, rule, unit, lang), rule_text(rule, lang, unit)):
                assert text.endswith(".")
                assert "None" not in text
    assert {"on_the_way", "reached", "wrong_way", "no_data", "not_measured"} <= set(codes)


def test_a_hold_of_what_is_better_when_high_is_one_sided(content):
    hold = next(decision for decision in content.decisions if decision.type == "hold")
    assert rule_from(hold, "up").direction == "up"
    assert rule_from(hold, "none").direction == "hold"
