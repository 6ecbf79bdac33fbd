"""The talk with a provider: where it is, the way there (PKCE, state, nonce), the code for tokens, the proof in a token.

Follows OpenID Connect Core 1.0 (code flow), PKCE with S256 (RFC 7636), the client's signed assertion (RFC 7523), the
issuer in the answer (RFC 9207) and RP-initiated logout.
"""

from __future__ import annotations

import logging
import re
import time
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from framsyn.errors import PlanError
from framsyn.web.accounts.sign_on.providers import ALGORITHMS

if TYPE_CHECKING:
    from framsyn.web.accounts.sign_on.providers import Provider

__all__ = ["begin", "fetch_claims", "looks_national", "metadata_of", "way_out"]

log = logging.getLogger("framsyn.web.accounts.sign_on")
PATIENCE = 5.0  # seconds that a provider is waited for
KEPT = 3600.0  # seconds that what a provider says of itself is believed
LEEWAY = 60  # seconds that two clocks may differ
ASSERTION_LIFE = 60  # seconds that a signed assertion is good
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
FAULTS = (requests.RequestException, OAuthError, JoseError, ValueError, KeyError, TypeError)

_known: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = Lock()


def is_down(provider: Provider, error: Exception) -> PlanError:
    """Return the refusal that tells that a provider does not answer, and log why."""
    log.error("provider down", extra={"provider": provider.id, "error": repr(error)})
    message = _(
        "%(provider)s does not answer just now, so you are not logged in. Try again in a while; whoever has a password here "
        "may log in with it."
    ) % {"provider": provider.label}
    return PlanError("provider-down", message, provider=provider.id)


def is_wrong(provider: Provider, reason: str) -> PlanError:
    """Return the refusal of an answer that is not as it must be; the reason is for the log alone."""
    log.warning("login refused", extra={"provider": provider.id, "reason": reason})
    message = _(
        "The answer of %(provider)s could not be trusted, so you are not logged in. Begin again from here; if it happens "
        "again, tell an administrator."
    ) % {"provider": provider.label}
    return PlanError("bad-answer", message, provider=provider.id, reason=reason)


# ---------------------------------------------------------------- what a provider says of itself
def fetch(url: str, **headers: str) -> dict[str, Any]:
    """Return a JSON object from an address."""
    answer = requests.get(
        url, timeout=PATIENCE, allow_redirects=False, headers={"Accept": "application/json", **headers}
    )
    answer.raise_for_status()
    found = answer.json()
    if answer.status_code != 200 or not isinstance(found, dict):
        message = f"{url} answers {answer.status_code}"
        raise ValueError(message)
    return found


def remembered(url: str, *, anew: bool = False) -> dict[str, Any]:
    """Return a JSON object from an address, asked for once an hour in each process."""
    with _lock:
        at, found = _known.get(url, (0.0, {}))
    # Asked for anew at most every ten seconds: a stranger's token must not make us ask in a loop.
    if found and time.monotonic() - at < (10.0 if anew else KEPT):
        return found
    found = fetch(url)
    with _lock:
        _known[url] = (time.monotonic(), found)
    return found


def metadata_of(provider: Provider) -> dict[str, Any]:
    """Return where a provider's doors are, from its discovery document.

    Raises
    ------
    PlanError
        ``provider-down``; ``bad-answer`` when the document is another's.
    """
    try:
        found = remembered(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    except FAULTS as error:
        raise is_down(provider, error) from error
    if found.get("issuer") != provider.issuer:
        raise is_wrong(provider, f"discovery names the issuer {found.get('issuer')!r}")
    if missing := [name for name in NEEDED if not isinstance(found.get(name), str)]:
        raise is_wrong(provider, f"discovery lacks {', '.join(missing)}")
    return found


# ---------------------------------------------------------------- there and back
def client_of(provider: Provider, metadata: dict[str, Any], back: str) -> OAuth2Session:
    """Return the client that speaks with a provider, and proves who it is by its key or its secret."""
    by_key = bool(provider.private_key_file)
    client = OAuth2Session(
        provider.client_id,
        provider.private_key() if by_key else provider.secret(),
        token_endpoint_auth_method="private_key_jwt" if by_key else provider.client_authentication,
        scope=" ".join(provider.scopes),
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=PATIENCE,
    )
    if by_key:
        now = int(time.time())
        # A name of its own for each assertion, so that none is good twice.
        claims = {"nbf": now, "exp": now + ASSERTION_LIFE, "jti": generate_token(36)}
        client.register_client_auth_method(
            PrivateKeyJWT(
                provider.issuer if provider.assertion_audience == "issuer" else metadata["token_endpoint"],
                claims=claims,
                headers={"kid": provider.key_id} if provider.key_id else {},
                alg=provider.signing_algorithm,
            )
        )
    return client


def begin(provider: Provider, back: str) -> tuple[str, str, dict[str, str]]:
    """Return the address to send a browser to, the state, and what the session keeps until the answer.

    Parameters
    ----------
    provider : Provider
    back : str
        Where the provider sends the browser with its answer.
    """
    metadata = metadata_of(provider)
    client = client_of(provider, metadata, back)
    state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
    address, _state = client.create_authorization_url(
        metadata["authorization_endpoint"],
        state=state,
        code_verifier=verifier,
        nonce=nonce,
        **provider.parameters,
    )
    return address, state, {"nonce": nonce, "verifier": verifier}


def fetch_claims(
    provider: Provider, code: str, kept: dict[str, str], back: str
) -> tuple[dict[str, Any], str]:
    """Return what a provider says of a person, and the token that proves it.

    Parameters
    ----------
    provider : Provider
    code : str
        From the answer.
    kept : dict
        What :func:`begin` gave.
    back : str
        As given to :func:`begin`.

    Raises
    ------
    PlanError
        ``provider-down``; ``bad-answer``.
    """
    metadata = metadata_of(provider)
    try:
        token = client_of(provider, metadata, back).fetch_token(
            metadata["token_endpoint"], code=code, code_verifier=kept["verifier"], allow_redirects=False
        )
    except requests.RequestException as error:
        raise is_down(provider, error) from error
    except FAULTS as error:
        raise is_wrong(provider, f"token endpoint: {error}") from error
    raw = token.get("id_token")
    if not isinstance(raw, str):
        raise is_wrong(provider, "no id_token")
    claims = proven(provider, metadata, raw, kept["nonce"], token.get("access_token"))
    if provider.userinfo and metadata.get("userinfo_endpoint"):
        try:
            more = fetch(metadata["userinfo_endpoint"], Authorization=f"Bearer {token['access_token']}")
        except FAULTS as error:
            raise is_down(provider, error) from error
        if more.get("sub") != claims["sub"]:
            raise is_wrong(provider, "userinfo is about somebody else")
        claims = {**more, **claims}
    return claims, raw


def proven(
    provider: Provider, metadata: dict[str, Any], raw: str, nonce: str, access_token: str | None
) -> dict[str, Any]:
    """Return the claims of an id_token after its signature, issuer, audience, times and nonce are checked."""

    def decoded(*, anew: bool) -> jwt.Token:
        keys = KeySet.import_key_set(remembered(metadata["jwks_uri"], anew=anew))  # type: ignore[arg-type]
        return jwt.decode(raw, keys, algorithms=list(ALGORITHMS))

    try:
        try:
            token = decoded(anew=False)
        except InvalidKeyIdError:  # keys have been changed since
            token = decoded(anew=True)
        options: Any = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        }
        given = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, options, given)
        claims.validate(leeway=LEEWAY)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            message = "sub is no name"
            raise ValueError(message)
    except requests.RequestException as error:
        raise is_down(provider, error) from error
    except FAULTS as error:
        raise is_wrong(provider, f"id_token: {error!r}") from error
    return dict(claims)


# ---------------------------------------------------------------- out
def way_out(provider: Provider, token: str, home: str) -> str:
    """Return where to log out of the provider as well; empty when it has no such door, or does not answer."""
    try:
        door = metadata_of(provider).get("end_session_endpoint")
    except PlanError:
        return ""
    if not isinstance(door, str) or not door.startswith(("https://", "http://")):
        return ""
    query = {"client_id": provider.client_id, "post_logout_redirect_uri": home}
    if token:
        query["id_token_hint"] = token
    return f"{door}{'&' if '?' in door else '?'}{urlencode(query)}"


def looks_national(value: Any) -> bool:
    """Tell whether a value is, or holds, eleven digits in a row: the form of a national identity number.

    >>> looks_national("01 01 70 12345"), looks_national(["a", {"b": "01017012345"}]), looks_national("4711")
    (True, True, False)
    """
    if isinstance(value, dict):
        return any(looks_national(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(looks_national(one) for one in value)
    text = str(value) if isinstance(value, str | int) else ""
    return bool(re.search(r"(?<!\d)\d{11}(?!\d)", re.sub(r"[\s.-]", "", text)))
