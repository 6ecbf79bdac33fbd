"""Forms of logging in, of people and of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.accounts.sign_on.providers import providers

if TYPE_CHECKING:
    from framsyn.web.accounts.queries import Reach

__all__ = [
    "CodeForm",
    "ConfirmForm",
    "FilterForm",
    "LoginForm",
    "NewPasswordForm",
    "PersonForm",
    "ProofForm",
    "ReasonForm",
    "RoleForm",
]

NAME_ATTRIBUTES = {"autocapitalize": "none", "spellcheck": "false"}
CODE_ATTRIBUTES = {**NAME_ATTRIBUTES, "autocomplete": "one-time-code", "class": "short"}


def role_choices() -> list[tuple[str, str]]:
    """Return the roles as a control shows them."""
    return [(value, str(label)[:1].upper() + str(label)[1:]) for value, label in Role.choices]


# ---------------------------------------------------------------- logging in
class LoginForm(AuthenticationForm):
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (
            providers()
        ):  # the button of single sign-on comes first then, and the keyboard must not pass it over
            self.fields["username"].widget.attrs.pop("autofocus", None)

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse passwords of others than administrators where the site says so; told only to who knows the password."""
        super().confirm_login_allowed(user)
        if settings.PASSWORD_LOGIN == "administrators":
            held = Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).valid_on(
                timezone.localdate()
            )
            if not held.exists():
                message = _("Passwords are for administrators here. Log in with your work account.")
                raise ValidationError(message, code="closed")


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits from the app, or one of your recovery codes."),
        max_length=40,
        widget=forms.TextInput(attrs={**CODE_ATTRIBUTES, "autofocus": True}),
    )


class ConfirmForm(forms.Form):
    """The first code of an app that has just been given the key."""

    code = forms.CharField(
        label=_("Code from the app"),
        help_text=_("Six digits; they change every half minute."),
        max_length=12,
        widget=forms.TextInput(attrs={**CODE_ATTRIBUTES, "inputmode": "numeric"}),
    )


class ProofForm(forms.Form):
    """Password and code: who changes the second factor shows both.

    Parameters
    ----------
    with_password : bool
        Whether the person has one; who logs in by single sign-on alone has none.
    """

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits from the app, or one of your recovery codes."),
        max_length=40,
        widget=forms.TextInput(attrs=CODE_ATTRIBUTES),
    )

    def __init__(self, *args: Any, with_password: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_password:
            del self.fields["password"]


# ---------------------------------------------------------------- people
class FilterForm(forms.Form):
    """Which people a list shall hold; what makes no sense is passed over."""

    q = forms.CharField(label=_("Name, user name or e-mail"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    state = forms.ChoiceField(
        label=_("Login"),
        required=False,
        choices=[("", _("all")), ("none", _("without a role")), ("left", _("closed"))],
    )

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("all roles")), *role_choices()]  # type: ignore[attr-defined]
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            ("", _("all organisations")),
            *((one.pk, str(one)) for one in organisations),
        ]


class RoleForm(forms.Form):
    """A role, where it holds, and how long.

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
    plan = forms.ModelChoiceField(
        label=_("One plan only"),
        help_text=_("Then the role holds for that plan and nothing else; leave the organisation open."),
        queryset=Membership.objects.none(),
        required=False,
        empty_label="–",
    )
    valid_to = forms.DateField(
        label=_("Last day"),
        help_text=_("Leave it open when the role has no end."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, reach: Reach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.everywhere = reach.everywhere
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
        where: Any = self.fields["organisation"]
        mine = [one.pk for one in reach.organisations]
        where.queryset = Organisation.objects.filter(pk__in=mine)
        if not reach.everywhere:
            where.empty_label = "–"
        plans: Any = self.fields["plan"]
        every = Membership._meta.get_field("plan").related_model._default_manager  # type: ignore[union-attr]
        plans.queryset = (
            every.all()
            if reach.everywhere
            else every.filter(organisation__in=mine) | every.filter(pk__in=reach.plans)
        )
        plans.label_from_instance = lambda plan: str(plan.title)

    def clean_valid_to(self) -> Any:
        """Refuse a day that is over."""
        day = self.cleaned_data.get("valid_to")
        if day is not None and day < timezone.localdate():
            raise ValidationError(_("This day is over. Give today or a later day."), code="past-day")
        return day

    def clean(self) -> dict[str, Any]:
        """Take one place."""
        data = super().clean() or {}
        if data.get("plan") and data.get("organisation"):
            self.add_error(
                "plan", _("A role holds in an organisation or for one plan; choose one of the two.")
            )
        elif not self.everywhere and not data.get("plan") and not data.get("organisation"):
            self.add_error("organisation", _("Choose where the role holds: an organisation or a plan."))
        return data


class PersonForm(RoleForm):
    """A new person and the role."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={**NAME_ATTRIBUTES, "autocomplete": "off"}),
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
    field_order = (
        "username", "first_name", "last_name", "email", "password", "role", "organisation", "plan", "valid_to",
    )  # fmt: skip


class NewPasswordForm(forms.Form):
    """A new password for somebody who has forgotten theirs."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_(
            "At least 12 characters. Hand it over by a safe way; it can be changed under the person's own name."
        ),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ReasonForm(forms.Form):
    """Why somebody's login is closed or opened."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=200)
