"""Two people at one thing: the second is told, sees both texts, and nobody's work is overwritten.

The number of the last audit entry about a thing is its version: a form carries it (``seen``), the programming interface
sends it as an ETag, and an action that is given it refuses when somebody has changed the thing since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.audit.models import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

    from framsyn.web.actions import Act

__all__ = ["last_change", "take"]


def last_change(thing: Model) -> int:
    """Return the number of the last audit entry about a thing, 0 when there is none; one query."""
    about = Entry.objects.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))
    return about.aggregate(last=Max("id"))["last"] or 0


def take(act: Act, thing: Model, seen: int | None, now: Mapping[str, Any] | None = None) -> None:
    """Lock a thing for one change, and refuse when it was changed since it was seen.

    Parameters
    ----------
    act : Act
    thing : Model
        Its row is locked until the transaction ends, and its fields are read anew.
    seen : int or None
        :func:`last_change` when the user got the form; None changes whatever stands there.
    now : mapping, optional
        What stands there, to be shown beside what was typed; the ``after`` of the last entry if left out.

    Raises
    ------
    PlanError
        ``stale`` with ``theirs`` (what stands there now), ``last`` (the number to send when saving again), ``by`` and
        ``object`` (type and id of the thing in the log).
    """
    model = type(thing)
    # Rows that only refer to this one are no obstacle, and it is none to them.
    model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=thing.pk)
    thing.refresh_from_db()
    if seen is None:
        return
    last = last_change(thing)
    if last == seen:
        return
    entry = Entry.objects.filter(pk=last).first()
    who = entry.actor_name if entry and entry.actor_name else _("somebody else")
    message = _(
        "%(who)s changed this while you were at it. Nothing is overwritten and nothing of yours is lost: both stand "
        "below. Put them together and save again."
    ) % {"who": who}
    theirs = now if now is not None else (entry.after if entry else None)
    about = (thing._meta.label_lower, str(thing.pk))
    raise PlanError("stale", message, theirs=theirs, last=last, seen=seen, by=who, object=about)
