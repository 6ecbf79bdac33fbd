"""Forms of the importer: the document, and the plan that it becomes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from framsyn.sources.plan_document import ENDINGS
from framsyn.web.accounts.models import Organisation
from framsyn.web.plan.models import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MakeForm", "UploadForm"]

LIMIT = settings.UPLOAD_LIMIT // 2**20


class UploadForm(forms.Form):
    """The document, whose plan it is and what kind of plan."""

    file = forms.FileField(
        label=_("Document"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"empty": _("The file is empty. Save the document again and choose it.")},
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Whose plan is it?"), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("What kind of plan is it?"), choices=Plan.Kind.choices, initial=Plan.Kind.REGIONAL_PLAN
    )

    def __init__(self, *args: Any, organisations: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=list(organisations))  # type: ignore[attr-defined]
        self.fields["file"].help_text = _(
            "Word (.docx), PDF, HTML, Markdown or text; at most %(limit)s megabytes."
        ) % {"limit": LIMIT}

    def clean_file(self) -> Any:
        """Keep the name without folders."""
        file = self.cleaned_data["file"]
        file.name = Path(file.name.replace("\\", "/")).name[:200]
        return file


_YEAR = (MinValueValidator(1990), MaxValueValidator(2100))


class MakeForm(forms.Form):
    """The plan that the draft belongs to."""

    plan_id = forms.CharField(
        label=_("Short name"),
        max_length=60,
        help_text=_(
            "Stands in the address for ever: lower-case letters, digits and hyphens, such as plan-2031. "
            "The short name of an existing plan makes its next version."
        ),
    )
    title = forms.CharField(label=_("Title"), max_length=300)
    first_year = forms.IntegerField(label=_("First year"), required=False, validators=_YEAR)
    last_year = forms.IntegerField(label=_("Last year"), required=False, validators=_YEAR)
