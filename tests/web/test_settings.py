"""The settings in production: nothing that Django warns of, a strict policy for content, cookies that keep to themselves."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from sites import Site

LOOK = """
from django.core.checks import run_checks
from django.test import Client
from framsyn.web.accounts.actions import add_user
from framsyn.web.actions import Actor
add_user(Actor.system("test"), "somebody", "correct horse battery", role="reader")
asked = {"host": "plan.example.org", "x-forwarded-proto": "https"}
client = Client(headers=asked, enforce_csrf_checks=True)
page = client.get("/login/?lang=nn")
token = client.cookies["csrftoken"].value
form = {"username": "somebody", "password": "correct horse battery", "csrfmiddlewaretoken": token}
login = client.post("/login/", form, headers={"referer": "https://plan.example.org/login/"})
plain = Client(headers={"host": "plan.example.org"})
answer({
    "warnings": [str(found) for found in run_checks(include_deployment_checks=True) if not found.is_silenced()],
    "page": dict(page.headers), "status": login.status_code,
    "cookies": [morsel.OutputString() for morsel in (*page.cookies.values(), *login.cookies.values())],
    "plain": [plain.get("/login/").status_code, plain.get("/login/").headers.get("Location")],
    "health": plain.get("/health/").status_code,
    "hosts": [plain.get("/health/", headers={"host": host}).status_code for host in ("localhost", "elsewhere.example.org")],
})
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> dict:
    folder = tmp_path_factory.mktemp("production") / "data"
    return Site(folder, environment, FRAMSYN_HTTPS="1", FRAMSYN_HOSTS="plan.example.org").run(LOOK)


def test_django_has_nothing_to_warn_of(production: dict) -> None:
    assert production["warnings"] == []


def test_cookies_are_sent_over_https_only_and_not_to_scripts(production: dict) -> None:
    assert production["status"] == 302
    cookies: SimpleCookie = SimpleCookie()
    for line in production["cookies"]:
        cookies.load(line)
    assert set(cookies) == {"csrftoken", "language", "sessionid"}
    for cookie in cookies.values():
        assert cookie["secure"], cookie
        assert cookie["samesite"] == "Lax"
    assert cookies["sessionid"]["httponly"]


def test_browsers_stay_with_https(production: dict) -> None:
    assert production["page"]["Strict-Transport-Security"] == "max-age=31536000"
    assert production["plain"] == [301, "https://plan.example.org/login/"]
    assert production["health"] == 200  # asked for on the machine itself, which has no certificate
    assert production["hosts"] == [200, 400]


def test_the_policy_allows_nothing_unsafe(production: dict) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in production["page"]["Content-Security-Policy"].split(";")
        if part.strip()
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert not [part for part in policy.values() if "unsafe" in part or "*" in part or "http" in part]
    assert production["page"]["X-Frame-Options"] == "DENY"
    assert production["page"]["X-Content-Type-Options"] == "nosniff"


def test_every_setting_is_told(root: Path) -> None:
    import re

    source = (root / "src/framsyn/web/settings.py").read_text(encoding="utf-8")
    docstring = source.split('"""')[1]
    read = set(re.findall(r'(?:_flag|environ\.get)\(\s*"(FRAMSYN_[A-Z_]+)"', source)) | {"DATABASE_URL"}
    told = (root / "docs/how-to/run-the-site.md").read_text(encoding="utf-8")
    assert len(read) >= 8
    assert [name for name in read if name not in docstring] == []
    assert [name for name in read if f"`{name}`" not in told] == []
