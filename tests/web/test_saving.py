"""A stale save: both texts are shown, what was typed stays in the form, and saving again works."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from site_forms import Form, main_form

from framsyn.web.actions import Actor
from framsyn.web.audit.models import Entry
from framsyn.web.goals.actions import Terms, decide, override
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.actions import Definition, Figure, change, observe
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.languages import Text
from framsyn.web.locking import last_change
from framsyn.web.measures import actions as measures
from framsyn.web.measures import parts
from framsyn.web.measures.models import Measure
from framsyn.web.plan.actions import change_text
from framsyn.web.plan.choices import decide_choice
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Element, Plan
from framsyn.web.plan.versions import open_version

pytestmark = pytest.mark.django_db
OTHER = Actor.system("Somebody else")
GOAL = "rup-2027.s1.g1"
CHOICE = "notat-beredskap.k1"
TODAY = timezone.localdate()


@dataclasses.dataclass(frozen=True)
class Case:
    """One form: what one person types, what another does meanwhile, and what then stands there."""

    address: Callable[[], str]
    typed: dict[str, str]
    meanwhile: Callable[[], Any]
    theirs: str
    thing: Callable[[], Any]
    prepare: Callable[[], Any] = lambda: None


def measure() -> Measure:
    return Measure.objects.get(pk="home-hospital")


def goal() -> Element:
    return Element.objects.get(pk=GOAL)


def indicator() -> Indicator:
    return Indicator.objects.filter(observations__isnull=False, small_number=None).distinct().first()  # type: ignore[return-value]


def decision() -> GoalDecision:
    return GoalDecision.objects.filter(goal=GOAL, superseded_by__isnull=True).exclude(indicator=None)[0]


def decided_by_others() -> None:
    old = decision()
    decide(
        OTHER,
        goal(),
        old.place,
        Terms("do", standing="proposed", note={"nb": "Deres merknad"}, indicator=old.indicator),
        supersedes=old,
    )


def by_hand() -> Any:
    return override(OTHER, decision(), "at_risk", "Their reason", TODAY + datetime.timedelta(days=9))


def defined_by_others() -> None:
    facts = Definition.of(indicator())
    change(OTHER, indicator(), dataclasses.replace(facts, needs=Text(nb="Deres behov")))


def figure() -> Observation:
    return indicator().observations.filter(current=True).latest("period_end")  # type: ignore[attr-defined]


def corrected_by_others() -> None:
    row = figure()
    given = Figure(row.place, row.period_start, row.period_end, row.value, source="Their source")
    observe(OTHER, indicator(), given, reason="Theirs")


def draft_of_plan() -> Any:
    return Plan.objects.get(pk="rup-2027").versions.get(state="draft")  # type: ignore[attr-defined]


def chosen_by_others() -> None:
    options = [{"nb": "Deres vei"}, {"nb": "Som i dag"}]
    decide_choice(OTHER, Element.objects.get(pk=CHOICE), options=options, chosen=None, reasons={})


CASES = {
    "measure": Case(
        lambda: "/measures/home-hospital/edit/",
        {"text_nb": "Min tekst"},
        lambda: measures.change(OTHER, measure(), text=Text(nb="Deres tekst")),
        "Deres tekst",
        measure,
    ),
    "report": Case(
        lambda: "/measures/home-hospital/report/",
        {"status": "stuck", "text": "Min melding"},
        lambda: measures.report(OTHER, measure(), status="on_plan", text="Deres melding"),
        "Deres melding",
        measure,
    ),
    "owner": Case(
        lambda: "/measures/home-hospital/people/",
        {"unit_nb": "Min enhet"},
        lambda: measures.assign(
            OTHER,
            measure(),
            role="owner",
            organisation=measure().organisation,
            unit={"nb": "Deres enhet"},
            valid_from=TODAY,
        ),
        "Deres enhet",
        measure,
    ),
    "task": Case(
        lambda: f"/measures/home-hospital/task/{measure().tasks.all()[0].pk}/",
        {"title_nb": "Mitt steg"},
        lambda: parts.task(OTHER, measure(), task=measure().tasks.all()[0], title={"nb": "Deres steg"}),
        "Deres steg",
        measure,
    ),
    "benefit": Case(
        lambda: f"/measures/home-hospital/benefit/{measure().benefits.all()[0].pk}/",
        {"note_nb": "Min note"},
        lambda: parts.benefit(
            OTHER,
            measure(),
            benefit=measure().benefits.all()[0],
            kind=measure().benefits.all()[0].kind,
            year=measure().benefits.all()[0].year,
            planned=4321,
            note={"nb": "Deres note"},
        ),
        "Deres note",
        measure,
    ),
    "risk": Case(
        lambda: f"/measures/home-hospital/risk/{measure().risks.all()[0].pk}/",
        {"mitigation_nb": "Mitt grep"},
        lambda: parts.risk(
            OTHER,
            measure(),
            risk=measure().risks.all()[0],
            text={"nb": "Fare"},
            probability=2,
            consequence=2,
            mitigation={"nb": "Deres grep"},
        ),
        "Deres grep",
        measure,
    ),
    "decide": Case(
        lambda: f"/goals/{GOAL}/decide/?decision={decision().pk}",
        {"note_nb": "Min merknad"},
        decided_by_others,
        "Deres merknad",
        goal,
    ),
    "override": Case(
        lambda: f"/goals/{GOAL}/override/{decision().pk}/",
        {"status": "reached", "reason": "My reason", "expires": str(TODAY + datetime.timedelta(days=3))},
        by_hand,
        "Their reason",
        goal,
    ),
    "definition": Case(
        lambda: f"/indicators/{indicator().pk}/change/",
        {"needs_nb": "Mitt behov"},
        defined_by_others,
        "Deres behov",
        indicator,
    ),
    "figure": Case(
        lambda: f"/indicators/{indicator().pk}/observe/",
        {"source": "My source", "reason": "Mine"},
        corrected_by_others,
        "Their source",
        indicator,
    ),
    "choice": Case(
        lambda: f"/themes/choice/{CHOICE}/",
        {"option_0_nb": "Min vei", "option_1_nb": "Som i dag", "chosen": "", "decided_on": ""},
        chosen_by_others,
        "Deres vei",
        lambda: Element.objects.get(pk=CHOICE),
    ),
    "text": Case(
        lambda: f"/plan/rup-2027/edit/{GOAL}/text/",
        {"text_nb": "Min tekst"},
        lambda: change_text(
            OTHER,
            draft_of_plan(),
            last_edit(draft_of_plan()),
            GOAL,
            title={"nb": "Mål"},
            text={"nb": "Deres tekst"},
            number="1",
        ),
        "Deres tekst",
        goal,
        prepare=lambda: open_version(OTHER, Plan.objects.get(pk="rup-2027")),
    ),
}


def form_of(answer: Any, address: str) -> Form:
    return main_form(answer.content.decode(), address)


@pytest.mark.parametrize("name", CASES)
def test_a_stale_save_shows_both_texts_and_loses_neither(name: str, editor_client: Any) -> None:
    case = CASES[name]
    case.prepare()
    address = case.address()
    editor_client.cookies["language"] = "en"
    mine = form_of(editor_client.get(address), address).with_(**case.typed)
    if name == "figure":
        row = figure()
        mine |= {
            "place": [row.place],
            "period_start": [str(row.period_start)],
            "period_end": [str(row.period_end)],
        }
        mine["value"] = [str((row.value or 0) * (100 if indicator().unit == "share" else 1))]
        mine |= {"numerator": [""], "denominator": [""]}
    case.meanwhile()
    before = Entry.objects.count()
    answer = editor_client.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert Entry.objects.count() == before
    assert 'id="both"' in page
    assert case.theirs in page  # what the other wrote
    again = form_of(answer, address)
    for field, value in case.typed.items():
        assert again.fields[field] == [value]
    assert again.fields["seen"] != mine["seen"]
    done = editor_client.post(address, again.fields)
    assert done.status_code == 302, done.content.decode()[:20000]
    assert Entry.objects.count() == before + 1
    assert last_change(case.thing()) == Entry.objects.latest("id").pk


def test_a_new_part_is_no_conflict(editor_client: Any) -> None:
    """Two people who each add a task add two tasks: neither is asked to put anything together."""
    address = "/measures/home-hospital/task/"
    mine = form_of(editor_client.get(address), address).with_(title_nb="Mitt steg")
    parts.task(OTHER, measure(), title={"nb": "Deres steg"})
    assert editor_client.post(address, mine).status_code == 302
    assert {"Mitt steg", "Deres steg"} <= {one.title["nb"] for one in measure().tasks.all()}


def test_a_form_without_a_number_saves_upon_what_stands_there(editor_client: Any) -> None:
    address = "/measures/home-hospital/edit/"
    mine = form_of(editor_client.get(address), address).with_(text_nb="Min tekst")
    del mine["seen"]
    measures.change(OTHER, measure(), cost=12.5)
    assert editor_client.post(address, mine).status_code == 302
    assert measure().text["nb"] == "Min tekst"


def test_the_words_that_differ_are_marked(editor_client: Any) -> None:
    editor_client.cookies["language"] = "en"
    address = "/measures/home-hospital/edit/"
    measures.change(OTHER, measure(), text=Text(nb="Ti senger er nok."))
    mine = form_of(editor_client.get(address), address).with_(text_nb="Tolv senger er nok.")
    measures.change(OTHER, measure(), text=Text(nb="Ni senger er nok."), cost=3.0)
    page = editor_client.post(address, mine).content.decode()
    assert "<del>Ni</del><ins>Tolv</ins> senger er nok." in page
    assert "Measure changed" in page  # what the other did
    assert "Cost in all" in page  # every field that differs, not the one alone
