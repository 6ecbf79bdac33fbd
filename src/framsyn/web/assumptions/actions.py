"""Objecting to an assumption, answering an objection, and keeping how much each assumption matters."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.accounts.queries import reach_of
from framsyn.web.actions import Act, action
from framsyn.web.assumptions.models import Objection, Share
from framsyn.web.languages import Text
from framsyn.web.locking import take
from framsyn.web.outlooks.models import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.web.actions import Actor

__all__ = ["answer", "keep_shares", "object_to", "responsible", "seat_of"]


def responsible() -> Organisation | None:
    """Return the body that answers for the assumptions of the region: its health authority."""
    authorities = Organisation.objects.filter(kind=Organisation.Kind.HEALTH_AUTHORITY)
    return authorities.order_by("position", "id").first()


def seat_of(actor: Actor) -> tuple[Organisation | None, list[str]]:
    """Return an organisation, or plans, in which somebody may object: any role anywhere is enough."""
    reach = reach_of(actor, "assumption.object")
    organisation = reach.organisations[0] if reach.organisations and not reach.everywhere else None
    return organisation, sorted(reach.plans)


def told(objection: Objection) -> dict[str, Any]:
    """Return an objection as the log keeps it: it can prove what was said, and holds none of the words."""
    return {
        "assumption": objection.assumption,
        "scenario": objection.scenario,
        "kind": objection.kind,
        "sha256": hashlib.sha256(objection.text.encode()).hexdigest(),
        "may_publish": objection.may_publish,
        "is_published": objection.is_published,
        "status": objection.status,
        "answer": dict(objection.answer),
    }


@action("assumption.object")
def object_to(
    act: Act, assumption: str, scenario: str, kind: str, text: str, *, may_publish: bool = False
) -> Objection:
    """Object to an assumption of a scenario.

    Parameters
    ----------
    assumption, scenario : str
        Names; the caller has looked them up.
    kind : {"fact", "value", "interest"}
    text : str
    may_publish : bool
        Whether everybody may be shown the words, without the name.

    Raises
    ------
    PlanError
        ``text-missing``, ``too-long``, ``unknown-kind``.
    """
    organisation, plans = seat_of(act.actor)
    act.require(organisation, plans=plans)
    act.organisation = responsible()  # the log of those who answer
    words = text.replace("\x00", "").strip()
    if not words:
        raise PlanError("text-missing", _("The objection says nothing yet. Write it first."), field="text")
    if len(words) > Objection.LONGEST:
        message = _("The objection has %(got)s characters. Write at most %(most)s.")
        raise PlanError(
            "too-long",
            message % {"got": len(words), "most": Objection.LONGEST},
            field="text",
            got=len(words),
        )
    if kind not in Objection.Kind.values:
        message = _("There is no kind “%(got)s”. Choose fact, value or interest.")
        raise PlanError("unknown-kind", message % {"got": kind[:40]}, field="kind", got=kind[:40])
    made = Objection.objects.create(
        assumption=assumption,
        scenario=scenario,
        kind=kind,
        text=words,
        author=act.actor.user,
        at=act.at,
        organisation=act.organisation,
        may_publish=may_publish,
    )
    act.record(made, after=told(made), label=assumption)
    return made


@action("assumption.answer")
def answer(
    act: Act, objection: Objection, words: Text, *, publish: bool = False, seen: int | None = None
) -> Objection:
    """Answer an objection, or change the answer; everybody reads it.

    Parameters
    ----------
    publish : bool
        Whether everybody reads the words of the objection too, which takes its writer's leave.
    seen : int, optional
        :func:`framsyn.web.locking.last_change` when the user got the form.

    Raises
    ------
    PlanError
        ``text-missing``, ``no-leave``, ``stale``.
    """
    act.require(objection.organisation)
    take(act, objection, seen, None if seen is None else told(Objection.objects.get(pk=objection.pk)))
    if not any(words.values()):
        message = _("The answer says nothing yet. Write it in one language form at least.")
        raise PlanError("text-missing", message, field="answer")
    if publish and not objection.may_publish:
        message = _(
            "Who wrote this did not allow that everybody reads it. Answer without showing it, or ask the writer to object "
            "anew."
        )
        raise PlanError("no-leave", message, field="publish")
    before = told(objection)
    objection.answer = Text(words)  # type: ignore[assignment]
    objection.is_published = publish
    objection.status = Objection.Status.ANSWERED
    objection.answered_at, objection.answered_by = act.at, act.actor.user
    objection.save()
    act.record(objection, before=before, after=told(objection), label=objection.assumption)
    return objection


@action("assumption.rank")
def keep_shares(act: Act, run: str, rows: Sequence[dict[str, Any]]) -> int:
    """Keep the shares of a run, instead of those that were kept for it before."""
    act.require(None)
    Share.objects.filter(run=run).delete()
    made = Share.objects.bulk_create(Share(run=run, computed_at=act.at, **row) for row in rows)
    # A run that the site does not keep has no row of its own to speak of.
    about = Run.objects.filter(pk=run).first() or Run(pk=run)
    act.record(about, after={"shares": len(made)}, label=run)
    return len(made)
