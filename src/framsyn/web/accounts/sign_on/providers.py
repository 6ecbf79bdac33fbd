"""Which providers of logins there are: one TOML file, named by FRAMSYN_OIDC.

``docs/how-to/people-and-access.md`` tells every field with examples. The file holds no secrets: it names the file or the
environment variable that does.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Role
from framsyn.web.languages import LANGUAGES, Text

__all__ = ["ClaimNames", "Provider", "RoleRule", "check_settings", "provider_named", "providers"]

HERE_HOSTS = ("localhost", "127.0.0.1", "::1")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RoleRule(_Part):
    """A value of a claim gives a role in an organisation, on a plan, or everywhere."""

    claim: str
    value: str | int | bool
    role: Role
    organisation: str = ""
    plan: str = ""

    @model_validator(mode="after")
    def one_place(self) -> RoleRule:
        """Refuse two places."""
        if self.organisation and self.plan:
            message = "a role holds in an organisation or on a plan, not both"
            raise ValueError(message)
        return self


class ClaimNames(_Part):
    """What the provider calls what we keep of a person."""

    username: str = "preferred_username"
    first_name: str = "given_name"
    last_name: str = "family_name"
    email: str = "email"


class Provider(_Part):
    """One provider of logins."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    name: str | dict[str, str]
    issuer: str
    client_id: str
    client_secret_env: str = ""
    client_secret_file: str = ""
    private_key_file: str = ""
    key_id: str = ""
    signing_algorithm: Literal[ALGORITHMS] = "RS256"  # type: ignore[valid-type]
    assertion_audience: Literal["token_endpoint", "issuer"] = "token_endpoint"
    client_authentication: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    parameters: dict[str, str] = {}
    userinfo: bool = False
    unknown: Literal["add", "refuse"] = "refuse"
    second_factor: bool = False
    claims: ClaimNames = ClaimNames()
    role: tuple[RoleRule, ...] = ()

    @model_validator(mode="after")
    def whole(self) -> Provider:
        """Refuse what could not work, or would not be safe."""
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE_HOSTS):
            message = "issuer must be an https address"
            raise ValueError(message)
        ways = [self.client_secret_env, self.client_secret_file, self.private_key_file]
        if sum(map(bool, ways)) != 1:
            message = "name one of private_key_file, client_secret_file and client_secret_env"
            raise ValueError(message)
        if "openid" not in self.scopes:
            message = 'scopes must hold "openid"'
            raise ValueError(message)
        if isinstance(self.name, dict) and (not self.name or set(self.name) - set(LANGUAGES)):
            message = "name is a text, or a table of texts for nb, nn and en"
            raise ValueError(message)
        return self

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return str(Text(self.name)) if isinstance(self.name, dict) else self.name

    def path(self, name: str) -> Path:
        """Return a file that the configuration names, beside it."""
        return Path(settings.OIDC).absolute().parent / name

    def secret(self) -> str:
        """Return the client secret.

        Raises
        ------
        PlanError
            ``no-secret``.
        """
        if self.client_secret_env:
            found = os.environ.get(self.client_secret_env, "")
        else:
            found = read(self.path(self.client_secret_file), self.id).strip()
        if not found:
            where = self.client_secret_env or self.client_secret_file
            message = f'provider "{self.id}" of {settings.OIDC}: there is no client secret in {where}.'
            raise PlanError("no-secret", message, provider=self.id)
        return found

    def private_key(self) -> Any:
        """Return the key that signs who we are: PEM or a JSON Web Key.

        Raises
        ------
        PlanError
            ``bad-key``.
        """
        path = self.path(self.private_key_file)
        text = read(path, self.id)
        try:
            if text.lstrip().startswith("{"):
                import json

                return import_key(json.loads(text))
            return import_key(text, "EC" if self.signing_algorithm.startswith("ES") else "RSA")
        except (JoseError, ValueError) as error:
            message = (
                f'provider "{self.id}" of {settings.OIDC}: {path} holds no private key (PEM or JSON Web Key).'
            )
            raise PlanError("bad-key", message, provider=self.id) from error


class _File(_Part):
    provider: tuple[Provider, ...] = ()


def read(path: Path, provider: str) -> str:
    """Return the text of a file that a provider names."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f'provider "{provider}" of {settings.OIDC}: {path} cannot be read ({error}).'
        raise PlanError("no-secret", message, provider=provider) from error


@cache
def read_providers(file: str) -> tuple[Provider, ...]:
    """Return the providers of a file."""
    if not file:
        return ()
    try:
        given = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = (
            f"FRAMSYN_OIDC names {file}, which cannot be read as TOML: {error}. Mend the file, or unset it."
        )
        raise PlanError("bad-oidc", message, got=file) from error
    try:
        found = _File.model_validate(given).provider
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        message = f"{file}: {faults}. docs/how-to/people-and-access.md tells every field."
        raise PlanError("bad-oidc", message, got=file) from error
    names = [one.id for one in found]
    if len(set(names)) < len(names):
        message = f"{file}: two providers have the same id; give each its own."
        raise PlanError("bad-oidc", message, got=names)
    return found


def providers() -> tuple[Provider, ...]:
    """Return the providers of the file that FRAMSYN_OIDC names; none without it."""
    return read_providers(settings.OIDC)


def provider_named(name: str) -> Provider | None:
    """Return a provider, if there is one of this name."""
    return next((one for one in providers() if one.id == name), None)


def check_settings() -> None:
    """Raise when what the environment says of logins cannot work: told when the site starts, not to who logs in.

    Raises
    ------
    PlanError
        ``bad-oidc``, ``no-secret``, ``bad-key``, ``bad-setting``.
    """
    for provider in providers():
        if provider.private_key_file:
            provider.private_key()
        else:
            provider.secret()
    unknown = sorted(set(settings.REQUIRE_TOTP) - set(Role.values))
    if unknown:
        message = (
            f"FRAMSYN_REQUIRE_TOTP names {', '.join(unknown)}; expected some of {', '.join(Role.values)}."
        )
        raise PlanError("bad-setting", message, got=unknown, expected=Role.values)
    if settings.PASSWORD_LOGIN not in ("everybody", "administrators"):
        message = (
            f'FRAMSYN_PASSWORD_LOGIN is "{settings.PASSWORD_LOGIN}"; expected everybody or administrators.'
        )
        raise PlanError("bad-setting", message, got=settings.PASSWORD_LOGIN)
    if settings.PASSWORD_LOGIN == "administrators" and not providers():
        message = "FRAMSYN_PASSWORD_LOGIN=administrators needs a provider of logins for everybody else; set FRAMSYN_OIDC."
        raise PlanError("bad-setting", message, got=settings.PASSWORD_LOGIN)
