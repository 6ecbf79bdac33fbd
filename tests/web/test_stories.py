"""Stories say what the run says, figures and directions, in three languages; frames of other sites hold them alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.http import QueryDict
from django.test import Client
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.report.numbers import interval
from framsyn.web.actions import Actor
from framsyn.web.outlooks.charts import beds_today
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.names import CHANGE, SHARE
from framsyn.web.outlooks.queries import Line, Lines
from framsyn.web.outlooks.store import store_run
from framsyn.web.stories.facts import Kept, direction_of, say
from framsyn.web.stories.reading import Fact, named_in, read_stories, stories_of
from framsyn.web.stories.telling import keep, tell, told

pytestmark = pytest.mark.slow  # tells stories of whole runs

LANGUAGES = ("nb", "nn", "en")
SLUGS = (
    "an-older-region",
    "where-the-beds-go",
    "the-staff-we-do-not-have",
    "what-technology-must-deliver",
    "what-the-money-allows",
)
JOIN = "\u2060"


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any, plan_run: Any, people_run: Any) -> Iterator[str]:
    """Keep the plan as the main run, held against demography alone, for all tests of this file."""
    actor = Actor.system("tests")
    with django_db_blocker.unblock():
        baseline = store_run(actor, people_run)
        run = store_run(actor, plan_run, main=True, baseline=baseline.id)
    yield run.id
    with django_db_blocker.unblock():
        Run.objects.update(baseline=None)
        Run.objects.all().delete()
    told.cache_clear()


@pytest.fixture
def kept(once: str, db: None) -> Run:
    """Return the main run."""
    return Run.objects.select_related("baseline").get(pk=once)


@pytest.fixture(scope="module")
def stories(midt: Any) -> Any:
    """Return the shipped stories."""
    return {story.slug: story for story in stories_of(midt.folder)}


# ---------------------------------------------------------------- what the file says
def test_the_five_stories_are_there_in_their_order(stories: Any) -> None:
    assert tuple(stories) == SLUGS
    for story in stories.values():
        assert 4 <= len(story.step) <= 6
        assert 2 <= len(story.step[-1].levers) <= 3
        assert not any(step.levers for step in story.step[:-1])


def every_text(stories: Any) -> Iterator[tuple[str, str, str]]:
    """Give every text: where, language, words."""
    for story in stories.values():
        for words in (story.title, story.lead):
            yield from ((story.slug, language, words[language]) for language in LANGUAGES)
        for step in story.step:
            variants = [words for sentence in step.say for words in sentence.variants.values()]
            for words in (step.heading, *variants):
                yield from (
                    (f"{story.slug}/{step.name}", language, words[language]) for language in LANGUAGES
                )


def test_no_figure_of_the_outlook_is_typed(stories: Any) -> None:
    for where, language, text in every_text(stories):
        bare = re.sub(r"\{[^}]*\}", "", text)
        assert set(re.findall(r"\d+", bare)) <= {"65", "80"}, (where, language, text)  # ages, no figures


# Words that tell a direction. What stands in one list never stands in a sentence of the other direction.
UP = {
    "nb": r"flere|vokser|øker|større|høyere|overskudd|over gulvet|bedre|legger|mangler",
    "nn": r"fleire|veks|aukar|større|høgare|overskot|over golvet|betre|legg|manglar",
    "en": r"\bmore\b|grows|rises|larger|higher|surplus|above the floor|better|adds|missing",
}
DOWN = {
    "nb": r"færre|går (?:\S+ ){0,3}ned|mindre|lavere|underskudd|under gulvet|dårligere|trekker|mer enn det trengs",
    "nn": r"færre|går (?:\S+ ){0,3}ned|mindre|lågare|underskot|under golvet|dårlegare|trekkjer|meir enn det trengst",
    "en": r"fewer|falls|smaller|lower|deficit|below the floor|worse|takes off|more than needed",
}
UNSURE = {
    "nb": r"\bkan\b|åpent|omtrent|ingen forskjell",
    "nn": r"\bkan\b|ope|om lag|ingen skilnad",
    "en": r"\bmay\b|open|about|no difference",
}


def test_words_of_direction_stand_where_they_belong(stories: Any) -> None:
    seen = 0
    for story in stories.values():
        for step in story.step:
            for sentence in (one for one in step.say if one.by):
                for language in LANGUAGES:
                    seen += 1
                    where = f"{story.slug}/{step.name} {language}"
                    up, down, unsure = (
                        sentence.variants[name][language] for name in ("up", "down", "unsure")
                    )
                    assert re.search(UP[language], up), where
                    assert not re.search(DOWN[language], up), where
                    assert re.search(DOWN[language], down), where
                    rest = re.sub(DOWN[language], "", down)
                    if "gruppe" not in rest and "profession" not in rest:  # "no profession is short"
                        assert not re.search(UP[language], rest), where
                    assert re.search(UNSURE[language], unsure), where
    assert seen >= 3 * 20


@pytest.mark.parametrize(
    ("change", "told_what"),
    [
        (('heading = { nb = "Hvor mange vi blir", nn', 'heading = { nn = "", nn2'), "expected nb, nn and en"),
        (('by = "people"', 'by = "persons"'), "names no fact"),
        (("{people} flere", "{persons} flere"), "which is no fact"),
        (('levers = ["healthier_ageing", "prevention"]', ""), "no levers"),
        (('kind = "fan", quantity = "population", history', 'kind = "pie", quantity = "x", history'), "kind"),
        (('name = "oldest"', 'name = "people"'), "one name"),
        (("[[story]]", "[[story"), "line"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(
    tmp_path: Path, midt: Any, change: tuple[str, str], told_what: str
) -> None:
    text = (midt.folder / "stories.toml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "stories.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(PlanError) as fault:
        read_stories(path)
    assert fault.value.code == "bad-stories"
    assert told_what in fault.value.message
    assert "stories.toml" in fault.value.message


# ---------------------------------------------------------------- what the run says
def triple_of(outlook: Any, fact: Fact) -> np.ndarray:
    """Return p10, median and p90 of a fact from the draws themselves."""
    name, _colon, kind = fact.quantity.partition(":")
    where = {"service_area": fact.part} if fact.part in ("SOM", "PHV", "PHBU", "TSB") else None
    draws = outlook.draws(name, ("year",), where).transpose("draw", "year").values
    if f":{kind}" == CHANGE:
        draws = draws / draws[:, :1] - 1
    elif f":{kind}" == SHARE:
        draws = draws / outlook.draws("population", ("year",)).transpose("draw", "year").values
    return np.quantile(draws[:, 0 if fact.year == "first" else -1], (0.1, 0.5, 0.9))


def expected_direction(fact: Fact, plan_run: Any, people_run: Any, run: Run) -> str:
    """Return where a fact points, from the draws."""
    outlook = people_run if fact.run == "baseline" else plan_run
    low, middle, high = triple_of(outlook, fact)
    if fact.against == "baseline":
        other = triple_of(people_run, fact)[1]
        near = 0.005 * max(abs(other), abs(middle))
        return direction_of(middle - near, middle + near, other)
    against = {
        "zero": 0.0,
        "beds_today": beds_today(run, fact.part) if fact.against == "beds_today" else 0.0,
        "floor": outlook.region.parameter("liquidity_floor"),
        "first": triple_of(outlook, fact.model_copy(update={"year": "first"}))[1],
    }[fact.against]
    return direction_of(low, high, float(against))


def test_every_direction_is_that_of_the_draws(
    kept: Run, stories: Any, plan_run: Any, people_run: Any
) -> None:
    seen = set()
    for story in stories.values():
        found = tell(story, keep(kept, story), "en")
        for step, shown in zip(story.step, found.steps, strict=True):
            for sentence in (one for one in shown.sentences if one.by):
                fact = step.facts[sentence.by]
                if fact.effect or fact.highest_of:
                    continue
                assert sentence.direction == expected_direction(fact, plan_run, people_run, kept), sentence
                seen.add(sentence.direction)
    assert seen == {"up", "down", "unsure"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_are_those_of_the_draws(kept: Run, stories: Any, plan_run: Any, lang: str) -> None:
    pairs = [
        ("an-older-region", "people", "population:change", "percent", ""),
        ("an-older-region", "need", "need:change", "percent", "SOM"),
        ("where-the-beds-go", "today", "beds", "number", "SOM"),
        ("the-staff-we-do-not-have", "gap", "staff_gap", "number", ""),
        ("what-the-money-allows", "result", "result", "money", ""),
    ]
    for slug, name, quantity, style, part in pairs:
        story = told(kept.pk, slug, lang)
        step = next(one for one in story.steps if one.name == name)
        low, middle, high = triple_of(plan_run, Fact(quantity=quantity, part=part))
        said = " ".join(sentence.text for sentence in step.sentences).replace(JOIN, "")
        forms = {interval(middle, low, high, lang, style, signed=signed).text for signed in (True, False)}
        assert any(form in said for form in forms), (slug, said, forms)


def test_an_explained_cause_is_a_share_of_the_base_year(kept: Run, stories: Any) -> None:
    found = kept.explanations.get(quantity="need", part="SOM")
    cause = next(one for one in found.effects if one["name"] == "people_age")
    said = say(Fact(effect="people_age", quantity="need", part="SOM"), keep(kept, stories[SLUGS[0]]), "en")
    assert said is not None
    assert float(said.text.rstrip("%")) == pytest.approx(100 * abs(cause["effect"]) / found.before, abs=0.51)
    assert said.direction == ("up" if cause["effect"] > 0 else "down")


def mirrored(kept: Kept, quantity: str) -> Kept:
    """Return what is kept with one line turned round its first value."""
    other = object.__new__(Lines)
    other.run, other._lines = kept.run, dict(kept.lines._lines)
    for key, line in kept.lines._lines.items():
        if line.quantity != quantity:
            continue
        first = line.values["p50"][0]
        names = {"p10": "p90", "p25": "p75", "p50": "p50", "p75": "p25", "p90": "p10", "central": "central"}
        values = {band: [2 * first - value for value in line.values[own]] for band, own in names.items()}
        other._lines[key] = Line(line.quantity, line.place, line.part, line.years, values)
    return Kept(kept.run, other, kept.baseline, kept.explanations, kept.assumptions)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("slug", "step", "fact", "quantity"),
    [
        (SLUGS[0], "oldest", "old", "population_80_plus:change"),
        (SLUGS[2], "gap", "gap", "staff_gap"),
        (SLUGS[2], "supply", "then", "staff_supply"),
    ],
)
def test_the_sentence_turns_with_the_figures(
    kept: Run, stories: Any, lang: str, slug: str, step: str, fact: str, quantity: str
) -> None:
    story = stories[slug]
    held = keep(kept, story)
    ways = []
    for one in (held, mirrored(held, quantity)):
        shown = next(own for own in tell(story, one, lang).steps if own.name == step)
        ways.append(next(sentence for sentence in shown.sentences if sentence.by == fact))
    assert {way.direction for way in ways} == {"up", "down"}
    for way in ways:
        words = {"up": UP, "down": DOWN}[way.direction][lang]
        assert re.search(words, way.text), way


def test_what_a_run_does_not_keep_is_left_out(kept: Run, stories: Any) -> None:
    kept.baseline = None
    story = stories["where-the-beds-go"]
    found = tell(story, keep(kept, story), "nb")
    assert "without" not in [step.name for step in found.steps]
    assert [step.number for step in found.steps] == list(range(1, len(story.step)))
    assert not any("{" in sentence.text for step in found.steps for sentence in step.sentences)


def test_names_of_a_text_are_found() -> None:
    assert named_in("{a} and {b.name}, {a.signed}") == {"a", "b"}


# ---------------------------------------------------------------- pages
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_story_is_a_page_of_steps(
    client: Any, kept: Run, django_assert_max_num_queries: Any, slug: str, lang: str
) -> None:
    told.cache_clear()
    with django_assert_max_num_queries(15):
        answer = client.get(f"/stories/{slug}/", {"lang": lang})
    tree = parse(answer.content.decode())
    steps = tree.all("section", class_="story-step")
    assert 4 <= len(steps) <= 6
    for number, step in enumerate(steps, start=1):
        assert step.attributes["id"] == f"step-{number}"
        assert f"{number}" in step.all("p", class_="story-step__count")[0].text
        assert step.all("table")
        assert step.all("svg", class_="framsyn-chart")
    assert len(tree.all("form", class_="story-levers")) == 1
    assert len(steps[-1].all("form")) == 1


def test_the_levers_of_a_story_are_a_state_of_the_explorer(
    client: Any, kept: Run, midt: Any, plan: Any
) -> None:
    from framsyn.scenario.levers import read_levers, shown_value
    from framsyn.web.explorer.state import State

    known = {lever.name: lever for lever in read_levers(midt)}
    for slug in SLUGS:
        form = parse(client.get(f"/stories/{slug}/").content.decode()).all("form", class_="story-levers")[0]
        assert form.attributes["action"] == "/outlook/"
        assert form.attributes["method"] == "get"
        fields = {node.attributes["name"]: node.attributes for node in form.all("input")}
        query = QueryDict("", mutable=True)
        for name, field in fields.items():
            query[name] = field["value"]
            if field["type"] == "number":
                assert float(field["value"]) == shown_value(known[name], plan)
                assert float(field["min"]) <= float(field["value"]) <= float(field["max"])
                label = form.all("label", for_=field["id"])
                assert label, name
                query[name] = field["min"]
        state, faults = State.read(query)
        assert faults == ()
        assert set(state.moves) == {name for name, field in fields.items() if field["type"] == "number"}


def test_step_by_step_counts_in_words_and_links(client: Any, kept: Run) -> None:
    tree = parse(client.get("/stories/the-staff-we-do-not-have/?present=1&lang=en").content.decode())
    slides = tree.all("section", class_="slide")
    assert [slide.attributes["id"] for slide in slides] == [f"step-{n}" for n in range(len(slides))]
    assert slides[2].attributes["data-slide"].startswith(f"Step 2 of {len(slides) - 1}: ")
    assert [link.attributes["href"] for link in slides[2].all("nav")[0].all("a")] == [
        "#step-1",
        "#step-3",
        "/stories/the-staff-we-do-not-have/",
    ]
    same = client.get("/stories/the-staff-we-do-not-have/present/?lang=en")
    assert parse(same.content.decode()).text.split() == tree.text.split()


def test_without_a_run_the_page_says_how_to_get_one(client: Any, kept: Run) -> None:
    Run.objects.update(is_main=False)
    assert "framsyn serve --demo" in client.get("/stories/?lang=en").content.decode()
    assert client.get("/stories/an-older-region/").status_code == 404
    assert client.get("/outlook/embed/beds/").status_code == 404


# ---------------------------------------------------------------- frames of other sites
EMBEDDED = (
    "/stories/an-older-region/embed/?lang=nn",
    "/stories/an-older-region/embed/oldest/?lang=nn",
    "/outlook/embed/beds/?lang=nn",
    "/outlook/embed/need:change/?place=hmr&service=SOM&lang=nn",
    "/outlook/embed/population/?place=1508&lang=nn",
)


@pytest.mark.parametrize("address", EMBEDDED)
def test_a_frame_may_hold_it_and_nobody_is_known_there(
    kept: Run, administrator_client: Any, address: str
) -> None:
    answer = administrator_client.get(address)
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"frame-ancestors \*(;|$)", policy)
    assert "script-src 'self'" in policy
    assert not answer.cookies
    text = answer.content.decode()
    tree = parse(text)
    assert tree.all("html")[0].attributes["lang"] == answer.headers["Content-Language"] == "nn"
    assert tree.all("form", "script", "iframe") == []
    assert "Administrator" not in text
    assert [node.attributes["target"] for node in tree.all("base")] == ["_blank"]
    assert kept.id in tree.all("footer")[0].text
    assert tree.all("footer")[0].all("a", href="")
    assert Client().get(address).content == answer.content


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/stories/",
        "/stories/an-older-region/",
        "/stories/an-older-region/present/",
        "/stories/nothing/embed/",
        "/stories/an-older-region/embed/nothing/",
        "/outlook/embed/nothing/",
        "/outlook/embed/beds/?place=nowhere",
        "/outlook/embed/beds/?service=%3Cscript%3E",
        "/outlook/embed/patients/",
        "/login/",
    ],
)
def test_everything_else_stays_out_of_frames(client: Any, kept: Run, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_kept_page_of_the_cache_may_be_framed_too(kept: Run, settings: Any) -> None:
    settings.PAGE_CACHE = True
    answers = [Client().get("/outlook/embed/beds/") for _ in range(2)]
    for answer in answers:
        assert "X-Frame-Options" not in answer.headers
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/stories/", "/stories/what-the-money-allows/"])
def test_the_markup_to_copy_leads_to_an_embedded_page(client: Any, kept: Run, address: str) -> None:
    tree = parse(client.get(address, {"lang": "en"}).content.decode())
    for code in tree.all("pre", class_="story-code"):
        markup = unescape(code.text)
        source = re.search(r'src="http://testserver(/[^"]+)"', markup)
        assert source, markup
        assert "frame-ancestors *" in client.get(source[1]).headers["Content-Security-Policy"]
        assert 'title="' in markup
