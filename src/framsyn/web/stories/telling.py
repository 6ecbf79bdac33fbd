"""A story told of the run that the site shows: sentences chosen and filled in, charts drawn, levers at the end."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.report.numbers import number, percent
from framsyn.report.words import word
from framsyn.scenario import Scenario
from framsyn.scenario.levers import read_levers, shown_value
from framsyn.web.explorer.state import State
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.names import REGION
from framsyn.web.outlooks.queries import Lines, explanations, region_of
from framsyn.web.stories import drawings
from framsyn.web.stories.facts import Kept, say, wanted
from framsyn.web.stories.reading import named_in, stories_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from framsyn.report.charts import Chart
    from framsyn.scenario.levers import Lever
    from framsyn.web.stories.facts import Said
    from framsyn.web.stories.reading import Sentence, Step, Story

__all__ = ["Handle", "ToldSentence", "ToldStep", "ToldStory", "keep", "stories_of_run", "tell", "told"]


@dataclass(frozen=True)
class ToldSentence:
    """A sentence as it is read, the fact that chose it, and the direction of that fact."""

    text: str
    by: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Handle:
    """A lever as the last step offers it: the scenario's own value, and how far it can be moved."""

    name: str
    label: str
    text: str
    unit: str
    value: str
    low: str
    high: str
    step: str
    said: str
    said_low: str
    said_high: str


@dataclass(frozen=True)
class ToldStep:
    """One step."""

    number: int
    name: str
    heading: str
    sentences: tuple[ToldSentence, ...]
    chart: Chart
    explorer: str
    state: tuple[tuple[str, str], ...]
    levers: tuple[Handle, ...]
    figure: SafeString | str = ""


@dataclass(frozen=True)
class ToldStory:
    """A story, ready to be shown."""

    slug: str
    title: str
    lead: str
    steps: tuple[ToldStep, ...]


def stories_of_run(run: Run) -> tuple[Story, ...]:
    """Return the stories of the region of a run."""
    return stories_of(region_of(run.region).folder)


@functools.lru_cache(maxsize=48)
def told(run_id: str, slug: str, lang: str) -> ToldStory | None:
    """Return a story with its figures as markup, or nothing where there is none; each is told once of a run."""
    run = Run.objects.select_related("baseline").get(pk=run_id)
    story = next((one for one in stories_of_run(run) if one.slug == slug), None)
    if story is None:
        return None
    found = tell(story, keep(run, story), lang)
    address = reverse("story", args=[slug])
    files = f"{reverse('series_file', args=[run_id])}?place={REGION}"
    steps = tuple(
        replace(
            step,
            figure=render_to_string(
                "stories/figure.html", {"chart": step.chart, "csv": files, "page_address": address}
            ),
        )
        for step in found.steps
    )
    return replace(found, steps=steps)


def keep(run: Run, story: Story) -> Kept:
    """Read what a story needs of a run: at most three queries."""
    facts = [fact for step in story.step for fact in step.facts.values()]
    charts = [step.chart for step in story.step]
    quantities = {name for fact in facts for name in wanted(fact)} | {"need"}
    quantities |= {chart.quantity for chart in charts if chart.quantity}
    places = {REGION, *region_of(run.region).trusts, *(fact.place for fact in facts)}
    mapped = ("need", "SOM") if any(chart.kind == "map" for chart in charts) else None
    held = any(chart.kind == "compare" for chart in charts) or any(
        "baseline" in (fact.run, fact.against) for fact in facts
    )
    scenario = scenario_of(run)
    return Kept(
        run,
        Lines(run, quantities, places, mapped),
        Lines(run.baseline, quantities, (REGION,)) if held and run.baseline else None,
        explanations(run) if any(fact.effect for fact in facts) else {},
        {one.name: one for one in (scenario.assumptions if scenario else ())},
    )


def scenario_of(run: Run) -> Scenario | None:
    """Return the shipped scenario of a run, or nothing where it is none of the region's."""
    try:
        return Scenario.load(run.scenario, region=region_of(run.region))
    except PlanError:
        return None


def tell(story: Story, kept: Kept, lang: str) -> ToldStory:
    """Return a story with its texts filled in; a step whose figures the run does not keep is left out."""
    steps: list[ToldStep] = []
    for step in story.step:
        one = tell_step(story, step, kept, lang, len(steps) + 1)
        if one is not None:
            steps.append(one)
    return ToldStory(story.slug, story.title[lang], story.lead[lang], tuple(steps))


def tell_step(story: Story, step: Step, kept: Kept, lang: str, number: int) -> ToldStep | None:
    """Return a step, or nothing where it has no chart or no sentence."""
    facts = {name: said for name, fact in step.facts.items() if (said := say(fact, kept, lang)) is not None}
    common = common_words(kept, lang)
    sentences = [found for one in step.say if (found := tell_sentence(one, facts, common, lang)) is not None]
    chart = drawings.draw(step.chart, kept, lang, f"{story.slug}-{step.name}")
    if chart is None or not sentences:
        return None
    state = State(scenario=kept.run.scenario, **step.explorer)
    query = state.query()
    address = reverse("outlook")
    return ToldStep(
        number,
        step.name,
        step.heading[lang],
        tuple(sentences),
        chart,
        f"{address}?{query}" if query else address,
        tuple(state.parameters().items()),
        handles(step.levers, kept.run, lang) if step.levers else (),
    )


def tell_sentence(
    sentence: Sentence, facts: Mapping[str, Said], common: Mapping[str, str], lang: str
) -> ToldSentence | None:
    """Choose and fill in a sentence; nothing where one of its facts is not kept."""
    direction = facts[sentence.by].direction if sentence.by in facts else ""
    if sentence.by and not direction:
        return None
    words = sentence.variants[direction or "text"][lang]
    filled = {**common, **facts}
    if not named_in(words) <= set(filled):
        return None
    return ToldSentence(unbroken(words.format(**filled)), sentence.by, direction)


def unbroken(text: str) -> str:
    """Keep the ends of a range on one line.

    >>> unbroken("70 (50–90)") == "70 (50\u2060–\u206090)"
    True
    """
    return re.sub(r"(?<=\d)–(?=\d)", "\u2060–\u2060", text)


def common_words(kept: Kept, lang: str) -> dict[str, str]:
    """Return what every text may name."""
    line = kept.lines["need", REGION, "SOM"]
    words = {
        "first": str(line.first),
        "last": str(line.last),
        "scenario": kept.run.label[lang],
        "money": word("need_part.unit", lang),
    }
    if kept.run.baseline:
        words["baseline"] = kept.run.baseline.label[lang]
    return words


def handles(names: tuple[str, ...], run: Run, lang: str) -> tuple[Handle, ...]:
    """Return the levers of the last step that the region has."""
    scenario = scenario_of(run)
    known = {lever.name: lever for lever in read_levers(region_of(run.region))}
    wanted_here = [known[name] for name in names if name in known and known[name].idle is None]
    return tuple(handle(lever, scenario, lang) for lever in wanted_here) if scenario else ()


def handle(lever: Lever, scenario: Scenario, lang: str) -> Handle:
    """Return a lever with its numbers as a field takes them, and as a reader reads them."""
    value, decimals = shown_value(lever, scenario), lever.decimals

    def said(figure: float) -> str:
        shown = 0 if figure == round(figure) else decimals
        return percent(figure / 100, lang, shown) if lever.unit == "percent" else number(figure, lang, shown)

    words = {
        "percent": "%",
        "percentage_points": _("percentage points"),
        "percentage_points_per_year": _("percentage points a year"),
        "years": _("years"),
    }
    # The scenario's own value need not lie on the steps of the slider; a field would refuse it then.
    finest = 10.0**-decimals
    fields = [f"{figure:.{decimals}f}" for figure in (value, lever.low, lever.high, finest)]
    return Handle(
        lever.name,
        lever.label[lang],
        lever.text[lang],
        words.get(lever.unit, ""),
        *fields,
        *(said(figure) for figure in (value, lever.low, lever.high)),
    )
