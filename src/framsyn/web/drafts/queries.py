"""Drafts of forms: kept, offered when the form is opened again, forgotten."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.core.cache import cache
from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.drafts.models import FormDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django import forms
    from django.contrib.auth.models import AbstractUser
    from django.http import HttpRequest

__all__ = ["KEPT", "ROUTES", "Offer", "forget", "forget_old", "key_of", "keep", "offer"]

KEPT = datetime.timedelta(days=30)
MOST_CHARACTERS = 200_000  # of all fields of one form together
MOST_FIELDS = 500
MOST_DRAFTS = 50  # of one person
MOST_A_MINUTE = 60  # savings of one person

# Routes of forms with text that takes time to write. No other form is ever kept: passwords and codes stay where they are.
ROUTES = frozenset(
    {
        "plan-text",
        "plan-add",
        "plan-split",
        "plan-merge",
        "choice-decide",
        "goal_new",
        "goal_decide",
        "goal_override",
        "indicator_new",
        "indicator_change",
        "indicator_observe",
        "indicator_break",
        "measure-new",
        "measure-edit",
        "measure-report",
        "measure-task",
        "measure-task-new",
        "measure-benefit",
        "measure-benefit-new",
        "measure-risk",
        "measure-risk-new",
    }
)
_NOT_OF_THE_FORM = ("draft", "lang")  # parts of an address that say nothing about which form it is
_SECRET = ("csrf", "password", "token", "secret", "otp")


@dataclass(frozen=True)
class Offer:
    """What a page with a form says about the draft of it.

    Parameters
    ----------
    form : str
        Key of the form.
    stored : FormDraft or None
        What is there from before.
    taken : bool
        Whether it stands in the form already.
    older : bool
        Whether the thing was changed after the text was begun.
    """

    form: str
    address: str
    stored: FormDraft | None = None
    taken: bool = False
    older: bool = False
    take: str = ""


def key_of(address: str) -> str:
    """Return the key of the form at an address: its path, and what the query says about which form it is.

    >>> key_of("/goals/rup.g1/decide/?lang=nb&decision=4&draft=take")
    '/goals/rup.g1/decide/?decision=4'
    """
    parts = urlsplit(address)
    asked = sorted((k, v) for k, v in QueryDict(parts.query).items() if k not in _NOT_OF_THE_FORM)
    return f"{parts.path}?{urlencode(asked)}" if asked else parts.path


def is_kept(key: str) -> bool:
    """Tell whether the form with this key is one whose text is kept."""
    if len(key) > FormDraft._meta.get_field("form").max_length or "\x00" in key:
        return False
    try:
        return resolve(urlsplit(key).path).url_name in ROUTES
    except Resolver404:
        return False


def keep(
    user: AbstractUser, address: str, given: Iterable[tuple[str, list[str]]], seen: str = ""
) -> FormDraft:
    """Store what stands in a form.

    Parameters
    ----------
    user : User
    address : str
        Of the form.
    given : iterable of (name, values)
        Names that speak of secrets are left out, whatever the form.
    seen : str
        The number of the last change with which the form was opened.

    Raises
    ------
    PlanError
        ``no-such-form``, ``too-often``, ``too-large``, ``too-many``.
    """
    key = key_of(address)
    if not is_kept(key):
        raise PlanError(
            "no-such-form", _("The text of this form is not kept. Save it to keep it."), got=key[:300]
        )
    counted = f"drafts:{user.pk}:{timezone.now():%Y%m%d%H%M}"
    cache.add(counted, 0, 120)
    if cache.incr(counted) > MOST_A_MINUTE:
        raise PlanError(
            "too-often", _("This is kept too often. It is tried again in a minute."), got=MOST_A_MINUTE
        )
    fields = {
        name.replace("\x00", ""): [value.replace("\x00", "") for value in values]
        for name, values in given
        if name != "seen" and not any(word in name.lower() for word in _SECRET)
    }
    if len(fields) > MOST_FIELDS or len(json.dumps(fields, ensure_ascii=False)) > MOST_CHARACTERS:
        message = _("The text is too long to be kept as a draft. Save it, or write it in several parts.")
        raise PlanError("too-large", message, expected=MOST_CHARACTERS)
    forget_old()
    mine = FormDraft.objects.filter(user=user)
    if mine.exclude(form=key).count() >= MOST_DRAFTS:
        oldest = mine.exclude(form=key).order_by("saved_at").values_list("pk", flat=True)[:1]
        FormDraft.objects.filter(pk__in=list(oldest)).delete()
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None
    draft, _made = FormDraft.objects.update_or_create(
        user=user, form=key, defaults={"fields": fields, "seen": number, "saved_at": timezone.now()}
    )
    return draft


def forget(request: HttpRequest, address: str = "") -> None:
    """Throw away the draft of the form at an address; without one, of the form that was just saved."""
    if request.user.is_authenticated:
        key = key_of(address or request.get_full_path())
        FormDraft.objects.filter(user=request.user, form=key).delete()


def forget_old() -> int:
    """Delete what was left lying too long; return how many."""
    return FormDraft.objects.filter(saved_at__lt=timezone.now() - KEPT).delete()[0]


def offer(request: HttpRequest, form: forms.Form) -> Offer | None:
    """Return what the page of a form says about its draft, and put the draft into the form where that is asked for.

    With ``?draft=take`` the form begins with what was typed, and with the number of the change that it was typed upon:
    whoever changed the thing since is not overwritten. At most one query.
    """
    key = key_of(request.get_full_path())
    if not request.user.is_authenticated or not is_kept(key):
        return None
    address = reverse("drafts")
    if request.method != "GET":
        return Offer(key, address)
    since = timezone.now() - KEPT
    stored = FormDraft.objects.filter(user=request.user, form=key, saved_at__gte=since).first()
    if stored is None:
        return Offer(key, address)
    now = form.initial.get("seen")
    older = bool(stored.seen is not None and isinstance(now, int) and stored.seen < now)
    taken = request.GET.get("draft") == "take"
    if taken:
        _put(form, stored.fields)
        if stored.seen is not None and "seen" in form.fields:
            form.initial["seen"] = stored.seen
    take = f"{key}{'&' if '?' in key else '?'}draft=take"
    return Offer(key, address, stored, taken, older, take)


def _put(form: forms.Form, fields: Mapping[str, list[Any]]) -> None:
    """Let a form begin with what was typed, though it may not be sound yet."""
    typed = QueryDict(mutable=True)
    for name, values in fields.items():
        typed.setlist(name, [str(value) for value in values])
    for name, field in form.fields.items():
        if name != "seen" and not field.disabled:
            form.initial[name] = field.widget.value_from_datadict(typed, {}, form.add_prefix(name))  # type: ignore[arg-type]
