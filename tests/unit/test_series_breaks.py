"""Breaks of a region's series: read, checked, said, and never crossed by a trend, a pace or a line."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import framsyn
from framsyn.analyses import hindcast as past_run
from framsyn.analyses.attainment_past import backtest
from framsyn.analyses.attainment_targets import Target
from framsyn.errors import PlanError
from framsyn.methods.trend import NoTrend, fit_trend
from framsyn.region import Region
from framsyn.region.breaks import RegionBreak, breaks_of, every_break
from framsyn.report.figure import About
from framsyn.report.run_charts import Point, RunBreak, RunLine, control_of, run_chart
from framsyn.report.run_trend import trend_of, trend_text
from framsyn.report.time_charts import Break, fan_chart
from framsyn.web.indicators.rules import GoalRule, Reading
from framsyn.web.indicators.status import judge, sentence
from framsyn.web.plan.content_models import Break as ContentBreak

SHIPPED = Path(framsyn.__file__).parent / "regions" / "midt-norge"
ABOUT = About("Day treatments", "", "Central Norway", "Statistics Norway", "en", "number")
FORM = RunBreak(2025, "2025", "New form")
PLATFORM = RunBreak(2022, "November 2022–2024", "New system", "faulty", 2024, frozenset({"sto", "hmn"}))
PANDEMIC = RunBreak(2020, "2020–2021", "Pandemic", "one_off", 2021)


def line(values, code="hmn", first=2015, label=""):
    return RunLine(
        code, label, [Point(first + i, str(first + i), float(value)) for i, value in enumerate(values)]
    )


# --- the region's table ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def region():
    return Region.load("midt-norge")


def test_the_platform_and_the_registration_change_are_in_the_table(region):
    waits = breaks_of(region, "waiting")
    assert [(one.years, one.month, one.last_month, one.trust, one.kind) for one in waits] == [
        ("2022–2024", 11, 11, "", "faulty")
    ]
    contacts = breaks_of(region, "trust_activity", "outpatient_contacts")
    assert [(one.years, one.trust, one.kind) for one in contacts] == [("2022–2024", "sto", "faulty")]
    days = breaks_of(region, "trust_activity", "day_treatments")
    assert [(one.first, one.kind) for one in days] == [(2022, "faulty"), (2025, "level")]
    assert breaks_of(region, "trust_activity", "bed_days")[-1].kind == "faulty"
    assert {one.is_at("sto") for one in contacts} == {True}
    assert {one.is_at("hnt") for one in contacts} == {False}
    assert {one.is_at(None) for one in contacts} == {True}
    assert all(one.text[lang].strip() for one in every_break(region) for lang in ("nb", "nn", "en"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2025,,,,,level", "2025,,2026,,,level", "a new way of counting does not end"),
        ("2022,11,2024,11,,faulty", "2022,11,2021,11,,faulty", "last_year 2021 is before year 2022"),
        ("2022,11,2024,11,,faulty", "2022,11,,11,,faulty", "last_month stands without last_year"),
        ("2022,11,2024,,sto", "2022,13,2024,,sto", "1 to 12"),
        ("2022,11,2024,,sto", "2022,11,2024,,xyz", "'xyz'"),
        ("2022,11,2024,,sto", "2022,11,2024.5,,sto", "whole number"),
    ],
)
def test_a_break_that_contradicts_itself_is_refused(tmp_path, old, new, words):
    folder = tmp_path / "region"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("scenarios", "plan"))
    path = folder / "tables" / "breaks.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError, match="breaks") as error:
        Region.load(folder)
    assert words in str(error.value)


def test_a_region_without_a_blank_cell_among_its_breaks_is_read_too(tmp_path):
    folder = tmp_path / "region"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("scenarios", "plan"))
    (folder / "tables" / "breaks.csv").write_text(
        "table,measure,year,month,last_year,last_month,trust,kind,text_nb,text_nn,text_en\n"
        "waiting,mean_wait,2022,11,2024,11,sto,faulty,a,b,c\n",
        encoding="utf-8",
    )
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["resources"]
    found = list(every_break(Region.load(folder)))
    assert found == [
        RegionBreak(
            "waiting", "mean_wait", 2022, 2024, 11, 11, "sto", "faulty", {"nb": "a", "nn": "b", "en": "c"}
        )
    ]


# --- the hindcast ----------------------------------------------------------------------------------------------------


def activity(region, extra=None, jump=0.0):
    """Score use with a table of breaks of our own and a jump in 2025 that nobody used."""
    frames = {"resident_activity": region.table("resident_activity").copy(), "breaks": region.table("breaks")}
    series = frames["resident_activity"]
    series["value"] = np.where(series["year"] == 2025, series["value"] * (1 + jump), series["value"])
    if extra:
        frames["breaks"] = pd.concat([frames["breaks"], pd.DataFrame([extra])], ignore_index=True)
    stand_in = SimpleNamespace(table=frames.__getitem__, services=region.services)
    rates = past_run.tested_rates(region)
    people = region.population(2025).transpose("area", "sex", "age").values
    inputs = SimpleNamespace(base=people)
    use = np.broadcast_to((people * rates[:, None]).sum(axis=(1, 2, 3)), (5, len(rates)))
    return past_run.score_activity(stand_in, inputs, rates, use)


def level(measure="all", year=2025):
    return {
        "table": "resident_activity",
        "measure": measure,
        "year": year,
        "month": np.nan,
        "last_year": np.nan,
        "last_month": np.nan,
        "trust": "",
        "kind": "level",
        **{f"text_{lang}": "new form" for lang in ("nb", "nn", "en")},
    }


def test_the_trend_of_use_leaves_the_pandemic_out(region):
    found = activity(region)
    assert set(found["left_out"]) == {"2020+2021"}
    assert (found["points"] == 9).all()
    assert (found["comparable"] == found["actual_2025"]).all()
    days = found[(found["service_area"] == "SOM") & (found["measure"] == "bed_days")].iloc[0]
    assert days["trend_low"] < days["trend"] < days["trend_high"] < 0
    rows = region.table("resident_activity")
    chosen = rows[
        (rows["service_area"] == "SOM") & (rows["measure"] == "bed_days") & (rows["source"] == "ssb_14824")
    ]
    kept = chosen[~chosen["year"].isin([2020, 2021])]
    assert days["trend"] == pytest.approx(np.expm1(np.polyfit(kept["year"], np.log(kept["value"]), 1)[0]))


def test_a_jump_of_registration_is_no_error_of_the_projection(region):
    plain = activity(region, level())
    jumped = activity(region, level(), jump=0.4)
    straight = activity(region, jump=0.4)
    np.testing.assert_allclose(jumped["error"], plain["error"], rtol=1e-9)
    np.testing.assert_allclose(jumped["trend"], plain["trend"], rtol=1e-9)
    assert (abs(straight["trend"] - plain["trend"]) > 0.01).all()
    assert jumped["breaks"].str.contains("2025: new form").all()


def test_where_no_trend_can_be_told_nothing_is_compared():
    mark = RegionBreak("t", "m", 2025, 2025, None, None, "", "level", {"en": "x"})
    none = fit_trend([2024, 2025], [1, 2])
    assert isinstance(none, NoTrend)
    assert np.isnan(past_run.compared(10, none, [mark]))
    assert past_run.compared(10, none, []) == 10
    assert np.isnan(past_run.trend_columns(none)["trend"])
    faulty = replace(mark, kind="faulty")
    assert np.isnan(past_run.compared(10, none, [faulty]))
    past = SimpleNamespace(
        activity=pd.DataFrame(
            [
                {
                    "service_area": "SOM",
                    "measure": "stays",
                    "actual_2015": 1.0,
                    "actual_2025": 2.0,
                    "comparable": np.nan,
                    "projected": 1.5,
                }
            ]
        )
    )
    target = Target("stays", {"service_area": "SOM"}, "region", 2030, "reach_at_most", 1.0)
    assert backtest(past, target) is None
    past.activity["comparable"] = 1.25
    assert backtest(past, target).error == pytest.approx(0.2)


# --- run charts ------------------------------------------------------------------------------------------------------


def test_no_rise_is_told_across_a_change_of_counting():
    values = [40, 41, 40, 41, 40, 41, 42, 43, 44, 54, 76]
    assert "up from 54" in run_chart(line(values), ABOUT, name="plain").title
    chart = run_chart(line(values), ABOUT, name="cut", breaks=[FORM])
    assert chart.title == "Day treatments: 76 in 2025, after a break in the series 2025"
    assert "Break in the series from 2025: New form." in chart.description
    notes = dict(zip(chart.table["Period"], chart.table["Note"], strict=True))
    assert notes["2025"] == "Break in the series from 2025: New form."
    assert not any(notes[str(year)] for year in range(2015, 2025))


def test_years_in_doubt_are_grounded_marked_and_named():
    chart = run_chart(line(range(40, 51)), ABOUT, name="doubt", breaks=[PLATFORM, PANDEMIC])
    notes = dict(zip(chart.table["Period"], chart.table["Note"], strict=True))
    assert notes["2022"] == "Figures in doubt November 2022–2024: New system."
    assert notes["2023"] == notes["2024"] == "figures in doubt"
    assert (notes["2020"], notes["2021"]) == ("Exceptional years 2020–2021: Pandemic.", "exceptional years")
    assert notes["2025"] == notes["2019"] == ""
    assert chart.title == "Day treatments: 50 in 2025"  # 2024 is in doubt
    for text in (
        "Figures in doubt November 2022–2024: New system.",
        "Exceptional years 2020–2021: Pandemic.",
    ):
        assert text in chart.description
    for width in (360, 700):
        svg = chart.svg(width)
        assert "figures in doubt 2022–2024" in svg
        assert "exceptional years 2020–2021" in svg


def test_a_break_of_one_trust_cuts_its_line_alone():
    own, other = line(range(40, 51), "sto", label="St. Olavs"), line(range(11), "hnt", label="Nord-Trøndelag")
    assert PLATFORM.is_of("sto")
    assert PLATFORM.is_of("hmn")
    assert not PLATFORM.is_of("hnt")
    assert trend_of(own, [PLATFORM]).points == 8
    assert trend_of(other, [PLATFORM]).points == 11


def test_a_new_phase_begins_at_both_ends_of_years_in_doubt():
    quiet = line([8, 9] * 11, first=2004)
    control = control_of(quiet, [PLATFORM], often=False)
    assert control is not None
    assert control.phase == [0] * 18 + [1] * 3 + [2]
    assert control_of(quiet, [PANDEMIC], often=False).phase == [0] * 22


def test_a_year_that_bears_an_event_makes_no_run_and_no_limit():
    # Falls for four years, and in the fifth because of the pandemic: no trend of five.
    falling = line([20, 30, 20, 30, 20, 30, 20, 30, 29, 28, 27, 5, 6, 30, 20, 30], first=2009)
    straight = control_of(falling, [], often=False)
    assert straight is not None
    assert 11 in straight.signals["trend"]
    around = control_of(falling, [PANDEMIC], often=False)
    assert around is not None
    assert "trend" not in around.signals
    assert len(around.centre) == len(around.phase) == 16
    alone = control_of(line([20, 30, 20, 30, 20, 30, 20, 30, 29, 28, 27, 30, 20, 30]), [], often=False)
    assert alone is not None
    assert around.centre[0] == alone.centre[0]
    limits = control_of(falling, [PANDEMIC], often=True)
    assert limits is not None
    assert limits.kind == "xmr"
    assert len(limits.low) == 16
    assert limits.low[0] > control_of(falling, [], often=True).low[0]
    # With nine of eleven years left there is nothing to judge by.
    assert control_of(line(range(11)), [PANDEMIC], often=False) is None


def test_the_trend_is_said_with_its_interval_and_what_it_leaves_out():
    values = [100, 102, 104, 106, 108, 70, 72, 114, 116, 118, 220]
    around = trend_of(line(values), [PANDEMIC, FORM])
    assert around.slope == pytest.approx(2)
    text = trend_text(around, line(values), ABOUT, [PANDEMIC, FORM])
    assert "+2.00 a year" in text
    assert "from 9 figures; without 2020–2021" in text
    assert "The jump of 2025 is kept apart: +100" in text
    share = replace(ABOUT, style="percent", lang="nb")
    assert "prosentpoeng i året" in trend_text(around, line(values), share)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nb", "Ingen trend kan sies: 2 av de 5 tallene som trengs, er igjen."),
        ("nn", "Ingen trend kan seiast: 2 av dei 5 tala som trengst, er att."),
        ("en", "No trend can be told from 2 of the 5 figures needed."),
    ],
)
def test_too_few_figures_are_said_to_be_too_few(lang, said):
    few = line([1, 2])
    assert trend_text(trend_of(few, []), few, replace(ABOUT, lang=lang)) == said


def test_a_fan_says_its_breaks_in_the_table_too():
    years = range(2025, 2031)
    frame = pd.DataFrame(
        [(year, 1.0, 2.0, 3.0, 4.0, 5.0) for year in years],
        columns=["year", "q10", "q25", "q50", "q75", "q90"],
    )
    history = pd.DataFrame({"year": range(2018, 2026), "value": 3.0})
    chart = fan_chart(frame, ABOUT, name="fan", history=history, breaks=[Break(2020, "new form")])
    table = pd.DataFrame(chart.table)
    notes = dict(zip(table["Year"].astype(int), table["Note"], strict=True))
    assert notes[2020] == "Break in the series in 2020: new form."
    assert {text for year, text in notes.items() if year != 2020} == {""}
    assert "Note" not in fan_chart(frame, ABOUT, name="plain", history=history).table


# --- goals -----------------------------------------------------------------------------------------------------------

RULE = GoalRule(
    "reach_at_most",
    baseline=40.0,
    baseline_date=date(2019, 12, 31),
    target=30.0,
    deadline=date(2030, 12, 31),
)
NEW = date(2024, 1, 1)


def readings(*values, first=2016, since=NEW):
    days = [date(first + i, 12, 31) for i in range(len(values))]
    return [
        Reading(day, value, counted_since=since if since and day >= since else None)
        for day, value in zip(days, values, strict=True)
    ]


def test_a_jump_of_registration_is_not_the_wrong_way():
    series = (43, 42, 41, 40, 39, 38, 37, 36, 60, 59)
    straight = judge(RULE, readings(*series, since=None), date(2026, 3, 1))
    assert (straight.code, straight.wrong_way) == ("wrong_way", True)
    around = judge(RULE, readings(*series), date(2026, 3, 1))
    assert not around.wrong_way
    assert around.counted_since == NEW
    assert straight.counted_since is None
    # One down a year throughout: five more years from 59.
    assert around.pace_value == pytest.approx(54, abs=0.05)
    assert "after counting changed from 2024" in sentence(around, RULE, "days", "en")
    for lang in ("nb", "nn"):
        assert "2024" in sentence(around, RULE, "days", lang)


def test_no_pace_is_told_from_a_figure_or_two_after_a_break():
    status = judge(RULE, readings(41, 40, 39, 60, first=2021), date(2025, 3, 1))
    assert status.pace_value is None
    assert "at this pace" not in sentence(status, RULE, "days", "en")


def test_the_wrong_way_within_the_new_way_of_counting_is_still_seen():
    status = judge(RULE, readings(43, 42, 41, 40, 39, 38, 37, 36, 60, 63), date(2026, 3, 1))
    assert status.wrong_way
    assert status.wrong_since == date(2024, 12, 31)


def test_a_break_before_the_baseline_changes_nothing():
    rule = replace(RULE, baseline_date=date(2024, 6, 30))
    series = (43, 42, 41, 40, 39, 38, 37, 36, 39, 38)
    new, old = (judge(rule, readings(*series, since=since), date(2026, 3, 1)) for since in (NEW, None))
    assert replace(new, counted_since=None) == old
    assert new.counted_since is None


# --- the plan's content ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "holds"),
    [
        ({}, True),
        ({"kind": "faulty", "until": date(2024, 11, 30), "place": "sto"}, True),
        ({"kind": "one_off", "until": date(2022, 11, 12)}, True),
        ({"until": date(2024, 11, 30)}, False),
        ({"kind": "faulty"}, False),
        ({"kind": "faulty", "until": date(2022, 11, 11)}, False),
        ({"kind": "storm"}, False),
    ],
)
def test_a_break_of_an_indicator_ends_where_it_is_a_time(facts, holds):
    entry = {"date": date(2022, 11, 12), "text": {lang: "x" for lang in ("nb", "nn", "en")}, **facts}
    if holds:
        assert ContentBreak.model_validate(entry).date == entry["date"]
    else:
        with pytest.raises(ValidationError):
            ContentBreak.model_validate(entry)


def test_the_years_that_the_trend_scenario_reads_have_no_break(region):
    for table in ("resident_activity", "trust_activity"):
        for one in breaks_of(region, table):
            assert one.first > 2019, one
