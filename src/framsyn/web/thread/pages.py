"""What the pages of the red thread show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.web.thread.beads import goal_bead, put_together, read_threads
from framsyn.web.thread.drawing import described, drawn_narrow, drawn_wide
from framsyn.web.thread.groups import Group, Outline, folded, outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from framsyn.web.goals.pages import GoalPage
    from framsyn.web.plan.models import Version
    from framsyn.web.thread.beads import Thread

__all__ = ["Drawing", "PlanThread", "Unfolded", "plan_thread", "thread_of_page"]


@dataclass(frozen=True)
class Drawing:
    """Threads, drawn for wide and narrow screens, with words and table."""

    name: str
    title: str
    threads: Sequence[Thread]
    wide: SafeString
    narrow: SafeString
    description: str

    @classmethod
    def of(cls, threads: Sequence[Thread], name: str, title: str) -> Drawing:
        """Draw threads."""
        words = described(threads)
        return cls(
            name,
            title,
            threads,
            drawn_wide(threads, name, title, words),
            drawn_narrow(threads, name, title, words),
            words,
        )


@dataclass(frozen=True)
class Unfolded:
    """A group that the reader has chosen, with the threads of its goals."""

    group: Group
    drawing: Drawing


@dataclass(frozen=True)
class PlanThread:
    """The thread of a whole plan: folded by section, one section unfolded."""

    version: Version
    outline: Outline
    threads: dict[str, Thread]
    drawing: Drawing | None
    unfolded: Unfolded | None
    sentence: str

    @property
    def files_query(self) -> str:
        """What the files of the page ask for."""
        return f"plan={self.version.plan_id}"


def plan_thread(version: Version, chosen: str = "") -> PlanThread:
    """Return the thread of a plan; eight queries."""
    found = outline(version)
    threads = {one.goal.id: one for one in read_threads(found.goals)}
    home = reverse("thread")
    chains = [
        folded(
            group,
            [threads[name] for name in group.goals],
            f"{home}?plan={version.plan_id}&open={group.element}#unfolded",
        )
        for group in found.groups
    ]
    group = next((one for one in found.groups if one.element == chosen), None)
    unfolded = None
    if group is not None:
        own = [threads[name] for name in group.goals]
        unfolded = Unfolded(
            group, Drawing.of(own, "unfolded-thread", _("The goals of “%(title)s”") % {"title": group.title})
        )
    title = _("The red thread of the plan")
    return PlanThread(
        version,
        found,
        threads,
        Drawing.of(chains, "plan-thread", title) if chains else None,
        unfolded,
        whole_sentence(list(threads.values())),
    )


def whole_sentence(threads: Sequence[Thread]) -> str:
    """Say how many goals have a thread without a gap.

    A thread is whole when the goal has an indicator, a measure and a decision; a risk is none to be wished for.
    """
    whole = sum(bool(one.indicators and one.measures and one.decisions) for one in threads)
    facts = {"whole": whole, "all": len(threads)}
    return (
        ngettext(
            "%(whole)s of %(all)s goal has an indicator, a measure and a decision or proposal of what is demanded.",
            "%(whole)s of %(all)s goals have an indicator, a measure and a decision or proposal of what is demanded.",
            len(threads),
        )
        % facts
    )


def thread_of_page(page: GoalPage) -> Drawing:
    """Draw the thread of a goal whose page has been read already; no query."""
    goal = goal_bead(page.element.pk, page.node.wording.heading, page.status, page.node.number)
    cases = {
        line.decision.decision_id: line.decision.decision for line in page.lines if line.decision.decision_id
    }
    thread = put_together(goal, page.node.number, page.status, page.measures, page.risks, cases=cases)
    return Drawing.of([thread], "goal-thread", _("The red thread of this goal"))
