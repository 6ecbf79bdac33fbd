"""Forms of people and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation, Role

if TYPE_CHECKING:
    from framsyn.web.accounts.queries import Reach

__all__ = ["PersonForm", "RoleForm"]


def role_choices() -> list[tuple[str, str]]:
    """Return the roles as a control shows them."""
    return [(value, str(label)[:1].upper() + str(label)[1:]) for value, label in Role.choices]


class RoleForm(forms.Form):
    """A role, and where it holds.

    Parameters
    ----------
    reach : Reach
        Where the one who fills it in may give roles.
    """

    role = forms.ChoiceField(label=_("Role"))
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        help_text=_("The role also holds in what lies below it."),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("all organisations"),
    )

    def __init__(self, *args: Any, reach: Reach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
        where: Any = self.fields["organisation"]
        where.queryset = Organisation.objects.filter(pk__in=[one.pk for one in reach.organisations])
        if not reach.everywhere:
            where.required = True
            where.empty_label = "–"


class PersonForm(RoleForm):
    """A new person and the role."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    password = forms.CharField(
        label=_("First password"),
        help_text=_(
            "At least 12 characters. Hand it over by a safe way; it can be changed under the person's own name."
        ),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("username", "first_name", "last_name", "email", "password", "role", "organisation")
