"""Forms of saved scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from framsyn.errors import PlanError
from framsyn.scenario import Scenario
from framsyn.web.accounts.models import Organisation
from framsyn.web.forms import TextFormField
from framsyn.web.outlooks.queries import region_of
from framsyn.web.saving import Seen
from framsyn.web.scenarios.making import MOST_CHARACTERS
from framsyn.web.scenarios.queries import REGION_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BringForm", "LockForm", "SaveForm", "TextsForm", "read_file"]


class TextsForm(Seen):
    """Name and texts of a scenario."""

    name = TextFormField(label=_("Name"), max_length=120)
    description = TextFormField(
        label=_("What it supposes"),
        required=False,
        rows=3,
        max_length=2000,
        help_text=_("As you would say it to somebody who has not seen it."),
    )
    reason = TextFormField(label=_("Why it was made"), required=False, rows=2, max_length=2000)

    def texts(self) -> dict[str, Any]:
        """Return what the actions take."""
        return {name: self.cleaned_data[name] for name in ("name", "description", "reason")}


class _Placed(forms.Form):
    """The organisation in which somebody saves; no field where there is none or only one."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        help_text=_("You alone see the scenario until you share it. Then this organisation does."),
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {one.pk: one for one in organisations}
        if len(self.places) < 2:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=list(self.places))  # type: ignore[attr-defined]
            authorities = (
                one.pk for one in self.places.values() if one.kind == Organisation.Kind.HEALTH_AUTHORITY
            )
            self.fields["organisation"].initial = next(authorities, next(iter(self.places)))

    def place(self) -> Organisation | None:
        """Return the organisation that was chosen, the only one, or none."""
        chosen = self.cleaned_data.get("organisation")
        return chosen if chosen is not None else next(iter(self.places.values()), None)


class SaveForm(_Placed, TextsForm):
    """A scenario that is saved, or made from another one."""

    field_order = ("name", "description", "reason", "organisation", "seen")


class BringForm(_Placed):
    """A scenario file that is brought."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".toml,text/plain,application/toml"}),
        help_text=_("A scenario as TOML, as this site and the command line write it."),
        error_messages={"empty": _("The file is empty. Save it again and choose it.")},
    )
    text = forms.CharField(
        label=_("Or the text of the file"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "lang": "en"}),
    )
    field_order = ("file", "text", "organisation")

    def clean(self) -> dict[str, Any]:
        """Read the scenario, and say what is wrong with it where it cannot be read."""
        given = super().clean() or {}
        file, text = given.get("file"), (given.get("text") or "").strip()
        if "file" in self.errors or "text" in self.errors:
            return given
        if bool(file) == bool(text):
            message = _("Choose a file, or paste its text: one of the two.")
            raise ValidationError(message, code="one-of-two")
        field = "file" if file else "text"
        try:
            given["scenario"] = (
                read_file(file.read(MOST_CHARACTERS * 4 + 1), file.name) if file else checked(text, "")
            )
        except PlanError as error:
            self.add_error(field, error.message)
        return given


def read_file(content: bytes, name: str) -> Scenario:
    """Return the scenario that a file holds, held against the region.

    Raises
    ------
    PlanError
        ``too-large``, ``not-utf-8``, and what the engine says of the scenario.
    """
    if len(content) > MOST_CHARACTERS:
        raise PlanError("too-large", str(_("The file is larger than any scenario. Is it the right one?")))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("The file is not text in UTF-8 (byte %(byte)s). Save it as UTF-8 and bring it again.")
        raise PlanError("not-utf-8", str(message) % {"byte": error.start}) from error
    return checked(text, name.replace("\\", "/").rpartition("/")[2][:80])


def checked(text: str, name: str) -> Scenario:
    """Return the scenario that a text holds, held against the region."""
    if "\x00" in text:
        raise PlanError(
            "not-text", str(_("The file holds characters that no text has. Is it the right one?"))
        )
    return Scenario.from_toml(text, file=name).check(region_of(REGION_NAME))


class LockForm(Seen):
    """Which decision locks a scenario."""

    decided_by = TextFormField(
        label=_("Decided by"), max_length=200, help_text=_("The body, such as the board; never a person.")
    )
    case_number = forms.CharField(label=_("Case number"), max_length=60)
    decided_on = forms.DateField(
        label=_("Decided on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_decided_on(self) -> Any:
        """Refuse a day that has not come."""
        day = self.cleaned_data["decided_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet. Give the day of the meeting."))
        return day
