"""Forms of the annual wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.forms import TextFormField
from framsyn.web.plan.models import Element, Plan
from framsyn.web.saving import Seen
from framsyn.web.templatetags.texts import month_name
from framsyn.web.wheel.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EventForm", "RemoveForm", "initial_of"]

_RHYTHMS = ((1, _("Every year")), (2, _("Every second year")), (4, _("Every fourth year")), (0, _("Once")))


def month_choices(empty: str = "") -> list[tuple[Any, str]]:
    """Return the months, with an empty choice where one is named."""
    months = [(number, month_name(number).capitalize()) for number in range(1, 13)]
    return [("", empty), *months] if empty else months


def number_or_none(value: str) -> int | None:
    """Return a whole number, or none for nothing."""
    return int(value) if value else None


class EventForm(Seen):
    """What an event says of itself."""

    title = TextFormField(label=_("Title"), max_length=120)
    organisation = forms.ModelChoiceField(label=_("Whose wheel"), queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label=_("Kind"))
    month = forms.TypedChoiceField(label=_("Month"), coerce=int)
    day = forms.IntegerField(
        label=_("Day"),
        required=False,
        min_value=1,
        max_value=31,
        help_text=_("Leave it open for the whole month."),
    )
    end_month = forms.TypedChoiceField(
        label=_("Last month"),
        required=False,
        coerce=number_or_none,
        empty_value=None,
        help_text=_("Of a longer span."),
    )
    end_day = forms.IntegerField(label=_("Last day"), required=False, min_value=1, max_value=31)
    every = forms.TypedChoiceField(label=_("How often"), coerce=int, choices=_RHYTHMS, initial=1)
    year = forms.IntegerField(
        label=_("First year"),
        required=False,
        min_value=2000,
        max_value=2100,
        help_text=_("Or the only year. It is needed for what does not come every year."),
    )
    standing = forms.ChoiceField(label=_("Where the time comes from"))
    responsible = TextFormField(
        label=_("Function that answers"),
        required=False,
        max_length=120,
        help_text=_("A function, never a person."),
    )
    plan = forms.ModelChoiceField(
        label=_("Plan that it is about"), required=False, queryset=Plan.objects.all()
    )
    element = forms.CharField(
        label=_("Part of the plan that it is about"),
        required=False,
        max_length=100,
        help_text=_("Its id, such as rup-2027.s1.g1."),
    )
    note = TextFormField(label=_("Note"), required=False, rows=3)
    source = forms.CharField(label=_("Source"), required=False, max_length=300)

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [one.pk for one in organisations]
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=names)  # type: ignore[attr-defined]
        self.fields["kind"].choices = Event.Kind.choices  # type: ignore[attr-defined]
        standings = [(code, str(name).capitalize()) for code, name in Event.Standing.choices]
        self.fields["standing"].choices = standings  # type: ignore[attr-defined]
        self.fields["month"].choices = month_choices()  # type: ignore[attr-defined]
        self.fields["end_month"].choices = month_choices(str(_("none")))  # type: ignore[attr-defined]

    def clean_element(self) -> Element | None:
        """Return the part of the plan, or say that there is none with this id."""
        name = self.cleaned_data["element"].strip()
        if not name:
            return None
        found = Element.objects.filter(pk=name).first()
        if found is None:
            message = _("There is no part “%(name)s” in any plan. Copy the id from the page of the part.")
            raise forms.ValidationError(message, params={"name": name})
        return found

    def given(self) -> dict[str, Any]:
        """Return what the actions take."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in ("seen", "organisation")}


class RemoveForm(Seen):
    """Why an event is taken out."""

    reason = forms.CharField(label=_("Why it is taken out"), required=False, max_length=300)


def initial_of(event: Event) -> dict[str, Any]:
    """Return what stands in an event, for its form."""
    names = (
        "title", "kind", "standing", "month", "day", "end_month", "end_day", "every", "year", "responsible", "note",
        "source",
    )  # fmt: skip
    found = {name: getattr(event, name) for name in names}
    return {
        **found,
        "organisation": event.organisation_id,
        "plan": event.plan_id,
        "element": event.element_id or "",
    }
