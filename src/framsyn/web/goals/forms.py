"""Forms of goals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.forms import TextFormField
from framsyn.web.goals.actions import Terms
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.actions import UNITS
from framsyn.web.indicators.fields import DayField, IndicatorField, NumberField, unit_choices
from framsyn.web.indicators.models import Indicator
from framsyn.web.indicators.rules import OVERRIDABLE
from framsyn.web.indicators.sentences import status_name
from framsyn.web.languages import current_language
from framsyn.web.saving import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DecideForm", "EndForm", "GoalForm", "OverrideForm"]

_NUMBERS = ("baseline", "target", "target_low", "target_high", "tolerance")


class DecideForm(Seen):
    """What a goal demands at one place."""

    place = forms.ModelChoiceField(label=_("Where"), queryset=Organisation.objects.none())
    indicator = IndicatorField(
        label=_("Measured by"), required=False, help_text=_("Leave it open for a task without a number.")
    )
    type = forms.ChoiceField(label=_("What is demanded"), choices=GoalDecision.Type.choices)
    target = NumberField(
        label=_("Target"), required=False, help_text=_("In the unit of the indicator; a share in percent.")
    )
    target_low = NumberField(label=_("Lowest, of a range"), required=False)
    target_high = NumberField(label=_("Highest, of a range"), required=False)
    tolerance = NumberField(
        label=_("Tolerance"), required=False, help_text=_("What may be chance or rounding, in the same unit.")
    )
    baseline = NumberField(
        label=_("Baseline"), required=False, help_text=_("Where it starts; else the first figure.")
    )
    baseline_date = DayField(label=_("Day of the baseline"), required=False)
    deadline = DayField(label=_("Deadline"), required=False)
    standing = forms.ChoiceField(label=_("Standing"), choices=GoalDecision.Standing.choices)
    decided_by = TextFormField(label=_("Decided by"), required=False)
    case_number = forms.CharField(label=_("Case number"), required=False, max_length=60)
    decided_on = DayField(label=_("Decided on"), required=False)
    source = TextFormField(label=_("Source"), required=False)
    note = TextFormField(label=_("Note"), required=False, rows=2)

    def __init__(self, *args: Any, places: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Organisation.objects.filter(pk__in=list(places))  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        """Return the terms, numbers in the indicator's own unit."""
        data = self.cleaned_data
        indicator: Indicator | None = data.get("indicator")
        factor = 100.0 if self.unit() == "share" else 1.0
        numbers = {name: None if data[name] is None else data[name] / factor for name in _NUMBERS}
        numbers["tolerance"] = numbers["tolerance"] or 0.0
        names = (
            "type",
            "standing",
            "baseline_date",
            "deadline",
            "decided_by",
            "case_number",
            "decided_on",
            "source",
            "note",
        )
        return Terms(indicator=indicator, **{name: data[name] for name in names}, **numbers)

    def unit(self) -> str:
        """Return the unit that the numbers are in."""
        indicator: Indicator | None = self.cleaned_data.get("indicator")
        return indicator.unit if indicator is not None else ""

    @staticmethod
    def initial_of(decision: GoalDecision) -> dict[str, Any]:
        """Return the decision in force as the form shows it."""
        factor = 100.0 if decision.indicator is not None and decision.indicator.unit == "share" else 1.0
        names = (
            "type",
            "standing",
            "baseline_date",
            "deadline",
            "decided_by",
            "case_number",
            "decided_on",
            "source",
            "note",
        )
        initial = {name: getattr(decision, name) for name in names}
        initial |= {"place": decision.place_id, "indicator": decision.indicator_id}
        for name in _NUMBERS:
            value = getattr(decision, name)
            initial[name] = (
                None if value is None or (name == "tolerance" and not value) else round(value * factor, 6)
            )
        return initial


class GoalForm(DecideForm):
    """A new goal with its words, its place in the plan, its indicator and its first decision."""

    section = forms.ChoiceField(label=_("Section"))
    title = TextFormField(label=_("The goal in one sentence"))
    text = TextFormField(label=_("More about it"), required=False, rows=3)
    new_name = TextFormField(
        label=_("Name of a new indicator"),
        required=False,
        help_text=_("Only if none of those that exist fits. It has no figures until somebody puts them in."),
    )
    new_definition = TextFormField(label=_("What it counts, and how"), required=False, rows=2)
    new_unit = forms.ChoiceField(label=_("Its unit"), required=False)
    new_direction = forms.ChoiceField(
        label=_("Which way is better"), required=False, choices=Indicator.Direction.choices
    )
    new_source = TextFormField(label=_("Where the figures come from"), required=False)

    FIRST = ("section", "title", "text")
    NEW = ("new_name", "new_definition", "new_unit", "new_direction", "new_source")
    NUMBERS = ("place", "indicator", "type", "target", "deadline")
    MORE = ("target_low", "target_high", "tolerance", "baseline", "baseline_date")
    DECIDED = ("standing", "decided_by", "case_number", "decided_on", "source", "note")

    def __init__(self, *args: Any, sections: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = sections  # type: ignore[attr-defined]
        self.fields["new_unit"].choices = unit_choices(UNITS)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Take one indicator, an old or a new one, and a new one with what it needs."""
        data = super().clean() or self.cleaned_data
        if data.get("new_name"):
            if data.get("indicator"):
                self.add_error(
                    "new_name", _("Choose an indicator that exists, or define a new one; not both.")
                )
            for name in ("new_definition", "new_source"):
                if not data.get(name):
                    self.add_error(name, _("A new indicator needs this."))
        return data

    def unit(self) -> str:
        """Return the unit that the numbers are in: that of the new indicator where one is defined."""
        return self.cleaned_data["new_unit"] if self.cleaned_data.get("new_name") else super().unit()

    def group(self, names: Iterable[str]) -> list[forms.BoundField]:
        """Return fields in the order in which the page shows them."""
        return [self[name] for name in names]

    @property
    def first(self) -> list[forms.BoundField]:
        """Place in the plan, and words."""
        return self.group(self.FIRST)

    @property
    def new(self) -> list[forms.BoundField]:
        """A new indicator."""
        return self.group(self.NEW)

    @property
    def numbers(self) -> list[forms.BoundField]:
        """What is demanded."""
        return self.group(self.NUMBERS)

    @property
    def more(self) -> list[forms.BoundField]:
        """Range, tolerance, baseline."""
        return self.group(self.MORE)

    @property
    def decided(self) -> list[forms.BoundField]:
        """Who decided it."""
        return self.group(self.DECIDED)


class OverrideForm(Seen):
    """A status that is set by hand."""

    status = forms.ChoiceField(label=_("Status"))
    reason = forms.CharField(
        label=_("Why the rule does not fit"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
    expires = DayField(label=_("Last day that it holds"), help_text=_("At most a year from now."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [(code, status_name(code, current_language())) for code in OVERRIDABLE]
        self.fields["status"].choices = codes  # type: ignore[attr-defined]


class EndForm(Seen):
    """The end of a status that was set by hand."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=500)
