"""Forms of indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.forms import TextFormField
from framsyn.web.indicators.actions import UNITS, Definition, Figure
from framsyn.web.indicators.fields import DayField, NumberField, unit_choices
from framsyn.web.indicators.models import Break, Indicator, Observation
from framsyn.web.plan.models import Element
from framsyn.web.saving import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BreakForm", "DefinitionForm", "FigureForm"]


class DefinitionForm(Seen):
    """What an indicator measures, and how."""

    name = TextFormField(label=_("Name"))
    definition = TextFormField(
        label=_("Definition"), rows=3, help_text=_("What it counts, for whom, over which time.")
    )
    numerator = TextFormField(label=_("Numerator"), required=False)
    denominator = TextFormField(label=_("Denominator"), required=False)
    unit = forms.ChoiceField(label=_("Unit"))
    decimals = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=4, initial=0)
    frequency = forms.ChoiceField(label=_("How often a figure comes"), choices=Indicator.Frequency.choices)
    direction = forms.ChoiceField(label=_("Which way is better"), choices=Indicator.Direction.choices)
    source = TextFormField(label=_("Source"))
    licence = forms.CharField(label=_("Licence"), required=False, max_length=100)
    small_number = forms.IntegerField(
        label=_("Small-number rule"),
        required=False,
        min_value=2,
        max_value=1000,
        help_text=_("Counts below this are never shown or handed out."),
    )
    responsible = forms.ModelChoiceField(label=_("Responsible"), queryset=Organisation.objects.none())
    elements = forms.MultipleChoiceField(
        label=_("Sections of the plan"), required=False, widget=forms.CheckboxSelectMultiple
    )
    needs = TextFormField(label=_("What it needs before there are figures"), required=False, rows=2)

    def __init__(
        self, *args: Any, places: Iterable[str], sections: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].queryset = Organisation.objects.filter(pk__in=list(places))  # type: ignore[attr-defined]
        self.fields["unit"].choices = unit_choices(UNITS)  # type: ignore[attr-defined]
        self.fields["elements"].choices = sections  # type: ignore[attr-defined]

    def value(self) -> Definition:
        """Return the definition."""
        return Definition(
            **{name: value for name, value in self.cleaned_data.items() if name not in ("elements", "seen")}
        )

    def chosen(self) -> list[Element]:
        """Return the sections that are ticked."""
        return list(Element.objects.filter(pk__in=self.cleaned_data["elements"]))


class FigureForm(Seen):
    """One figure for one place and period; a correction where there is one already."""

    place = forms.ChoiceField(label=_("Where"))
    period_start = DayField(label=_("First day of the period"))
    period_end = DayField(label=_("Last day of the period"))
    value = NumberField(label=_("Value"), required=False)
    numerator = NumberField(label=_("Numerator"), required=False, min_value=0)
    denominator = NumberField(label=_("Denominator"), required=False, min_value=0)
    data_through = DayField(
        label=_("Data through"), required=False, help_text=_("Where it ends before the period does.")
    )
    coverage = NumberField(
        label=_("Coverage, %"),
        required=False,
        help_text=_("Share of what should be counted that is counted."),
    )
    provisional = forms.BooleanField(label=_("Provisional: it may still change"), required=False)
    source = forms.CharField(label=_("Source of this figure"), required=False, max_length=200)
    note = TextFormField(label=_("Note"), required=False)
    reason = forms.CharField(
        label=_("Why it is corrected"),
        required=False,
        max_length=500,
        help_text=_("Needed where there is a figure already. The old one is kept."),
    )

    def __init__(
        self, *args: Any, indicator: Indicator, places: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        if indicator.unit == "share":
            self.fields["value"].help_text = _("In percent; or leave it open and give the two counts.")

    def figure(self) -> Figure:
        """Return the figure, a share in 0–1."""
        data = self.cleaned_data
        factor = 100.0 if self.indicator.unit == "share" else 1.0
        names = (
            "place",
            "period_start",
            "period_end",
            "numerator",
            "denominator",
            "data_through",
            "provisional",
            "source",
            "note",
        )
        return Figure(
            value=None if data["value"] is None else data["value"] / factor,
            coverage=None if data["coverage"] is None else data["coverage"] / 100,
            **{name: data[name] for name in names},
        )

    def shown(self, row: Observation) -> dict[str, Any]:
        """Return a figure as the form shows it, a share in percent; hidden values stay hidden."""
        factor = 100.0 if self.indicator.unit == "share" else 1.0
        hidden = row.hidden
        return {
            "value": None if hidden or row.value is None else row.value * factor,
            "numerator": None if hidden else row.numerator,
            "denominator": None if hidden else row.denominator,
            "data_through": row.data_through,
            "coverage": None if row.coverage is None else row.coverage * 100,
            "provisional": row.state == Observation.State.PROVISIONAL,
            "source": row.source,
            "note": row.note,
        }


class BreakForm(Seen):
    """A day from which a series means something else, or a time that a trend leaves out."""

    kind = forms.ChoiceField(
        label=_("What happened to the series"),
        choices=Break.Kind.choices,
        initial=Break.Kind.LEVEL,
        required=False,
    )
    date = DayField(label=_("From this day"))
    until = DayField(
        label=_("Until this day"), required=False, help_text=_("A new way of counting has no last day.")
    )
    place = forms.ChoiceField(label=_("Place"), required=False)
    text = TextFormField(label=_("What changed"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("Every place")), *places]  # type: ignore[attr-defined]

    def clean_kind(self) -> str:
        """Return what happened; who says nothing means a new way of counting."""
        return str(self.cleaned_data["kind"] or Break.Kind.LEVEL)
