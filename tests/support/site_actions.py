"""With which forms the actions of the site are done; who may is not said here, but in the policy.

The site is as :func:`site_pages.make_ready` leaves it, with a note on the measure and a step in the draft to undo.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.measures.models import Measure
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Link, Version

__all__ = ["EDIT", "OTHER", "ROWS", "SEEN", "TODAY", "Row", "measure"]

REGION, OTHER = "hmn", "hmr"  # who owns the plan, and one that owns neither it nor the measures here
TRUST = "sto"
EDIT = "/plan/rup-2027/edit/"
GOAL, PARAGRAPH = "rup-2027.s1.g1", "rup-2027.d1"
TODAY = timezone.localdate()
TEXT = {"title_nb": "Ny tittel", "text_nb": "Nye ord."}


def note() -> Any:
    return measure().notes.latest("id")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    """One way to do an action on the site.

    Parameters
    ----------
    address : callable
        Of the form; a button posts there without one.
    typed : dict
        What is filled in; the rest stands as the form shows it.
    place : str
        The organisation that owns the thing.
    button : bool
        Whether the address answers no GET.
    anywhere : bool
        Whether the place is chosen in the form: somebody with the role elsewhere sees the form.
    on_plan : bool
        Whether a role on the plan rup-2027 counts too.
    also : tuple of str
        Other actions that the same form does, which must be allowed as well.
    """

    address: Callable[[], str]
    typed: dict[str, Any] = field(default_factory=dict)
    place: str = REGION
    button: bool = False
    anywhere: bool = False
    on_plan: bool = False
    also: tuple[str, ...] = ()


def at(address: str) -> Callable[[], str]:
    return lambda: address


def measure() -> Measure:
    return Measure.objects.get(pk="home-hospital")


def decision() -> GoalDecision:
    return (
        GoalDecision.objects.filter(goal=GOAL, superseded_by__isnull=True)
        .exclude(indicator=None)
        .latest("id")
    )


def in_draft(name: str, typed: dict[str, Any] | None = None, *, button: bool = False) -> Row:
    return Row(at(f"{EDIT}{name}"), typed or {}, button=button, on_plan=True)


def of_measure(name: str, typed: dict[str, Any], part: str = "") -> Row:
    def address() -> str:
        number = f"{getattr(measure(), part).all()[0].pk}/" if part else ""
        return f"/measures/home-hospital/{name}/{number}"

    return Row(address, typed, place=TRUST, on_plan=True)


SEEN = {"seen": lambda: last_edit(Version.objects.get(plan="rup-2027", state="draft"))}
NUMBERS = {"probability": "2", "consequence": "2"}
YEAR = {"period_start": "2001-01-01", "period_end": "2001-12-31", "value": "12"}

ROWS: dict[str, list[Row]] = {
    "plan.create": [
        Row(
            at("/plan/new/"),
            {"title_nb": "Ny plan", "plan_id": "ny-plan", "organisation": REGION},
            anywhere=True,
        ),
        Row(at("/themes/new/"), {"title_nb": "Nytt", "theme": "nytt", "organisation": REGION}, anywhere=True),
        Row(at("/themes/samhandling/future/"), button=True),
    ],
    "plan.open_version": [Row(at("/plan/notat-samhandling/versions/open/"), button=True)],
    "plan.publish": [
        in_draft(
            "publish/",
            {
                "state": "published",
                "date": str(TODAY),
                "decision_title_nb": "Vedtatt",
                "decided_on": str(TODAY),
            },
        )
    ],
    "plan.discard_version": [in_draft("discard/", SEEN, button=True)],
    "plan.add_element": [
        in_draft("add/", {**TEXT, "kind": "paragraph"}),
        Row(
            at("/goals/new/?plan=rup-2027"),
            {"title_nb": "Nytt mål", "type": "do", "standing": "proposed", "indicator": "", "place": REGION},
            on_plan=True,
            also=("goal.decide",),
        ),
    ],
    "plan.change_text": [in_draft(f"{PARAGRAPH}/text/", TEXT)],
    "plan.move": [
        in_draft(f"{PARAGRAPH}/move/", {"position": "3"}),
        in_draft(f"{PARAGRAPH}/move/", {**SEEN, "step": "down"}),
    ],
    "plan.split": [in_draft(f"{PARAGRAPH}/split/", {"first_text_nb": "Først.", "second_text_nb": "Så."})],
    "plan.merge": [in_draft(f"{PARAGRAPH}/merge/?target=rup-2027.d2")],
    "plan.remove": [in_draft(f"{PARAGRAPH}/remove/", SEEN, button=True)],
    "plan.restore": [
        in_draft(
            "restore/",
            {**SEEN, "source": lambda: Version.objects.get(plan="rup-2027", number=1).pk},
            button=True,
        )
    ],
    "plan.undo": [in_draft("undo/", SEEN, button=True)],
    "plan.redo": [in_draft("redo/", SEEN, button=True)],
    "plan.link": [
        Row(
            at(f"/plan/element/{GOAL}/link/"),
            {"kind": "supports", "target": PARAGRAPH},
            button=True,
            on_plan=True,
        )
    ],
    "plan.unlink": [
        Row(
            lambda: f"/plan/element/{PARAGRAPH}/unlink/{Link.objects.get(source=PARAGRAPH, target=GOAL).pk}/",
            button=True,
            on_plan=True,
        )
    ],
    "goal.decide": [
        Row(
            at(f"/goals/{GOAL}/decide/"),
            {"type": "do", "standing": "proposed", "indicator": ""},
            on_plan=True,
        )
    ],
    "goal.override": [
        Row(
            lambda: f"/goals/{GOAL}/override/{decision().pk}/",
            {"status": "reached", "reason": "Nådd", "expires": str(TODAY + datetime.timedelta(days=9))},
            on_plan=True,
        )
    ],
    "goal.end_override": [
        Row(lambda: f"/goals/{GOAL}/end-override/{Override.objects.get(ended_at=None).pk}/", on_plan=True)
    ],
    "choice.decide": [
        Row(
            at("/themes/choice/notat-beredskap.k1/"),
            {"option_0_nb": "En", "option_1_nb": "To", "reasons_nb": "Nytt"},
        )
    ],
    "indicator.define": [
        Row(
            at("/indicators/new/"),
            {
                "name_nb": "Ny",
                "definition_nb": "Hva",
                "source_nb": "Hvor",
                "unit": "count",
                "responsible": REGION,
            },
            anywhere=True,
        )
    ],
    "indicator.change": [Row(at("/indicators/home-treatment/change/"), {"needs_nb": "Noe"})],
    "indicator.observe": [Row(at("/indicators/home-treatment/observe/"), YEAR)],
    "indicator.mark_break": [
        Row(at("/indicators/home-treatment/break/"), {"date": "2020-01-01", "text_nb": "Ny"})
    ],
    "measure.create": [
        Row(at("/measures/new/"), {"title_nb": "Nytt", "organisation": TRUST}, place=TRUST, anywhere=True)
    ],
    "measure.change": [of_measure("edit", {"text_nb": "Nye ord"})],
    "measure.report": [of_measure("report", {"status": "stuck", "text": "Stopp"})],
    "measure.assign": [of_measure("people", {"unit_nb": "Ny enhet", "valid_from": str(TODAY)})],
    "measure.task": [
        of_measure("task", {"title_nb": "Nytt"}),
        of_measure("task", {"title_nb": "Endret"}, "tasks"),
    ],
    "measure.benefit": [
        of_measure("benefit", {"kind": "fte", "year": "2099", "planned": "1"}),
        of_measure("benefit", {"planned": "99"}, "benefits"),
    ],
    "measure.risk": [
        of_measure("risk", {"text_nb": "Ny", **NUMBERS}),
        of_measure("risk", {"text_nb": "Endret", **NUMBERS}, "risks"),
    ],
    "notes.add": [
        Row(
            at("/notes/measure/home-hospital/"),
            {"text": "En merknad"},
            place=TRUST,
            button=True,
            on_plan=True,
        ),
        Row(at(f"/notes/element/{GOAL}/"), {"text": "En merknad"}, button=True, on_plan=True),
        Row(at("/notes/indicator/home-treatment/"), {"text": "En merknad"}, button=True),
    ],
    "notes.resolve": [Row(lambda: f"/notes/{note().pk}/resolve/", place=TRUST, button=True, on_plan=True)],
}
