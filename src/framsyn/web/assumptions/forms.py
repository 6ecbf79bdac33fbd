"""Forms of an objection and of its answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.assumptions.models import Objection
from framsyn.web.forms import TextFormField
from framsyn.web.saving import Seen

__all__ = ["AnswerForm", "ObjectionForm"]


class ObjectionForm(forms.Form):
    """One objection."""

    kind = forms.ChoiceField(
        label=_("What do you object to?"),
        choices=Objection.Kind.choices,
        widget=forms.RadioSelect,
        help_text=_("A fact can be looked up, a value must be decided, an interest must be weighed."),
    )
    text = forms.CharField(
        label=_("Your objection"),
        max_length=Objection.LONGEST,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("Name a source if you know one. Write nothing about patients or about other people."),
    )
    may_publish = forms.BooleanField(
        label=_("Everybody may read my words, without my name"),
        required=False,
        help_text=_(
            "Without this, only you and those who answer read them. With it, those who answer decide whether they are shown."
        ),
    )


class AnswerForm(Seen):
    """The answer to an objection."""

    answer = TextFormField(
        label=_("Answer"),
        rows=6,
        help_text=_("Everybody reads the answer: what changes, or why nothing does."),
    )
    publish = forms.BooleanField(
        label=_("Show the words of the objection to everybody"),
        required=False,
        help_text=_("Only where the writer has allowed it. The name is never shown."),
    )
