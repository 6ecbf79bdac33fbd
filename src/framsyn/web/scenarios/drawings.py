"""Drawings of scenarios: the same as of kept runs, from what a reading keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from framsyn.report.charts import waterfall
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.queries import region_of
from framsyn.web.scenarios.figures import SOMATIC, lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.report.charts import Chart
    from framsyn.web.scenarios.models import Reading

__all__ = ["fans", "label_of", "run_of", "steps"]


def run_of(reading: Reading, label: Mapping[str, str] | None = None, sources: str = "") -> Run:
    """Return a run as drawings of kept runs take it; it is never stored."""
    given = Text(label or {})  # written in one language form perhaps; the drawing says it in each
    words = {code: given.said_in(code)[0] for code in LANGUAGES}
    return Run(id=sources or reading.pk, region=reading.manifest["region"], label=words)


def label_of(reading: Reading, name: str, part: str, first: int, lang: str) -> tuple[str, str]:
    """Return label and unit of a kept line, its service area in the label."""
    what, unit, _style = charts.words_of(name, lang, first)
    if part:
        area = charts.part_name(run_of(reading), part, lang)
        what = f"{what}, {area[0].lower()}{area[1:]}"
    return what, unit


def fans(reading: Reading, label: Mapping[str, str], lang: str) -> list[Chart]:
    """Return the fan charts of a scenario's page: need, beds, staff, result."""
    lines, run = lines_of(reading), run_of(reading, label)
    found = [
        charts.fan(run, lines["need", SOMATIC], lang, name="scenario-need"),
        charts.beds_against_today(run, lines["beds", ""], lang, name="scenario-beds"),
    ]
    return found + [
        charts.fan(run, lines[name, ""], lang, name=f"scenario-{name.replace('_', '-')}")
        for name in ("staff_gap", "result")
    ]


def steps(
    run: Run, cause: Mapping[str, Any], lang: str, *, name: str, ends: tuple[str, str] | None = None
) -> Chart:
    """Return a waterfall of causes as they are kept.

    Parameters
    ----------
    run : Run
    cause : mapping
        quantity, part, year, before, after, effects.
    ends : tuple of str, optional
        What the first and the last level are; the base year and the year if left out.
    """
    base_year = region_of(run.region).base_year
    what, unit, style = charts.words_of(cause["quantity"], lang, base_year)
    if cause["part"]:
        part = charts.part_name(run, cause["part"], lang)
        what = f"{what}, {part[0].lower()}{part[1:]}"
    first, last = ends or (str(base_year), str(cause["year"]))
    frame = pd.DataFrame(
        {
            "label": [effect["label"][lang] for effect in cause["effects"]],
            "effect": [effect["effect"] for effect in cause["effects"]],
        }
    )
    about = charts.about(run, lang, f"{what}, {cause['year']}" if ends else what, unit, style=style)
    return waterfall(
        frame,
        about,
        name=name,
        start=(first, cause["before"]),
        end=(last, cause["after"]),
        from_zero=False,
    )
