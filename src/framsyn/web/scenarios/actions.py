"""What may be done with saved scenarios.

One's own are nobody else's: the log names them without their texts until they are published.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import Act, Actor, NotAllowed, action
from framsyn.web.languages import Text
from framsyn.web.locking import take
from framsyn.web.scenarios.making import TEXTS, check_texts, label, made, told
from framsyn.web.scenarios.models import Reading, SavedScenario

if TYPE_CHECKING:
    from framsyn.scenario import Scenario
    from framsyn.web.accounts.models import Organisation

__all__ = [
    "KEPT_DAYS",
    "TEXTS",
    "forget_removed",
    "fork",
    "lock",
    "may_change",
    "publish",
    "remove",
    "rename",
    "restore",
    "save",
    "share",
    "withdraw",
]

KEPT_DAYS = 30  # that a removed scenario can be brought back
Visibility = SavedScenario.Visibility


def texts_now(saved: SavedScenario, seen: int | None) -> dict[str, Any] | None:
    """Return the texts that stand there now, for somebody who saw others perhaps."""
    if seen is None:
        return None
    return {name: dict(getattr(SavedScenario.objects.get(pk=saved.pk), name)) for name in TEXTS}


def plans_of(actor: Actor) -> list[str]:
    """Return the plans on which somebody has a role: who works on one alone may save for oneself."""
    if actor.user is None:
        return []
    today = timezone.localdate()
    held = actor.user.memberships.valid_on(today).exclude(plan=None)  # type: ignore[attr-defined]
    return list(held.values_list("plan_id", flat=True))


def require(act: Act, saved: SavedScenario) -> None:
    """Check the role where the scenario belongs; its owner needs one anywhere."""
    own = act.actor.user is not None and saved.owner_id == act.actor.user.pk
    act.require(saved.organisation, plans=plans_of(act.actor) if own and saved.organisation is None else ())


def require_own(act: Act, saved: SavedScenario) -> None:
    """Check that the scenario is the actor's own."""
    require(act, saved)
    if not act.actor.is_system and (act.actor.user is None or saved.owner_id != act.actor.user.pk):
        message = _("This scenario is somebody else's. Nothing was changed. Make your own from it.")
        hidden = not saved.is_published and saved.visibility != Visibility.ORGANISATION
        raise NotAllowed("not-allowed", message, action=act.name, foreign=hidden)


def may_change(actor: Actor, saved: SavedScenario) -> bool:
    """Tell whether somebody may change the texts: the owner, and who publishes there once it is published."""
    if actor.user is None or saved.is_locked:
        return actor.is_system and not saved.is_locked
    return saved.owner_id == actor.user.pk or (
        saved.is_published and actor.may("scenario.publish", saved.organisation)
    )


def unlocked(saved: SavedScenario) -> None:
    """Refuse what a decision has locked."""
    if saved.is_locked:
        message = _("This scenario is locked by a decision and never changes. Make a new one from it.")
        raise PlanError("scenario-locked", message)


# ---------------------------------------------------------------- making
@action("scenario.save")
def save(
    act: Act,
    scenario: Scenario,
    *,
    name: Text,
    organisation: Organisation | None = None,
    description: Text | None = None,
    reason: Text | None = None,
    origin: str = "plan",
    query: str = "",
    as_it_is: bool = False,
) -> SavedScenario:
    """Save a scenario for oneself.

    Parameters
    ----------
    scenario : Scenario
        All that it assumes. What differs from the one that it was made from gets a name of its own in its file.
    name : Text
    organisation : Organisation, optional
        Where one works; none for those who work on a plan alone.
    description, reason : Text, optional
    origin : str
        What it was made from: a shipped name, or "s-" and an address.
    query : str
        What the explorer showed beside the levers.
    as_it_is : bool
        Whether the file keeps its own name and texts, as one that was brought does.

    Raises
    ------
    PlanError
        ``text-missing``, ``too-many``, ``too-large``, and what the engine says of the scenario.
    """
    act.require(organisation, plans=plans_of(act.actor) if organisation is None else ())
    return made(act, scenario, name, organisation, description, reason, origin, query, as_it_is=as_it_is)


@action("scenario.fork")
def fork(
    act: Act,
    source: SavedScenario | str,
    scenario: Scenario,
    *,
    name: Text,
    organisation: Organisation | None = None,
    description: Text | None = None,
    reason: Text | None = None,
) -> SavedScenario:
    """Make one's own from a scenario that one may read: the same assumptions, to move levers in from there."""
    act.require(organisation, plans=plans_of(act.actor) if organisation is None else ())
    origin = source.key if isinstance(source, SavedScenario) else source
    query = source.query if isinstance(source, SavedScenario) else ""
    return made(act, scenario, name, organisation, description, reason, origin, query, as_it_is=True)


# ---------------------------------------------------------------- texts and readers
@action("scenario.rename")
def rename(
    act: Act,
    saved: SavedScenario,
    *,
    name: Text,
    description: Text | None = None,
    reason: Text | None = None,
    seen: int | None = None,
) -> SavedScenario:
    """Change the name and the texts; ``seen`` is :func:`framsyn.web.locking.last_change` when the user got the form."""
    require(act, saved)
    if not may_change(act.actor, saved):
        unlocked(saved)
        require_own(act, saved)
    take(act, saved, seen, texts_now(saved, seen))
    unlocked(saved)
    before = told(saved)
    given = {"name": Text(name), "description": Text(description or {}), "reason": Text(reason or {})}
    check_texts(given)
    if all(dict(getattr(saved, part)) == dict(given[part]) for part in TEXTS):
        raise PlanError("nothing-changed", _("Nothing was changed."))
    for part, words in given.items():
        setattr(saved, part, words)
    return _changed(act, saved, before)


def _changed(act: Act, saved: SavedScenario, before: dict[str, Any]) -> SavedScenario:
    saved.updated_at = act.at
    saved.save()
    act.record(saved, before=before, after=told(saved), label=label(saved))
    return saved


@action("scenario.share")
def share(act: Act, saved: SavedScenario, *, shared: bool, seen: int | None = None) -> SavedScenario:
    """Let one's organisation read what is not published, or keep it to oneself again."""
    require_own(act, saved)
    take(act, saved, seen)
    if saved.is_published:
        message = _("This scenario is published: everybody reads it. Who published it can withdraw it first.")
        raise PlanError("scenario-published", message)
    if shared and saved.organisation is None:
        message = _("You work on a plan and in no organisation, so there is nobody to share it with here.")
        raise PlanError("no-organisation", message)
    before = told(saved)
    saved.visibility = Visibility.ORGANISATION if shared else Visibility.PRIVATE
    return _changed(act, saved, before)


@action("scenario.publish")
def publish(act: Act, saved: SavedScenario, *, seen: int | None = None) -> SavedScenario:
    """Let everybody read it. Only who may read it now can publish it: one's own, or what is shared."""
    act.require(saved.organisation)
    own = act.actor.user is not None and saved.owner_id == act.actor.user.pk
    if saved.visibility == Visibility.PRIVATE and not own and not act.actor.is_system:
        raise NotAllowed("not-allowed", _("There is no such scenario here."), action=act.name, foreign=True)
    take(act, saved, seen)
    if saved.is_published:
        raise PlanError("nothing-changed", _("Nothing was changed."))
    before = told(saved)
    saved.visibility, saved.published_at = Visibility.PUBLISHED, act.at
    return _changed(act, saved, before)


@action("scenario.withdraw")
def withdraw(act: Act, saved: SavedScenario, *, seen: int | None = None) -> SavedScenario:
    """Take it back from everybody: its organisation reads it still, or its owner alone."""
    act.require(saved.organisation)
    take(act, saved, seen)
    unlocked(saved)
    if not saved.is_published:
        raise PlanError("nothing-changed", _("Nothing was changed."))
    before = told(saved)
    saved.visibility = Visibility.ORGANISATION if saved.organisation_id else Visibility.PRIVATE
    saved.published_at = None
    return _changed(act, saved, before)


@action("scenario.lock")
def lock(
    act: Act,
    saved: SavedScenario,
    *,
    decided_by: Text,
    case_number: str,
    decided_on: datetime.date,
    seen: int | None = None,
) -> SavedScenario:
    """Lock a published scenario as decided, for ever.

    Parameters
    ----------
    decided_by : Text
        The body that decided.
    case_number : str
    decided_on : date
        Not in the future.

    Raises
    ------
    PlanError
        ``scenario-locked``, ``scenario-not-published``, ``text-missing``, ``date-in-future``.
    """
    act.require(saved.organisation)
    take(act, saved, seen, texts_now(saved, seen))
    unlocked(saved)
    if not saved.is_published:
        message = _("Only a published scenario can be locked as decided. Publish it first.")
        raise PlanError("scenario-not-published", message)
    if not any(decided_by.values()):
        message = _("Say which body decided, in one language form at least.")
        raise PlanError("text-missing", message, field="decided_by")
    if not case_number.strip():
        raise PlanError("text-missing", _("Give the number of the case."), field="case_number")
    if decided_on > timezone.localdate():
        message = _("A decision of %(day)s has not been made yet. Give the day of the meeting.")
        raise PlanError("date-in-future", message % {"day": decided_on.isoformat()}, field="decided_on")
    before = told(saved)
    saved.decided_by = Text(decided_by)  # type: ignore[assignment]
    saved.case_number, saved.decided_on = case_number.strip(), decided_on
    saved.locked_at, saved.locked_by = act.at, act.actor.user
    return _changed(act, saved, before)


# ---------------------------------------------------------------- taking away
@action("scenario.remove")
def remove(act: Act, saved: SavedScenario, *, seen: int | None = None) -> SavedScenario:
    """Take one's own scenario away; for a month it can be brought back."""
    require_own(act, saved)
    take(act, saved, seen)
    unlocked(saved)
    if saved.is_published:
        message = _("This scenario is published and others may refer to it. Let it be withdrawn first.")
        raise PlanError("scenario-published", message)
    before = told(saved)
    saved.removed_at = act.at
    saved.save()
    act.record(saved, before=before, label=label(saved))
    return saved


@action("scenario.restore")
def restore(act: Act, saved: SavedScenario) -> SavedScenario:
    """Bring one's own scenario back."""
    require_own(act, saved)
    take(act, saved, None)
    if saved.removed_at is None:
        raise PlanError("nothing-changed", _("Nothing was changed."))
    saved.removed_at = None
    saved.updated_at = act.at
    saved.save()
    act.record(saved, after=told(saved), label=label(saved))
    return saved


@action("scenario.forget")
def _forget(act: Act, gone: list[SavedScenario]) -> int:
    act.require(None)
    for saved in gone:
        act.record(saved, before=told(saved), label=label(saved))
        SavedScenario.objects.filter(pk=saved.pk).delete()
        used = SavedScenario.objects.filter(manifest__id=saved.run_id).exists()
        if saved.manifest["scenario"].startswith("s-") and not used:
            Reading.objects.filter(manifest__scenario=saved.manifest["scenario"]).delete()
    return len(gone)


def forget_removed() -> int:
    """Delete for good what was removed more than :data:`KEPT_DAYS` ago; the system does it, whenever somebody saves."""
    before = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    gone = list(SavedScenario.objects.filter(removed_at__lt=before)[:100])
    return _forget(Actor.system("scenarios"), gone) if gone else 0
