"""A provider of logins for tests: a process of its own that checks what real ones check, and lies when it is told to.

It checks the client's signed assertion (signature, issuer, subject, audience, times, and that its name is new), PKCE, the
address to go back to, and that a code is used once. What it shall say, and which faults its tokens shall have, is told by
``PUT /control``; ``GET /heard`` gives what it was asked. Run it as ``python identity_provider.py PORT``.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, RSAKey, import_key
from werkzeug import Request, Response

__all__ = ["IdentityProvider", "started"]

PATIENCE = 60.0
CLIENT = "framsyn"
SECRET = "a secret that is only used by tests"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Provider:
    """The process: what it knows, and what it answers."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "first"})
        self.other = RSAKey.generate_key(2048, {"kid": "first"})  # of the same name, and another
        self.person: dict[str, Any] = {"sub": "p-1"}
        self.fault = ""
        self.client_key: dict[str, Any] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.names: set[str] = set()  # of assertions that were used
        self.heard: list[dict[str, Any]] = []
        self.last_nonce = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        name = request.path.strip("/").replace("/", "_").replace(".", "").replace("-", "_")
        answer = getattr(self, f"on_{name}", None)
        response = answer(request) if answer else Response("nothing here", status=404)
        return response(environ, start)

    # ------------------------------------------------------------ told by the test
    def on_control(self, request: Request) -> Response:
        for name, value in request.get_json().items():
            setattr(self, name, value)
        if request.get_json().get("fault") == "new key":
            self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})
        return Response(status=204)

    def on_heard(self, request: Request) -> Response:
        return self.json(self.heard)

    # ------------------------------------------------------------ doors
    def on_well_known_openid_configuration(self, request: Request) -> Response:
        return self.json(
            {
                "issuer": "https://elsewhere.example.org" if self.fault == "discovery" else self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/end",
            }
        )

    def on_keys(self, request: Request) -> Response:
        return self.json(KeySet([self.key]).as_dict(private=False))

    def on_authorize(self, request: Request) -> Response:
        given = request.args.to_dict()
        self.heard.append({"door": "authorize", **given})
        back = given["redirect_uri"]
        if self.fault == "denied":
            return self.to(back, error="access_denied", state=given["state"])
        if given.get("code_challenge_method") != "S256" or not given.get("code_challenge"):
            return Response("PKCE with S256 is wanted", status=400)
        code = secrets.token_urlsafe(24)
        self.codes[code] = given
        extra = {"iss": "https://elsewhere.example.org"} if self.fault == "mixed up" else {"iss": self.issuer}
        return self.to(back, code=code, state=given["state"], **extra)

    def on_token(self, request: Request) -> Response:
        form = request.form.to_dict()
        self.heard.append({"door": "token", **form})
        if self.fault == "broken":
            return Response("<html>oops</html>", status=500)
        if wrong := self.wrong_client(request, form):
            return self.json({"error": "invalid_client", "error_description": wrong}, 401)
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return self.json(
                {"error": "invalid_grant", "error_description": "the code is unknown, or was used"}, 400
            )
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return self.json({"error": "invalid_grant", "error_description": "not the one who asked"}, 400)
        return self.json(
            {
                "access_token": "access-" + self.person["sub"],
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self.id_token(asked),
            }
        )

    def on_userinfo(self, request: Request) -> Response:
        if request.headers.get("Authorization") != "Bearer access-" + self.person["sub"]:
            return Response(status=401)
        sub = "somebody-else" if self.fault == "another's userinfo" else self.person["sub"]
        return self.json({**self.person.get("userinfo", {}), "sub": sub})

    def on_end(self, request: Request) -> Response:
        given = request.args.to_dict()
        claims = jwt.decode(given["id_token_hint"], self.key, algorithms=["RS256"]).claims
        self.heard.append({"door": "end", **given, "sub": claims["sub"]})
        return self.to(given["post_logout_redirect_uri"])

    # ------------------------------------------------------------ checks and lies
    def wrong_client(self, request: Request, form: dict[str, str]) -> str:
        """Return what is wrong with the client's proof of who it is."""
        if self.client_key is None:
            told = request.authorization
            right = told is not None and (told.username, told.password) == (CLIENT, SECRET)
            return "" if right else "wrong secret"
        if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            return "no assertion"
        try:
            token = jwt.decode(
                form["client_assertion"], import_key(self.client_key), algorithms=["RS256", "ES256"]
            )
        except (JoseError, ValueError) as error:
            return f"assertion: {error}"
        claims, now = token.claims, time.time()
        if token.header.get("kid") != self.client_key["kid"]:
            return "another key"
        if claims.get("iss") != CLIENT or claims.get("sub") != CLIENT:
            return "not the client"
        if claims.get("aud") not in (f"{self.issuer}/token", self.issuer):
            return "for somebody else"
        if not now - 5 <= claims["exp"] <= now + 120 or claims.get("nbf", 0) > now + 5:
            return "not good now, or for too long"
        if claims["jti"] in self.names:
            return "used before"
        self.names.add(claims["jti"])
        return ""

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        told = {name: value for name, value in self.person.items() if name != "userinfo"}
        claims = {
            **told, "iss": self.issuer, "aud": asked["client_id"], "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        }  # fmt: skip
        lies: dict[str, dict[str, Any]] = {
            "audience": {"aud": "another-client"},
            "audiences": {"aud": [asked["client_id"], "another-client"], "azp": "another-client"},
            "issuer": {"iss": "https://elsewhere.example.org"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "not yet": {"nbf": now + 900},
            "nonce": {"nonce": self.last_nonce or "of another login"},
        }
        claims |= lies.get(self.fault, {})
        self.last_nonce = asked["nonce"]
        if self.fault == "no nonce":
            del claims["nonce"]
        if self.fault == "unsigned":
            return f"{b64(json.dumps({'alg': 'none'}).encode())}.{b64(json.dumps(claims).encode())}."
        if self.fault == "signed by secret":
            key = OctKey.import_key(SECRET)
            return jwt.encode({"alg": "HS256", "kid": "first"}, claims, key, algorithms=["HS256"])
        key = self.other if self.fault == "signature" else self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])

    @staticmethod
    def json(value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status=status, mimetype="application/json")

    @staticmethod
    def to(address: str, **query: str) -> Response:
        whole = f"{address}{'&' if '?' in address else '?'}{urlencode(query)}" if query else address
        return Response(status=302, headers={"Location": whole})


class IdentityProvider:
    """The process as a test sees it."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"

    def tell(self, **what: Any) -> None:
        """Tell it who logs in (``person``), which ``fault`` it has, which ``client_key`` it knows."""
        requests.put(f"{self.issuer}/control", json=what, timeout=10).raise_for_status()

    def heard(self, door: str) -> list[dict[str, Any]]:
        """Return what it was asked at a door."""
        found = requests.get(f"{self.issuer}/heard", timeout=10).json()
        return [one for one in found if one["door"] == door]


@contextlib.contextmanager
def started(*command: str, port: int, path: str = "/.well-known/openid-configuration") -> Iterator[None]:
    """Run a provider's process until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *(command or (str(Path(__file__)), str(port)))],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, "the provider did not start"
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{port}{path}", timeout=2).ok:
                    break
            assert time.monotonic() < until, "the provider does not answer"
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    from werkzeug.serving import run_simple

    run_simple("127.0.0.1", int(sys.argv[1]), Provider(int(sys.argv[1])), threaded=True)
