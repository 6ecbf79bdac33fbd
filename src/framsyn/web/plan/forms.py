"""Forms of the plan. What they hold is checked by the actions; here only that it is there and of the right form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.forms import TextFormField
from framsyn.web.plan.models import Element, Link, Plan, Version
from framsyn.web.plan.versions import DecisionFacts
from framsyn.web.saving import Seen

if TYPE_CHECKING:
    from framsyn.web.plan.queries import Block

__all__ = [
    "AddForm",
    "ChoiceForm",
    "LinkForm",
    "MergeForm",
    "MoveForm",
    "PlanForm",
    "PublishForm",
    "SplitForm",
    "TextForm",
    "ThemeForm",
]

_NUMBER_HELP = _("As it is printed before the heading; leave it empty for none.")


class DateInput(forms.DateInput):
    """A date as browsers want it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class EditForm(forms.Form):
    """A form about a draft: it carries the number of the last edit that its user saw."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class TextForm(EditForm):
    """The words of an element."""

    title = TextFormField(label=_("Title"), required=False)
    text = TextFormField(
        label=_("Text"), rows=8, required=False, help_text=_("A blank line parts paragraphs.")
    )
    number = forms.CharField(label=_("Number"), max_length=20, required=False, help_text=_NUMBER_HELP)
    reason = forms.CharField(
        label=_("Why"), required=False, help_text=_("Kept in the log beside the change.")
    )


class AddForm(EditForm):
    """A new element."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=Element.Kind.choices, initial=Element.Kind.PARAGRAPH
    )
    parent = forms.ChoiceField(label=_("Under which heading"), required=False)
    title = TextFormField(label=_("Title"), required=False)
    text = TextFormField(
        label=_("Text"), rows=6, required=False, help_text=_("A blank line parts paragraphs.")
    )
    number = forms.CharField(label=_("Number"), max_length=20, required=False, help_text=_NUMBER_HELP)

    def __init__(self, *args: Any, headings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", _("At the top")), *headings]  # type: ignore[attr-defined]


class SplitForm(EditForm):
    """What stays in an element and what becomes a new one."""

    first_title = TextFormField(label=_("Title that stays"), required=False)
    first_text = TextFormField(label=_("Text that stays"), rows=6, required=False)
    second_title = TextFormField(label=_("Title of the new one"), required=False)
    second_text = TextFormField(label=_("Text of the new one"), rows=6, required=False)


class MergeForm(EditForm):
    """What an element is merged into, and the words afterwards."""

    target = forms.ChoiceField(label=_("Merge it into"))
    title = TextFormField(label=_("Title afterwards"), required=False)
    text = TextFormField(label=_("Text afterwards"), rows=8, required=False)

    def __init__(self, *args: Any, targets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = targets  # type: ignore[attr-defined]


class MoveForm(EditForm):
    """A new place."""

    parent = forms.ChoiceField(label=_("Under which heading"), required=False)
    position = forms.IntegerField(
        label=_("Place among those under it"),
        min_value=1,
        required=False,
        help_text=_("1 is first; leave it empty for last."),
    )

    def __init__(self, *args: Any, headings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", _("At the top")), *headings]  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """A link from an element to another."""

    kind = forms.ChoiceField(label=_("How"), choices=Link.Kind.choices)
    target = forms.CharField(
        label=_("To which element"),
        max_length=100,
        help_text=_("Its id, as it stands at the paragraph, such as rup-2027.d1."),
    )


class DecisionFields(forms.Form):
    """Who decided, when, under which number."""

    decision_title = TextFormField(label=_("What was decided"), required=False)
    body = TextFormField(label=_("Who decided"), required=False)
    case_number = forms.CharField(label=_("Case number"), max_length=60, required=False)
    decided_on = forms.DateField(label=_("Date of the decision"), required=False, widget=DateInput())

    def decision(self) -> DecisionFacts | None:
        """Return the decision, or none when neither its title nor its date is given."""
        given = self.cleaned_data
        if not given["decision_title"] and not given["decided_on"]:
            return None
        return DecisionFacts(
            title=given["decision_title"],
            date=given["decided_on"] or timezone.localdate(),
            body=given["body"],
            case_number=given["case_number"],
        )


class PublishForm(EditForm, DecisionFields):
    """Publish a draft, or send it out for consultation."""

    state = forms.ChoiceField(
        label=_("What happens to it"),
        widget=forms.RadioSelect,
        choices=[
            (Version.State.CONSULTATION, _("It is sent out for consultation")),
            (Version.State.PUBLISHED, _("It is published")),
        ],
    )
    date = forms.DateField(label=_("From which date"), widget=DateInput())
    label = TextFormField(
        label=_("Name of the version"), required=False, help_text=_("Such as: Consultation draft 2026.")
    )
    field_order = ("seen", "state", "date", "label", "decision_title", "body", "case_number", "decided_on")


class PlanForm(forms.Form):
    """A new plan."""

    title = TextFormField(label=_("Title"))
    plan_id = forms.SlugField(
        label=_("Short name"),
        max_length=60,
        help_text=_(
            "It becomes a part of the address and of every id, and never changes. Such as: plan-2031."
        ),
    )
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=Plan.Kind.choices, initial=Plan.Kind.SUB_STRATEGY
    )
    organisation = forms.ModelChoiceField(label=_("Whose plan is it?"), queryset=Organisation.objects.all())
    parent = forms.ModelChoiceField(
        label=_("Which plan does it follow up?"), queryset=Plan.objects.all(), required=False
    )
    first_year = forms.IntegerField(label=_("First year"), min_value=1990, max_value=2100, required=False)
    last_year = forms.IntegerField(label=_("Last year"), min_value=1990, max_value=2100, required=False)
    summary = TextFormField(label=_("In short"), rows=3, required=False)


class ThemeForm(forms.Form):
    """A new theme: its status note is made with the headings of the others."""

    title = TextFormField(label=_("Name of the theme"))
    theme = forms.SlugField(
        label=_("Short name"), max_length=50, help_text=_("A part of the address. Such as: climate.")
    )
    organisation = forms.ModelChoiceField(label=_("Whose note is it?"), queryset=Organisation.objects.all())


class ChoiceForm(Seen, DecisionFields):
    """The options of a choice of path and, when it is decided, which one was taken."""

    MOST = 5

    chosen = forms.TypedChoiceField(
        label=_("Which path is taken"),
        widget=forms.RadioSelect,
        required=False,
        coerce=int,
        empty_value=None,
    )
    reasons = TextFormField(label=_("Why"), rows=4, required=False)
    field_order = (
        *(f"option_{index}" for index in range(MOST)),
        "chosen",
        "reasons",
        "decision_title",
        "body",
        "case_number",
        "decided_on",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for index in range(self.MOST):
            self.fields[f"option_{index}"] = TextFormField(
                label=_("Option %(number)s") % {"number": index + 1}, required=False
            )
        self.fields["chosen"].choices = [  # type: ignore[attr-defined]
            ("", _("None yet: the choice is open")),
            *((index, _("Option %(number)s") % {"number": index + 1}) for index in range(self.MOST)),
        ]
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Refuse an option that is chosen and not written."""
        given = super().clean() or {}
        chosen = given.get("chosen")
        if chosen is not None and not given.get(f"option_{chosen}"):
            self.add_error("chosen", _("This option is empty. Write it, or choose another."))
        return given

    def options(self) -> tuple[list[dict[str, str]], int | None]:
        """Return the options that are filled in, and which of them is chosen."""
        filled = [index for index in range(self.MOST) if self.cleaned_data[f"option_{index}"]]
        chosen = self.cleaned_data["chosen"]
        options = [self.cleaned_data[f"option_{index}"] for index in filled]
        return options, filled.index(chosen) if chosen is not None else None


def heading_choices(blocks: list[Block], without: set[str] = frozenset()) -> list[tuple[str, str]]:  # type: ignore[assignment]
    """Return headings as choices, indented by their level with no-break spaces."""
    return [
        (block.element_id, "\u00a0\u00a0\u00a0" * block.level + f"{block.number} {block.heading}".strip())
        for block in blocks
        if block.element_id not in without
    ]
