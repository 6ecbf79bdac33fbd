"""The form of a note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.notes.models import Note

__all__ = ["NoteForm"]


class NoteForm(forms.Form):
    """One note."""

    text = forms.CharField(
        label=_("Note"),
        max_length=Note.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Seen by those who work on this, never by readers. No names of patients."),
    )
