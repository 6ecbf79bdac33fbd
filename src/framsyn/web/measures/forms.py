"""Forms of measures and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.web.accounts.models import Organisation
from framsyn.web.forms import TextFormField
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.measures.checks import scenario
from framsyn.web.measures.choices import goal_groups
from framsyn.web.measures.models import Assignment, Benefit, Measure, StatusReport, Task
from framsyn.web.measures.relations import relations_of
from framsyn.web.plan.models import Element, Plan
from framsyn.web.saving import Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from framsyn.web.plan.queries import Drafts

__all__ = [
    "AssignForm",
    "BenefitForm",
    "GoalGroup",
    "MeasureForm",
    "ReportForm",
    "RiskForm",
    "TaskForm",
    "initial_of",
]

DAYS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
SCALE = {
    "probability": (
        gettext_lazy("1 very unlikely"),
        gettext_lazy("2 unlikely"),
        gettext_lazy("3 possible"),
        gettext_lazy("4 likely"),
        gettext_lazy("5 very likely"),
    ),
    "consequence": (
        gettext_lazy("1 very small"),
        gettext_lazy("2 small"),
        gettext_lazy("3 moderate"),
        gettext_lazy("4 large"),
        gettext_lazy("5 very large"),
    ),
}


class Day(forms.DateField):
    """A date, with the calendar of the browser."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(input_formats=DAYS, widget=widget, **kwargs)


class Number(forms.FloatField):
    """A number with the decimal sign of the reader's language."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(localize=True, widget=widget, **kwargs)


def capitalised(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, str]]:
    """Return choices that begin with a capital letter, as a control shows them."""
    return [(value, f"{str(label)[:1].upper()}{str(label)[1:]}") for value, label in choices]


class GoalGroup:
    """Goals of one section, to tick."""

    def __init__(self, title: str, goals: list[tuple[str, str, bool]]) -> None:
        self.title = title
        self.goals = goals
        self.chosen = sum(checked for _id, _words, checked in goals)


class MeasureForm(Seen):
    """What a measure says of itself."""

    title = TextFormField(label=gettext_lazy("Title"), max_length=200)
    text = TextFormField(label=gettext_lazy("What is done"), rows=5, required=False)
    organisation = forms.TypedChoiceField(label=gettext_lazy("Owner"))
    owner_unit = TextFormField(
        label=gettext_lazy("Function that answers"),
        help_text=gettext_lazy(
            "Such as “Head of the medical clinic”; people are named under “Owner and deputy”."
        ),
        required=False,
        max_length=200,
    )
    phase = forms.ChoiceField(label=gettext_lazy("Phase"))
    standing = forms.ChoiceField(label=gettext_lazy("Decided?"))
    start = Day(label=gettext_lazy("Start"))
    end = Day(label=gettext_lazy("End"))
    cost = Number(label=gettext_lazy("Cost in all"), help_text=gettext_lazy("Million kroner at 2025 prices."))
    fte = Number(
        label=gettext_lazy("Staff"),
        help_text=gettext_lazy("Full-time equivalents that the measure itself takes."),
    )
    assumption = forms.ChoiceField(
        label=gettext_lazy("Assumption of the outlook that it moves"), required=False
    )
    goals = forms.MultipleChoiceField(label=gettext_lazy("Goals that it serves"), required=False)
    plans = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Plans that it belongs to"),
        queryset=Plan.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    depends_on = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Must come first"),
        queryset=Measure.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    also = forms.CharField(
        label=gettext_lazy("Another measure that must come first"),
        help_text=gettext_lazy("Its title, or the last part of its address."),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "measures", "autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        organisations: Collection[Organisation],
        measure: Measure | None = None,
        needed: Collection[str] = (),
        drafts: Drafts = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.measure = measure
        by_id = {one.pk: one for one in organisations}
        owner: Any = self.fields["organisation"]
        owner.choices = [("", "–"), *((pk, str(one.name)) for pk, one in by_id.items())]
        owner.coerce, owner.empty_value = by_id.get, None
        self.fields["phase"].choices = capitalised(Measure.Phase.choices)  # type: ignore[attr-defined]
        self.fields["standing"].choices = capitalised(Measure.Standing.choices)  # type: ignore[attr-defined]
        language = current_language()
        none = [("", _("none"))]
        known = [(one.name, one.label[language]) for one in scenario().assumptions]
        self.fields["assumption"].choices = none + sorted(known, key=lambda pair: pair[1])  # type: ignore[attr-defined]
        self._groups = goal_groups(drafts=drafts)
        self.fields["goals"].choices = [(one.title, one.goals) for one in self._groups]  # type: ignore[attr-defined]
        kept: Any = self.fields["depends_on"]
        chosen = set(needed)
        if self.is_bound:
            chosen |= set(self.data.getlist(self.add_prefix("depends_on")))  # type: ignore[attr-defined]
        kept.queryset = Measure.objects.filter(pk__in=chosen)
        if not chosen:
            del self.fields["depends_on"]

    @property
    def goal_groups(self) -> list[GoalGroup]:
        """The goals by section, with what is ticked."""
        chosen = set(self["goals"].value() or ())
        return [
            GoalGroup(one.title, [(pk, words, pk in chosen) for pk, words in one.goals])
            for one in self._groups
        ]

    @property
    def others(self) -> list[Measure]:
        """Measures to choose from while typing: at most 200, those of the same owner first."""
        found = Measure.objects.only("pk", "title", "organisation", "position")
        if self.measure is not None:
            found = found.exclude(pk=self.measure.pk)
        mine = self.measure.organisation_id if self.measure else None
        return sorted(found[:200], key=lambda one: (one.organisation_id != mine, str(one.title)))

    def clean_also(self) -> Measure | None:
        """Find the measure that was typed."""
        typed = self.cleaned_data["also"].strip()
        if not typed:
            return None
        name = typed.rstrip("/").rsplit("/", 1)[-1]
        by_title = {f"title__{code}__iexact": typed for code in ("nb", "nn", "en")}
        found = Measure.objects.filter(pk=name).first() or next(
            (one for key, value in by_title.items() for one in Measure.objects.filter(**{key: value})[:1]),
            None,
        )
        if found is None:
            message = _("No measure is called “%(typed)s”. Write its whole title, or copy its address.")
            raise forms.ValidationError(message % {"typed": typed})
        if self.measure is not None and found.pk == self.measure.pk:
            raise forms.ValidationError(_("A measure cannot wait for itself."))
        return found

    def given(self) -> dict[str, Any]:
        """Return what was filled in, as the actions want it."""
        data = dict(self.cleaned_data)
        data.pop("seen", None)
        also = data.pop("also", None)
        needed = list(data.pop("depends_on", ()) or ())
        data["depends_on"] = needed + ([also] if also and also not in needed else [])
        # What this person may not see, in the draft of another plan, is not theirs to untie.
        offered = {pk for one in self._groups for pk, _words in one.goals}
        unseen = set(self.initial.get("goals", ())) - offered
        data["goals"] = list(Element.objects.filter(pk__in={*data["goals"], *unseen}))
        data["plans"] = list(data["plans"])
        return data


def initial_of(measure: Measure) -> dict[str, Any]:
    """Return what the form of a measure begins with, and how it stands now."""
    names = ("title", "text", "owner_unit", "phase", "standing", "start", "end", "cost", "fte", "assumption")
    found: dict[str, Any] = {name: getattr(measure, name) for name in names}
    found["organisation"] = measure.organisation_id
    tied = relations_of(measure.pk, None)
    found |= {"goals": tied.goals, "plans": list(tied.plans), "depends_on": tied.needs}
    found["seen"] = last_change(measure)
    return found


class TaskChoice(forms.ModelMultipleChoiceField):
    """Tasks by their title."""

    def label_from_instance(self, obj: Task) -> str:  # type: ignore[override]
        """Return the title and the day."""
        from framsyn.web.templatetags.texts import date

        if obj.due is None:
            return str(obj.title)
        return _("%(title)s (due %(day)s)") % {"title": obj.title, "day": date(obj.due)}


class ReportForm(Seen):
    """How it goes; the last answers are filled in."""

    status = forms.ChoiceField(label=gettext_lazy("How does it go?"), widget=forms.RadioSelect)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"))
    done = TaskChoice(
        label=gettext_lazy("Tasks done since the last report"),
        queryset=Task.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(
        label=gettext_lazy("In a sentence or two"),
        help_text=gettext_lazy(
            "What has happened, what comes next, what holds it up. No names of patients or staff."
        ),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = capitalised(StatusReport.Status.choices)  # type: ignore[attr-defined]
        self.fields["phase"].choices = capitalised(Measure.Phase.choices)  # type: ignore[attr-defined]
        tasks: Any = self.fields["done"]
        tasks.queryset = measure.tasks.filter(done_on=None)
        if not tasks.queryset:
            del self.fields["done"]


class PersonChoice(forms.ModelChoiceField):
    """People by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name."""
        return str(obj.get_full_name() or obj.get_username())


class AssignForm(Seen):
    """Who answers, and from when."""

    role = forms.ChoiceField(label=gettext_lazy("Part"))
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"), queryset=Organisation.objects.all()
    )
    unit = TextFormField(
        label=gettext_lazy("Unit or function"),
        help_text=gettext_lazy("Such as “Head of the medical clinic”."),
        required=False,
        max_length=200,
    )
    person = PersonChoice(
        label=gettext_lazy("Person"), queryset=None, required=False, empty_label=gettext_lazy("nobody named")
    )
    valid_from = Day(label=gettext_lazy("From"), required=True)
    valid_to = Day(label=gettext_lazy("To"), help_text=gettext_lazy("Empty: until somebody else takes over."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = capitalised(Assignment.Role.choices)  # type: ignore[attr-defined]
        people: Any = self.fields["person"]
        people.queryset = get_user_model().objects.filter(is_active=True).order_by("first_name", "username")
        self.fields["valid_from"].initial = timezone.localdate


class TaskForm(Seen):
    """A step."""

    title = TextFormField(label=gettext_lazy("What is to be done"), max_length=300)
    due = Day(label=gettext_lazy("Due"))
    done_on = Day(label=gettext_lazy("Done on"), help_text=gettext_lazy("Empty: not done yet."))


class BenefitForm(Seen):
    """What one year frees."""

    kind = forms.ChoiceField(label=gettext_lazy("What is freed"))
    year = forms.IntegerField(
        label=gettext_lazy("Year"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    planned = Number(label=gettext_lazy("Planned"), required=True)
    realised = Number(label=gettext_lazy("Realised"), help_text=gettext_lazy("Empty: not known yet."))
    note = TextFormField(label=gettext_lazy("How it was counted"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = capitalised(Benefit.Kind.choices)  # type: ignore[attr-defined]


class RiskForm(Seen):
    """What may go wrong."""

    text = TextFormField(label=gettext_lazy("What may go wrong"), max_length=500)
    probability = forms.TypedChoiceField(label=gettext_lazy("Probability"), coerce=int)
    consequence = forms.TypedChoiceField(label=gettext_lazy("Consequence"), coerce=int)
    mitigation = TextFormField(
        label=gettext_lazy("What is done about it"), rows=3, required=False, max_length=1000
    )
    closed = forms.BooleanField(label=gettext_lazy("The risk is over"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in SCALE.items():
            self.fields[name].choices = [(number, word) for number, word in enumerate(words, start=1)]  # type: ignore[attr-defined]
