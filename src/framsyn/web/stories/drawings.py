"""Charts of the steps of a story: the drawings of the outlook and the report, from the figures that the site keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
from django.utils.translation import gettext

from framsyn.report.bar_charts import grouped_bars
from framsyn.report.charts import Target, scenario_lines
from framsyn.report.numbers import number
from framsyn.report.words import word
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.names import CHANGE, REGION
from framsyn.web.outlooks.queries import region_of
from framsyn.web.stories.facts import effect_range, say
from framsyn.web.stories.reading import Fact

if TYPE_CHECKING:
    from framsyn.report.charts import Chart
    from framsyn.web.outlooks.models import Run
    from framsyn.web.outlooks.queries import Line
    from framsyn.web.stories.facts import Kept
    from framsyn.web.stories.reading import ChartSpec

__all__ = ["draw", "single", "with_part"]

MIDWAY = 2030


def draw(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw what a step asks for, or nothing where the run does not keep it.

    Parameters
    ----------
    spec : ChartSpec
    kept : Kept
    lang : str
    name : str
        Of the chart; its id in the page.
    """
    drawing = {
        "fan": fan,
        "trusts": trusts,
        "compare": compare,
        "professions": professions,
        "why": why,
        "map": where,
        "assumptions": assumptions,
    }[spec.kind]
    return drawing(spec, kept, lang, name)


def fan(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw one line with its bands."""
    line = kept.lines.get(spec.quantity, REGION, spec.part)
    if line is None:
        return None
    if spec.target == "beds_today":
        return charts.beds_against_today(kept.run, line, lang, name=name)
    return single(kept.run, line, lang, name, history=spec.history, floor=spec.target == "floor")


def single(
    run: Run, line: Line, lang: str, name: str, *, history: bool = False, floor: bool = False
) -> Chart:
    """Draw a line of any place, with what was counted and the floor of liquidity where they are asked for."""
    title = None
    if line.quantity.endswith(CHANGE):
        title = charts.growth_title(line, lang, with_part(run, line.quantity, line.part, lang))
    target = None
    if floor:
        level = region_of(run.region).parameter("liquidity_floor")
        label = word("money_part.floor_label", lang, value=number(level / 1000, lang, 1))
        target = Target(level, line.last, label, word("money_part.floor", lang))
    counted = charts.population_history(run, line.place) if history else None
    source = word("source.ssb_07459", lang) if history else ""
    return charts.fan(run, line, lang, name=name, title=title, history=counted, target=target, source=source)


def with_part(run: Run, quantity: str, part: str, lang: str) -> str:
    """Return the name of a quantity, with its service area or profession."""
    what = charts.words_of(quantity, lang, 0)[0]
    name = charts.part_name(run, part, lang) if part else ""
    return f"{what}, {name[0].lower()}{name[1:]}" if name else what


def trusts(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw the same line for each trust; the title names both ends, with the digits that their intervals justify."""
    chart = charts.fans_by_trust(kept.run, kept.lines, spec.quantity, spec.part, lang, name=name)
    ends = [
        say(Fact(quantity=spec.quantity, part=spec.part, **{end: "trusts"}), kept, lang)
        for end in ("highest_of", "lowest_of")
    ]
    line = kept.lines.get(spec.quantity, REGION, spec.part)
    if chart is None or line is None or None in ends:
        return None
    high, low = ends
    title = gettext(
        "%(what)s in %(year)s: highest in %(high_name)s (%(high)s), lowest in %(low_name)s (%(low)s)"
    ) % {
        "what": with_part(kept.run, spec.quantity, spec.part, lang),
        "year": line.last,
        "high_name": high.name,
        "high": high.middle,
        "low_name": low.name,
        "low": low.middle,
    }
    return replace(chart, title=title)


def compare(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw the medians of the run and of the one that it is held against."""
    own = kept.lines.get(spec.quantity, REGION, spec.part)
    other = kept.baseline.get(spec.quantity, REGION, spec.part) if kept.baseline else None
    if own is None or other is None or kept.run.baseline is None:
        return None
    baseline = kept.run.baseline
    what = with_part(kept.run, spec.quantity, spec.part, lang)
    _, unit, style = charts.words_of(spec.quantity, lang, own.first)
    both = [own.frame().assign(scenario="own"), other.frame().assign(scenario="other")]
    info = replace(charts.about(kept.run, lang, what, unit, style=style), scenario="")
    labels = {"own": kept.run.label[lang], "other": baseline.label[lang]}
    return scenario_lines(pd.concat(both, ignore_index=True), info, name=name, labels=labels)


def professions(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw bars by profession, midway and at the end."""
    region = region_of(kept.run.region)
    lines = [kept.lines[spec.quantity, REGION, part] for part in kept.lines.parts(spec.quantity)]
    if not lines:
        return None
    lines.sort(key=lambda line: -line.at(line.last))
    years = [year for year in (MIDWAY, lines[0].last) if year in lines[0].years]
    rows = [
        {"row": line.part, "series": str(year), **{q: line.at(year, band) for q, band in _BAR.items()}}
        for line in lines
        for year in dict.fromkeys(years)
    ]
    what, unit, style = charts.words_of(spec.quantity, lang, lines[0].first)
    return grouped_bars(
        pd.DataFrame(rows),
        charts.about(kept.run, lang, what, unit, style=style),
        name=name,
        labels={line.part: region.label_of("profession", line.part, lang) for line in lines},
        series={str(year): str(year) for year in dict.fromkeys(years)},
        sides=(word("professions.surplus", lang), word("professions.shortage", lang)),
    )


_BAR = {"q10": "p10", "q50": "p50", "q90": "p90"}


def why(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw the kept explanation of a change."""
    found = kept.explanations.get((spec.quantity, spec.part))
    return charts.why(kept.run, found, lang, name=name) if found else None


def where(_spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw where somatic need changes until the horizon."""
    line = kept.lines.get("need", REGION, "SOM")
    return charts.map_of_change(kept.run, kept.lines, lang, line.last, name=name) if line else None


def assumptions(spec: ChartSpec, kept: Kept, lang: str, name: str) -> Chart | None:
    """Draw what assumptions do in the end, realisation counted in, each with its range."""
    found = [kept.assumptions[one] for one in spec.names if one in kept.assumptions]
    if not found:
        return None
    rows = []
    for one in found:
        low, middle, high = effect_range(one)
        rows.append({"row": one.name, "series": "end", "q10": low, "q50": middle, "q90": high})
    largest = max(rows, key=lambda row: abs(row["q50"]))
    said = next(one for one in found if one.name == largest["row"])
    title = gettext("Most is expected of this: %(what)s") % {"what": said.label[lang]}
    last = kept.lines["need", REGION, "SOM"].last
    info = charts.about(
        kept.run,
        lang,
        gettext("Effect on what each assumption moves"),
        gettext("by %(year)s, realisation counted in") % {"year": last},
        style="percent",
    )
    return grouped_bars(
        pd.DataFrame(rows),
        info,
        name=name,
        labels={one.name: one.label[lang] for one in found},
        series={"end": str(last)},
        title=title,
        row_heading="driver",
    )
