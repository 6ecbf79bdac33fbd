"""Forms of follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.web.followup.texts import period_words
from framsyn.web.indicators.actions import Figure
from framsyn.web.indicators.fields import NumberField
from framsyn.web.languages import LANGUAGE_NAMES
from framsyn.web.measures.forms import AssignForm, Day, Number, PersonChoice, ReportForm
from framsyn.web.saving import Seen

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from framsyn.web.indicators.models import Indicator
    from framsyn.web.measures.models import Benefit, Measure

__all__ = ["ChoiceForm", "FigureInAMinute", "GiveForm", "HandOverForm", "ReportInAMinute"]

_WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
)


class GiveForm(AssignForm):
    """Who answers for a goal or an indicator, and from when."""

    seen = Seen.base_fields["seen"]


class HandOverForm(Seen):
    """To whom, from which day, and what to know."""

    person = PersonChoice(
        label=gettext_lazy("New owner"), queryset=None, empty_label=gettext_lazy("choose a person")
    )
    valid_from = Day(label=gettext_lazy("From"), required=True)
    note = forms.CharField(
        label=gettext_lazy("What the new owner should know"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the history. No names of patients."),
    )

    def __init__(self, *args: Any, without: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["person"]
        active = get_user_model().objects.filter(is_active=True).order_by("first_name", "username")
        people.queryset = active.exclude(pk=without) if without else active
        self.fields["valid_from"].initial = timezone.localdate


class ReportInAMinute(ReportForm):
    """How a measure goes, and what it has freed by now where that was planned."""

    seen = Seen.base_fields["seen"]

    def __init__(self, *args: Any, measure: Measure, benefits: Sequence[Benefit] = (), **kwargs: Any) -> None:
        super().__init__(*args, measure=measure, **kwargs)
        self.benefits = {f"benefit_{one.pk}": one for one in benefits}
        for name, one in self.benefits.items():
            words = {"kind": one.get_kind_display(), "year": one.year}  # type: ignore[attr-defined]
            self.fields[name] = Number(
                label=_("Freed in %(year)s: %(kind)s") % words,
                initial=one.realised,
                help_text=_("Planned: %(planned)s. Leave it open as long as it is not known.")
                % {"planned": f"{one.planned:g}"},
            )
        order = ["status", "text", "phase", "done", *self.benefits]
        self.order_fields(order)

    def realised(self) -> list[tuple[Benefit, float]]:
        """Return the benefits that were given a new figure."""
        given = ((one, self.cleaned_data.get(name)) for name, one in self.benefits.items())
        return [(one, value) for one, value in given if value is not None and value != one.realised]

    def report(self) -> dict[str, Any]:
        """Return the report as its action wants it."""
        names = ("status", "text", "phase", "done", "seen")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class FigureInAMinute(Seen):
    """One figure for a period that is missing."""

    period = forms.ChoiceField(label=gettext_lazy("Period"))
    value = NumberField(label=gettext_lazy("Value"), required=False)
    numerator = NumberField(label=gettext_lazy("Numerator"), required=False, min_value=0)
    denominator = NumberField(label=gettext_lazy("Denominator"), required=False, min_value=0)
    provisional = forms.BooleanField(label=gettext_lazy("Provisional: it may still change"), required=False)

    def __init__(
        self,
        *args: Any,
        indicator: Indicator,
        periods: Sequence[tuple[str, datetime.date, datetime.date]],
        unit: str,
        last: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.periods = {key: (first, end) for key, first, end in periods}
        self.fields["period"].choices = [(key, period_words(key)) for key in self.periods]  # type: ignore[attr-defined]
        self.fields["value"].label = _("Value, in %(unit)s") % {"unit": unit} if unit else _("Value")
        self.fields["value"].help_text = last
        if not any(indicator.numerator.values()):
            del self.fields["numerator"], self.fields["denominator"]
            self.fields["value"].required = True

    def figure(self) -> Figure:
        """Return the figure, a share in 0–1."""
        data = self.cleaned_data
        first, end = self.periods[data["period"]]
        factor = 100.0 if self.indicator.unit == "share" else 1.0
        return Figure(
            place=self.indicator.responsible_id,
            period_start=first,
            period_end=end,
            value=None if data["value"] is None else data["value"] / factor,
            numerator=data.get("numerator"),
            denominator=data.get("denominator"),
            provisional=data["provisional"],
        )


class ChoiceForm(forms.Form):
    """What I want of letters."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of letters"),
        choices=list(LANGUAGE_NAMES.items()),
        widget=forms.RadioSelect,
    )
    away_from = Day(
        label=gettext_lazy("Away from"), help_text=gettext_lazy("Meanwhile letters go to the deputy.")
    )
    away_to = Day(
        label=gettext_lazy("Away to"),
        help_text=gettext_lazy("The last day away. Empty: until you change it."),
    )
    quiet_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days without letters"),
        choices=list(enumerate(_WEEKDAYS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "What falls due on such a day comes on the next one. Weekends and holidays are free anyway."
        ),
    )
