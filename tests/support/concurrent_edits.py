"""Many people decide one goal at once, on a database of their own: ``python concurrent_edits.py PEOPLE EDITS``.

Once each form carries the number of the last change (``seen``), once it does not (``blind``). Prints as JSON what stands
there afterwards. ``DATABASE_URL`` or ``FRAMSYN_DATA`` names the database, which is made here.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "framsyn.web.settings")
os.environ.setdefault("FRAMSYN_SECRET_KEY", "a key that is only used by tests")


WAYS = ("seen", "blind")


def make_goals() -> None:
    """Make a plan with a goal for each way."""
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.plan.actions import add_element
    from framsyn.web.plan.edits import last_edit
    from framsyn.web.plan.versions import create_plan

    actor = Actor.system("setup")
    place = Organisation.objects.create(
        pk="place", kind="health_authority", name={"en": "Place"}, short={"en": "P"}
    )
    draft = create_plan(actor, "plan", kind="regional_plan", organisation=place, title={"en": "Plan"})
    for way in WAYS:
        add_element(actor, draft, last_edit(draft), kind="goal", title={"en": way})


def goal_of(way: str) -> str:
    """Return the id of the goal of a way."""
    return f"plan.g{WAYS.index(way) + 1}"


def edit(way: str, number: int) -> int:
    """Decide the goal once, trying again whenever somebody was faster; return how often that was so."""
    from framsyn.errors import PlanError
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.goals.actions import Terms, decide
    from framsyn.web.locking import last_change
    from framsyn.web.plan.models import Element

    actor = Actor.system(f"person {number}")
    terms = Terms("do", standing="proposed", case_number=f"edit-{number}")
    stale = 0
    while True:
        goal = Element.objects.get(pk=goal_of(way))
        seen = last_change(goal) if way == "seen" else None
        try:
            decide(actor, goal, Organisation.objects.get(pk="place"), terms, seen=seen)
        except PlanError as error:
            if error.code != "stale":
                raise
            stale += 1
        else:
            return stale


def run(way: str, people: int, edits: int) -> dict[str, Any]:
    """Let many people edit one goal, and return what stands there."""
    from django.db import connections

    from framsyn.web.audit.models import Entry
    from framsyn.web.goals.models import GoalDecision

    start = Barrier(people)

    def work(person: int) -> int:
        start.wait()
        try:
            return sum(edit(way, number) for number in range(person, edits, people))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(people) as pool:
        stale = sum(pool.map(work, range(people)))
    entries = Entry.objects.filter(action="goal.decide", object_id=goal_of(way)).order_by("id")
    decisions = list(GoalDecision.objects.filter(goal=goal_of(way)).order_by("id"))
    chain, at = [], next(one for one in decisions if one.supersedes_id is None)
    later = {one.supersedes_id: one for one in decisions if one.supersedes_id}
    while at is not None:
        chain.append(at.case_number)
        at = later.get(at.pk)
    return {
        "stale": stale,
        "logged": [entry.after["case_number"] for entry in entries],
        "before": [entry.before and entry.before["case_number"] for entry in entries],
        "decisions": len(decisions),
        "chain": chain,
    }


def main(people: int, edits: int) -> dict[str, Any]:
    """Make the database and run it both ways."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    make_goals()
    return {way: run(way, people, edits) for way in WAYS}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
