"""Saving a form: call the action, put what it refuses beside the field, and after a stale save show both texts.

Every form that changes a thing which others may change too carries ``seen``, the number of the last change that its user
saw (:class:`Seen`). When somebody was faster, the action refuses with ``stale``; :func:`tried` then keeps what was typed,
gives the form the newest number, and says field by field what stands there now beside what was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.audit.queries import told
from framsyn.web.drafts.queries import forget
from framsyn.web.forms import TextFormField
from framsyn.web.languages import LANGUAGE_NAMES, LANGUAGES
from framsyn.web.plan.compare import word_difference
from framsyn.web.templatetags.texts import date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from framsyn.web.audit.queries import Change

__all__ = ["Both", "Difference", "Seen", "differences", "is_number", "stepped", "tried"]


class Seen(forms.Form):
    """A form about something that others may change meanwhile: it carries the number of the last change its user saw."""

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Difference:
    """One field, or one language form of a text, that stands there otherwise than it was typed."""

    label: str
    language: str
    now: str
    mine: str
    difference: SafeString


@dataclass(frozen=True)
class Both:
    """What a stale save shows: what stands there now against what was typed, and what the others did."""

    by: str
    fields: list[Difference]
    changes: list[Change]


def tried(
    request: HttpRequest,
    form: forms.Form,
    do: Callable[[], Any],
    now: Callable[[], Mapping[str, Any]] | None = None,
    places: Mapping[str, str] | None = None,
) -> Any:
    """Call an action with what a sound form holds; its refusal becomes the form's error and None is returned.

    Parameters
    ----------
    request : HttpRequest
    form : Form
        Valid. After a stale save it has ``both`` and the newest ``seen``.
    do : callable
        Calls the action.
    now : callable, optional
        What the form would begin with now, to be shown beside what was typed; what the refusal itself tells if left out.
    places : mapping, optional
        Field beside which a refusal with a code is told, where the refusal does not name one.

    Raises
    ------
    NotAllowed
    """
    try:
        done = do()
    except NotAllowed:
        raise
    except PlanError as error:
        if error.code == "stale":
            _after_stale(form, error, now() if now else error.data.get("theirs") or {})
        field = error.data.get("field") or (places or {}).get(error.code)
        form.add_error(field if field in form.fields else None, error.message)
        return None
    forget(request)
    return done


def stepped(request: HttpRequest, do: Callable[[], Any], done: str = "") -> Any:
    """Call an action that has no form; its refusal is told on the next page and None is returned."""
    try:
        result = do()
    except NotAllowed:
        raise
    except PlanError as error:
        messages.error(request, error.message)
        return None
    if done:
        messages.success(request, done)
    return result


def _after_stale(form: Any, error: PlanError, now: Mapping[str, Any]) -> None:
    last, seen = error.data["last"], error.data.get("seen")
    entries: list[Entry] = []
    if seen is not None and error.data.get("object"):
        kind, pk = error.data["object"]
        entries = list(Entry.objects.filter(object_type=kind, object_id=pk, id__gt=seen).order_by("-id")[:10])
    form.both = Both(
        error.data.get("by", ""), differences(form, now), [told(entry) for entry in reversed(entries)]
    )
    form.data = form.data.copy()
    form.data[form.add_prefix("seen")] = str(last)


def differences(form: forms.Form, now: Mapping[str, Any]) -> list[Difference]:
    """Return the fields that stand there otherwise than they were typed, texts in each language in which they differ.

    Parameters
    ----------
    form : Form
        Valid.
    now : mapping
        What stands there, as initial values of the form.
    """
    found = []
    for name, field in form.fields.items():
        if name not in now or isinstance(field.widget, forms.HiddenInput):
            continue
        label = str(form[name].label)
        if isinstance(field, TextFormField):
            mine, there = form.cleaned_data.get(name) or {}, now[name] or {}
            pairs = [(LANGUAGE_NAMES[code], there.get(code, ""), mine.get(code, "")) for code in LANGUAGES]
        else:
            pairs = [("", shown(field, now[name]), shown(field, form.cleaned_data.get(name)))]
        found += [
            Difference(label, language, there, mine, word_difference(there, mine))
            for language, there, mine in pairs
            if there != mine
        ]
    return found


def shown(field: forms.Field, value: Any) -> str:
    """Return a value of a field in words, as its control shows it.

    >>> shown(forms.ChoiceField(choices=[("a", "Apple"), ("Pears", [("p", "Williams")])]), "p")
    'Williams'
    >>> shown(forms.MultipleChoiceField(choices=[("a", "Apple"), ("b", "Banana")]), ["b", "a"])
    'Apple, Banana'
    """
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(field.label_from_instance(one) for one in _rows(field, value or ())))
    if isinstance(field, forms.ModelChoiceField):
        return ", ".join(field.label_from_instance(one) for one in _rows(field, [value] if value else ()))
    if isinstance(field, forms.ChoiceField):
        several = isinstance(field, forms.MultipleChoiceField)
        chosen = {str(_key(one)) for one in ((value or ()) if several else (value,)) if one is not None}
        return ", ".join(str(label) for key, label in _flat(field.choices) if str(key) in chosen and str(key))
    if isinstance(field, forms.DateField):
        return str(date(value)) if value else ""
    if value is None:
        return ""
    if isinstance(field, forms.FloatField) and isinstance(value, (int, float)):
        value = round(float(value), 6)
    return str(field.widget.format_value(value) or "").replace("\r\n", "\n").strip()


def _key(value: Any) -> Any:
    return getattr(value, "pk", value)


def _rows(field: Any, values: Any) -> list[Any]:
    """Return the rows behind values of which some may be ids; one query where there are such."""
    given = list(values)
    ids = [one for one in given if not hasattr(one, "pk")]
    model = field.queryset.model
    found = model._default_manager.filter(pk__in=ids) if ids else ()
    return [*(one for one in given if hasattr(one, "pk")), *found]


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    """Return choices without their groups."""
    found: list[tuple[Any, Any]] = []
    for key, label in choices:
        found += _flat(label) if isinstance(label, (list, tuple)) else [(key, label)]
    return found


def is_number(text: str) -> bool:
    """Tell whether a text can be the number of a row.

    >>> is_number("12"), is_number("²"), is_number("9" * 30)
    (True, False, False)
    """
    return text.isascii() and text.isdigit() and len(text) < 19
