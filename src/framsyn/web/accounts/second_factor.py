"""A second factor: codes of an app (TOTP, RFC 6238), and ten recovery codes that work once each.

Devices, drift, replay and the growing pause after wrong codes are django-otp's work. Recovery codes are kept as digests:
who reads the database does not learn them.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from binascii import unhexlify
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from framsyn.errors import PlanError
from framsyn.web.actions import Act, action

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AbstractUser, User
    from django.http import HttpRequest

__all__ = [
    "PROVEN",
    "Check",
    "check_code",
    "codes_left",
    "has_second_factor",
    "key_as_text",
    "lacks_second_factor",
    "new_codes",
    "new_key",
    "picture_of",
    "reset_second_factor",
    "switch_off",
    "switch_on",
]

PROVEN = "second_factor"  # in the session: a second factor was shown at this login
COUNT, GROUPS, GROUP = 10, 3, 4
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ROUNDS = 10_000  # enough for codes of 60 random bits
DEVICE_NAME = "recovery codes"


# ---------------------------------------------------------------- keys and codes
def new_key() -> str:
    """Return a new key of 160 bits, in hexadecimal digits."""
    return random_hex(20)


def key_as_text(key: str) -> str:
    """Return a key as an app takes it when typed: letters and digits in groups of four.

    >>> key_as_text("00" * 5)
    'AAAA AAAA'
    """
    letters = b32encode(unhexlify(key)).decode().rstrip("=")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def picture_of(user: AbstractUser, key: str) -> SafeString:
    """Return the QR code that an app reads, as SVG without any style of its own."""
    name = f"{settings.OTP_TOTP_ISSUER}:{user.get_username()}"
    query = {"secret": key_as_text(key).replace(" ", ""), "issuer": settings.OTP_TOTP_ISSUER}
    address = f"otpauth://totp/{quote(name)}?{urlencode(query, quote_via=quote)}"
    svg = segno.make_qr(address, error="m").svg_inline(
        scale=5, border=4, light="#ffffff", svgclass="qr", lineclass=None
    )
    # Made by segno from an address in which everything is quoted.
    return mark_safe(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def digest_of(code: str, device: StaticDevice) -> str:
    """Return what is kept of a recovery code: 16 letters."""
    plain = re.sub(r"[^a-z2-7]", "", code.lower())
    salt = f"framsyn recovery {device.pk}".encode()
    return b32encode(hashlib.pbkdf2_hmac("sha256", plain.encode(), salt, ROUNDS, dklen=10)).decode()


def made_codes(user: AbstractUser) -> list[str]:
    """Put ten new recovery codes in the place of the old ones, and return them: they are told once."""
    device, _made = StaticDevice.objects.get_or_create(user=user, name=DEVICE_NAME)
    device.token_set.all().delete()
    letters = ["".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)) for _ in range(COUNT)]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=digest_of(code, device)) for code in letters
    )
    return ["-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)) for code in letters]


# ---------------------------------------------------------------- asking
def has_second_factor(user: AbstractUser) -> bool:
    """Tell whether a person logs in with a code as well; one query."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def codes_left(user: AbstractUser) -> int:
    """Return how many recovery codes are unused; one query."""
    return StaticToken.objects.filter(device__user=user, device__name=DEVICE_NAME).count()


def lacks_second_factor(request: HttpRequest) -> bool:
    """Tell whether a role of this person asks for a second factor that neither the person nor the provider has."""
    if not settings.REQUIRE_TOTP or request.session.get(PROVEN) or not request.user.is_authenticated:
        return False
    user: Any = request.user
    held = user.memberships.valid_on(timezone.localdate()).filter(role__in=settings.REQUIRE_TOTP)
    return held.exists() and not has_second_factor(user)


@dataclass(frozen=True)
class Check:
    """Whether a code was right, and until when no other is looked at."""

    right: bool
    until: datetime.datetime | None = None
    recovery: bool = False


def check_code(user: AbstractUser, code: str) -> Check:
    """Check a code of the app, or a recovery code, which is used up then.

    The device is locked meanwhile: of two who send the same code at the same time one is let in. After a wrong code nothing
    is looked at for 1, 2, 4, 8 … seconds.
    """
    typed = re.sub(r"\s", "", code)
    recovery = not re.fullmatch(r"\d{6}", typed)
    with transaction.atomic():
        devices: Any = StaticDevice.objects.filter(name=DEVICE_NAME) if recovery else TOTPDevice.objects.all()
        device = devices.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return Check(right=False)
        allowed, why = device.verify_is_allowed()
        if not allowed:
            return Check(right=False, until=(why or {}).get("locked_until"))
        right = device.verify_token(digest_of(typed, device) if recovery else typed)
        _, why = device.verify_is_allowed()
    return Check(right=right, until=(why or {}).get("locked_until"), recovery=recovery)


# ---------------------------------------------------------------- actions
def oneself(act: Act) -> User:
    """Return the person who acts upon their own login, which takes no role."""
    user: Any = act.actor.user
    if user is None:
        raise PlanError("nobody", _("Nobody is logged in. Log in first."))
    act.checked = True
    return user


@action("accounts.switch_on_second_factor")
def switch_on(act: Act, key: str, code: str) -> list[str]:
    """Ask for a code at one's own logins from now on, and return ten recovery codes, which are told this once.

    Parameters
    ----------
    key : str
        What the app has been given.
    code : str
        What the app shows, as the proof that it has it.

    Raises
    ------
    PlanError
        ``second-factor-is-on``; ``wrong-code``.
    """
    user = oneself(act)
    if has_second_factor(user):
        raise PlanError(
            "second-factor-is-on", _("The second factor is on already. Switch it off first to begin anew.")
        )
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, name="app", key=key, confirmed=True)
    if not device.verify_token(re.sub(r"\s", "", code)):
        message = _(
            "The code is not right. Read the newest one from the app; if it still fails, see that the telephone's clock is "
            "set by the network."
        )
        raise PlanError("wrong-code", message)
    codes = made_codes(user)
    act.record(user, after={"second_factor": True}, label=user.get_username())
    return codes


@action("accounts.switch_off_second_factor")
def switch_off(act: Act) -> None:
    """Ask for no code any more; the page has asked for password and code just before."""
    user = oneself(act)
    taken_away(user)
    act.record(
        user, before={"second_factor": True}, after={"second_factor": False}, label=user.get_username()
    )


@action("accounts.new_recovery_codes")
def new_codes(act: Act) -> list[str]:
    """Put ten new recovery codes in the place of the old ones, and return them.

    Raises
    ------
    PlanError
        ``second-factor-is-off``.
    """
    user = oneself(act)
    if not has_second_factor(user):
        raise PlanError(
            "second-factor-is-off", _("Recovery codes go with a second factor. Switch that on first.")
        )
    codes = made_codes(user)
    act.record(user, after={"recovery_codes": COUNT}, label=user.get_username())
    return codes


@action("accounts.reset_second_factor")
def reset_second_factor(act: Act, user: User) -> None:
    """Take away the second factor of somebody who has lost it; the person's sessions end.

    Raises
    ------
    PlanError
        ``second-factor-is-off``.
    """
    from framsyn.web.accounts.places import require_over

    require_over(act, user)
    if not has_second_factor(user):
        raise PlanError(
            "second-factor-is-off", _("This person has no second factor; there is nothing to reset.")
        )
    taken_away(user)
    user.sessions.all().delete()  # type: ignore[attr-defined]
    act.record(user, before={"second_factor": True}, after={"second_factor": False}, label=str(user))


def taken_away(user: AbstractUser) -> None:
    """Remove all devices and codes of a person."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user, name=DEVICE_NAME).delete()
