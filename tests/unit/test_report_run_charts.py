"""Run and control charts: what is drawn, what is said, what the table holds."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from framsyn.errors import PlanError
from framsyn.report.figure import About
from framsyn.report.run_charts import Aim, Point, RunBreak, RunLine, control_of, run_chart

ABOUT = About("Sick leave", "", "Central Norway", "Statistics Norway", "en", "percent")


def yearly(values: list[float], first: int = 2010, marks: dict[int, str] | None = None) -> RunLine:
    return RunLine(
        "hmn",
        "",
        [Point(first + i, str(first + i), v, (marks or {}).get(first + i, "")) for i, v in enumerate(values)],
    )


def monthly(values: list[float], parts: list[tuple[float, float]] | None = None) -> RunLine:
    points = []
    for i, value in enumerate(values):
        above, below = parts[i] if parts else (None, None)
        points.append(Point(2020 + (i + 0.5) / 12, f"m{i}", value, "", above, below))
    return RunLine("hmn", "", points)


def test_ten_points_are_needed_in_one_phase() -> None:
    line = yearly([8, 9] * 6)
    assert control_of(line, [], often=False) is not None
    assert control_of(line, [RunBreak(2016, "2016", "new")], often=False) is None
    assert control_of(yearly([8, 9] * 4), [], often=False) is None


def test_a_run_chart_marks_a_shift_and_says_so_in_words() -> None:
    line = yearly([5, 4, 6, 5, 4, 6, 8, 9, 8, 9, 8, 9])
    control = control_of(line, [], often=False)
    assert control is not None
    assert control.kind == "run"
    assert control.signals["shift"] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    chart = run_chart(line, ABOUT, name="shift", control=control)
    assert "The level has moved: 2010–2021" in chart.description
    assert "six or more points in a row" in control.rule("en")
    assert (chart.table["Note"] == "signal").all()


def test_each_phase_of_a_control_chart_has_its_own_centre() -> None:
    line = monthly([10.0, 11] * 6 + [20.0, 21] * 6)
    breaks = [RunBreak(line.points[12].at, "January 2021", "new system")]
    control = control_of(line, breaks, often=True)
    assert control is not None
    assert (control.kind, control.centre[0], control.centre[-1]) == ("xmr", 10.5, 20.5)
    assert control.signals == {}
    assert "new phase" in control.rule("en")
    whole = control_of(line, [], often=True)
    assert whole is not None
    assert "side" in whole.signals


def test_shares_of_counts_get_the_limits_of_their_denominators() -> None:
    parts = [(10.0, 100.0)] * 11 + [(40.0, 100.0)]
    line = monthly([100 * above / below for above, below in parts], parts)
    control = control_of(line, [], often=True, share=True)
    assert control is not None
    assert control.kind == "p"
    assert control.signals["outside"] == [11]
    assert control.centre[0] == pytest.approx(100 * 150 / 1200)


def test_a_warned_of_figure_is_drawn_apart_and_never_judged() -> None:
    line = yearly([8, 9, 8, 9, 8, 80, 9, 8, 9, 8, 9], marks={2015: "faulty"})
    control = control_of(line, [], often=False)
    assert control is not None
    assert len(control.centre) == 10
    chart = run_chart(line, ABOUT, name="warned", control=control)
    assert "warns of the figures for 2015" in chart.description
    assert (
        chart.table.loc[chart.table["Period"] == "2015", "Note"].item() == "the source warns of this figure"
    )


def lines_of(svg: str, width: str = "2.4") -> list[str]:
    return re.findall(
        rf'<path d="(M[^"]*)" fill="none" stroke="[^"]*" stroke-width="{width}" stroke-linecap', svg
    )


def test_the_line_breaks_at_breaks_and_at_missing_years() -> None:
    values = [8.0, 8.1, 8.2, 8.3, 8.4, 8.5]
    assert len(lines_of(run_chart(yearly(values), ABOUT, name="whole").svg())) == 1
    cut = run_chart(yearly(values), ABOUT, name="cut", breaks=[RunBreak(2013, "2013", "new form")])
    assert len(lines_of(cut.svg())) == 2
    assert "Break in the series from 2013: new form." in cut.description
    points = [point for point in yearly(values).points if point.at != 2012]
    assert len(lines_of(run_chart(RunLine("hmn", "", points), ABOUT, name="hole").svg())) == 2


def test_the_target_is_drawn_and_said() -> None:
    band = run_chart(
        yearly([8, 9, 8]), ABOUT, name="band", decimals=1, aim=Aim(6, 7, 2030, "Target 2030", (2010, 8))
    )
    assert "The target is 6.0%–7.0%." in band.description
    assert "Target 2030" in band.svg()
    assert "straight line to the target" in band.svg()
    assert band.svg().count('stroke-dasharray="5 3"') >= 1


def test_the_fan_continues_the_line_and_rounds_as_its_band_allows() -> None:
    years = list(range(2012, 2041))
    fan = pd.DataFrame({"year": years, "q10": 5.0, "q25": 6.0, "q50": 7.123, "q75": 8.0, "q90": 9.0})
    chart = run_chart(yearly([8, 9, 8]), ABOUT, name="fan", decimals=2, fan=fan)
    assert chart.title == "Sick leave: 7% in 2040 (5%–9%), against 8.00% in 2012"
    assert list(chart.table["Period"])[-1] == "2040"
    assert len(chart.table) == 2040 - 2010 + 1


def test_other_places_stand_beside_with_their_names() -> None:
    other = RunLine("sto", "St. Olavs hospital", yearly([7, 7, 7]).points)
    chart = run_chart(
        RunLine("hmn", "The region", yearly([8, 9, 8]).points), ABOUT, name="places", others=[other]
    )
    assert list(chart.table.columns) == ["Period", "The region", "St. Olavs hospital"]
    assert "St. Olavs hospital 7%" in chart.description
    assert chart.svg().count("hospital") >= 2


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("width", [720, 360])
def test_it_speaks_three_languages_and_names_itself(lang: str, width: int) -> None:
    about = About("Sykefravær", "", "Midt-Norge", "SSB", lang, "percent")
    line = yearly([8, 9] * 6, marks={2021: "provisional"})
    svg = run_chart(line, about, name="all", control=control_of(line, [], often=False)).svg(width)
    assert f'lang="{lang}"' in svg
    assert 'role="img"' in svg
    assert "style=" not in svg


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([], "chart-empty"),
        ([Point(2011, "2011", 1), Point(2010, "2010", 1)], "chart-order"),
        ([Point(2010, "2010", float("nan"))], "chart-missing-value"),
    ],
)
def test_a_line_without_sense_is_refused(points: list[Point], code: str) -> None:
    with pytest.raises(PlanError) as error:
        run_chart(RunLine("hmn", "", points), ABOUT, name="wrong")
    assert error.value.code == code
