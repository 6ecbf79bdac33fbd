"""Forms of readers' reports and of their answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.forms import TextFormField
from framsyn.web.saving import Seen
from framsyn.web.voice.models import Report

__all__ = ["AnswerForm", "ReportForm", "page_of"]

_MOST = 4000  # letters of a report or an answer


def page_of(given: str) -> str:
    """Return the address of a page of this site; nothing for what is none.

    >>> page_of("/goals/x/?a=1"), page_of("//elsewhere/"), page_of("javascript:1")
    ('/goals/x/?a=1', '', '')
    """
    words = given.replace("\x00", "").replace("\\", "/").strip()
    parts = urlsplit(words) if words.startswith("/") and not words.startswith("//") else None
    return words[:300] if parts is not None and not parts.scheme and not parts.netloc else ""


class ReportForm(forms.Form):
    """What a reader reports. The field ``web_address`` is for robots: people do not see it."""

    subject = forms.ChoiceField(label=_("What is it about?"), choices=Report.Subject.choices)
    wrong = forms.CharField(
        label=_("What is wrong?"), max_length=_MOST, widget=forms.Textarea(attrs={"rows": 5})
    )
    better = forms.CharField(
        label=_("What should it be?"),
        max_length=_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.CharField(
        label=_("How do you know?"),
        max_length=500,
        required=False,
        help_text=_("A source, an address, a case number."),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        help_text=_(
            "Only if you want the answer by e-mail. Those who handle the report see it, nobody else, and it is deleted "
            "six months after the answer."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    figure = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    page = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    web_address = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_page(self) -> str:
        """Keep an address of this site only."""
        return page_of(self.cleaned_data["page"])

    @property
    def is_robot(self) -> bool:
        """Whether the field that people do not see was filled in."""
        return bool(self.cleaned_data.get("web_address"))

    def given(self) -> dict[str, Any]:
        """Return what the action takes."""
        return {
            name: self.cleaned_data[name]
            for name in ("subject", "wrong", "better", "source", "email", "figure", "page")
        }


class AnswerForm(Seen):
    """The answer to a report."""

    status = forms.ChoiceField(
        label=_("What came of it"),
        choices=(
            (Report.Status.CORRECTED, _("It was wrong and is corrected")),
            (Report.Status.NO_FAULT, _("No fault was found")),
        ),
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Answer to the reader"),
        max_length=_MOST,
        help_text=_(
            "In plain words, in the reader's language. It is seen by whoever has the address of the report."
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    correction = TextFormField(
        label=_("What was corrected"),
        required=False,
        max_length=300,
        help_text=_("One sentence for the public list of corrected errors. It names no reader."),
    )
