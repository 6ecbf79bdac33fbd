"""The form of a new token."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.api.models import ApiToken
from framsyn.web.plan.models import Plan, Version

__all__ = ["TokenForm"]


class TokenForm(forms.Form):
    """A token: what it is for, how far it reaches, until when."""

    name = forms.CharField(
        label=_("What the token is for"),
        help_text=_("Such as “monthly figures from the data warehouse”."),
        max_length=80,
    )
    scope = forms.ChoiceField(
        label=_("It may"),
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.READ,
        help_text=_("Never more than you yourself may."),
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Only in"),
        required=False,
        empty_label=_("Wherever I have a role"),
    )
    plan = forms.ModelChoiceField(
        Plan.objects.none(), label=_("Only on the plan"), required=False, empty_label=_("All plans")
    )
    expires = forms.DateField(
        label=_("Last day"),
        help_text=_("A year from today at most."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"expires": timezone.localdate() + datetime.timedelta(days=365)})
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.all()  # type: ignore[attr-defined]
        shown = Version.objects.exclude(state=Version.State.DRAFT).values("plan")
        self.fields["plan"].queryset = Plan.objects.filter(pk__in=shown)  # type: ignore[attr-defined]
