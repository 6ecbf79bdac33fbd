"""Single sign-on against providers that run as processes: the way there and back, roles by claim, and every way to lie."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth import get_user_model
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from identity_provider import CLIENT, SECRET, IdentityProvider, started
from joserfc.jwk import ECKey, RSAKey
from sites import free_port

from framsyn.errors import PlanError
from framsyn.web.accounts.models import ExternalIdentity, Membership, Organisation
from framsyn.web.accounts.sign_on import protocol
from framsyn.web.accounts.sign_on.providers import check_settings, providers
from framsyn.web.audit.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "a long password"


def english() -> Client:
    """Return a browser that asks for English, as the expectations are written."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def client() -> Client:
    return english()


KARI = {
    "sub": "8f0c-kari", "preferred_username": "kari@example.org", "given_name": "Kari", "family_name": "Prøve",
    "email": "kari@example.org", "groups": ["plan-editors"],
}  # fmt: skip
RULES = """
[[provider.role]]
claim = "groups"
value = "plan-editors"
role = "editor"
organisation = "sto"

[[provider.role]]
claim = "groups"
value = "plan-owners"
role = "approver"
plan = "rup-2027"

[[provider.role]]
claim = "groups"
value = "nowhere"
role = "administrator"
organisation = "no-such-place"
"""


@pytest.fixture(scope="module")
def process() -> Iterator[IdentityProvider]:
    port = free_port()
    with started(port=port):
        yield IdentityProvider(port)


@pytest.fixture
def configured(settings: Any, tmp_path: Path) -> Callable[..., None]:
    """Return a function that writes the TOML file and names it in the settings."""

    def write(issuer: str, *, rules: str = RULES, secret: str = "", more: str = "", **lines: str) -> None:
        (tmp_path / "secret.txt").write_text(SECRET, encoding="utf-8")
        given = {
            "id": "job",
            "name": "Work account",
            "issuer": issuer,
            "client_id": CLIENT,
            "unknown": "add",
            **lines,
        }
        text = "[[provider]]\n" + "".join(
            f"{key} = {value if value.startswith('{') else json.dumps(value)}\n"
            for key, value in given.items()
        )
        text += (secret or 'client_secret_file = "secret.txt"\n') + more
        file = tmp_path / f"oidc-{len(list(tmp_path.iterdir()))}.toml"
        file.write_text(text + rules, encoding="utf-8")
        settings.OIDC = str(file)
        protocol._known.clear()

    return write


@pytest.fixture
def provider(process: IdentityProvider, configured: Callable[..., None]) -> IdentityProvider:
    """Give the provider with Kari before its door, and the site that trusts it."""
    process.tell(person=KARI, fault="", client_key=None)
    configured(process.issuer)
    return process


def sent_back(client: Client, query: str = "", name: str = "job") -> str:
    """Go to the provider, and return the address that it sends the browser back to."""
    there = client.get(f"/login/with/{name}/{query}")
    assert there.status_code == 302
    answer = requests.get(there["Location"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert (back.scheme, back.netloc) == ("http", "testserver")
    return f"{back.path}?{back.query}"


def signed_on(client: Client, query: str = "", name: str = "job") -> Any:
    return client.get(sent_back(client, query, name))


def who(client: Client) -> Any:
    return get_user_model().objects.filter(pk=client.session.get("_auth_user_id")).first()


def refused(client: Client, answer: Any) -> str:
    """Assert that nobody is logged in, and return what the page says."""
    assert answer.status_code == 302
    assert answer["Location"] == "/login/"
    page = client.get("/login/?lang=en").content.decode()
    assert "_auth_user_id" not in client.session
    return unescape(re.sub(r"<[^>]+>", " ", page))


def roles_of(user: Any) -> set[tuple[str, str | None, str | None, str]]:
    from django.utils import timezone

    rows = user.memberships.valid_on(timezone.localdate())
    return {(one.role, one.organisation_id, one.plan_id, one.given_by) for one in rows}


# ---------------------------------------------------------------- in and out
def test_one_logs_in_and_goes_on_where_one_was(client: Client, provider: IdentityProvider) -> None:
    page = client.get("/login/?next=/measures/new/&lang=en").content.decode()
    assert 'href="/login/with/job/?next=%2Fmeasures%2Fnew%2F"' in page
    assert "Work account" in page
    answer = signed_on(client, "?next=/measures/new/")
    assert answer["Location"] == "/measures/new/"
    user = who(client)
    assert (user.username, user.first_name, user.last_name, user.email) == (
        "kari@example.org", "Kari", "Prøve", "kari@example.org",
    )  # fmt: skip
    assert not user.has_usable_password()
    known = ExternalIdentity.objects.get(user=user)
    assert (known.provider, known.issuer, known.subject) == ("job", provider.issuer, "8f0c-kari")
    assert roles_of(user) == {("editor", "sto", None, "job")}
    assert client.get("/account/").status_code == 200
    # A password of one's own would get around the provider's word on who may log in.
    new = {"new_password1": "a rather long phrase", "new_password2": "a rather long phrase"}
    assert client.post("/account/password/", new)["Location"] == "/account/"
    user.refresh_from_db()
    assert not user.has_usable_password()
    # The second time it is the same person, and nothing is written in the log.
    before = Entry.objects.count()
    again = english()
    signed_on(again)
    assert who(again) == user
    assert Entry.objects.count() == before


def test_what_is_asked_for_cannot_be_guessed_or_used_by_others(
    client: Client, provider: IdentityProvider
) -> None:
    signed_on(client)
    signed_on(english())
    one, two = provider.heard("authorize")[-2:]
    for name, least in (("state", 40), ("nonce", 40), ("code_challenge", 43)):
        assert len(one[name]) >= least
        assert one[name] != two[name]
    assert one["code_challenge_method"] == "S256"
    assert one["redirect_uri"] == "http://testserver/login/back/job/"
    assert "openid" in one["scope"].split()
    told = provider.heard("token")[-1]
    assert "client_secret" not in told  # it goes in the header


def test_no_one_is_sent_elsewhere(client: Client, provider: IdentityProvider) -> None:
    assert signed_on(client, "?next=https://example.org/")["Location"] == "/"


def test_logging_out_leads_out_of_the_provider_as_well(client: Client, provider: IdentityProvider) -> None:
    signed_on(client)
    page = client.post("/logout/").content.decode()
    assert "_auth_user_id" not in client.session
    address = unescape(re.search(r'http-equiv="refresh" content="1; url=([^"]+)"', page)[1])
    assert urlsplit(address).path == "/end"
    gone = requests.get(address, allow_redirects=False, timeout=10)
    assert gone.headers["Location"] == "http://testserver/"
    heard = provider.heard("end")[-1]
    assert (heard["sub"], heard["client_id"]) == ("8f0c-kari", CLIENT)
    # Somebody who came by password is only led out here.
    get_user_model().objects.create_user("plain", password=PASSWORD)
    plain = english()
    plain.post("/login/", {"username": "plain", "password": PASSWORD})
    assert plain.post("/logout/")["Location"] == "/"


# ---------------------------------------------------------------- roles
def test_roles_follow_the_claims_and_those_by_hand_stay(client: Client, provider: IdentityProvider) -> None:
    from framsyn.web.accounts.actions import set_role
    from framsyn.web.actions import Actor

    signed_on(client)
    user = who(client)
    trust = Organisation.objects.get(pk="sto")
    set_role(Actor.system("tests"), user, "reader", trust)
    by_hand = ("reader", "sto", None, "")
    assert roles_of(user) == {("editor", "sto", None, "job"), by_hand}
    # Changed: another role, for one plan.
    provider.tell(person={**KARI, "groups": ["plan-owners", "unknown"]})
    signed_on(english())
    assert roles_of(user) == {("approver", None, "rup-2027", "job"), by_hand}
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.actor_name) == ("accounts.follow_provider", "system: job")
    assert entry.before["roles"] == [{"role": "editor", "organisation": "sto"}]
    assert entry.after["roles"] == [{"role": "approver", "plan": "rup-2027"}]
    # Taken away, with the claim or all of it.
    person = {name: value for name, value in KARI.items() if name != "groups"}
    provider.tell(person=person)
    signed_on(english())
    assert roles_of(user) == {by_hand}
    # A place that does not exist gives nothing, and breaks nothing.
    provider.tell(person={**KARI, "groups": ["nowhere"]})
    signed_on(english())
    assert roles_of(user) == {by_hand}


def test_a_role_of_the_provider_is_not_ended_by_hand(
    client: Client, provider: IdentityProvider, administrator_client: Client
) -> None:
    signed_on(client)
    user = who(client)
    page = administrator_client.get(f"/people/{user.pk}/?lang=en").content.decode()
    assert "given and taken by Work account" in page
    assert 'name="end"' not in page
    administrator_client.post(f"/people/{user.pk}/", {"end": "sto"})
    assert roles_of(user) == {("editor", "sto", None, "job")}


def test_a_role_of_yesterday_ends_yesterday(client: Client, provider: IdentityProvider) -> None:
    import datetime

    from django.utils import timezone

    signed_on(client)
    user = who(client)
    today = timezone.localdate()
    Membership.objects.filter(user=user).update(valid_from=today - datetime.timedelta(days=9))
    provider.tell(person={**KARI, "groups": []})
    signed_on(english())
    kept = Membership.objects.get(user=user)  # what was so stays in the records
    assert kept.valid_to == today - datetime.timedelta(days=1)


def test_claims_that_are_texts_numbers_or_lie_deeper_count_as_well(
    client: Client, provider: IdentityProvider, configured: Callable[..., None]
) -> None:
    rules = "".join(
        f'[[provider.role]]\nclaim = "{claim}"\nvalue = {value}\nrole = "{role}"\n'
        for claim, value, role in (
            ("department", '"plan"', "reader"),
            ("helseid://claims/identity/security_level", "4", "owner"),
            ("realm.roles", '"writer"', "contributor"),
        )
    )
    configured(provider.issuer, rules=rules)
    more = {
        "department": "plan",
        "helseid://claims/identity/security_level": "4",
        "realm": {"roles": ["writer"]},
    }
    provider.tell(person={**KARI, **more})
    signed_on(client)
    assert {role for role, *_rest in roles_of(who(client))} == {"reader", "owner", "contributor"}


# ---------------------------------------------------------------- the proof of who we are
@pytest.mark.parametrize("kind", ["RS256 PEM", "RS256 JWK", "ES256 PEM"])
@pytest.mark.parametrize("audience", ["token_endpoint", "issuer"])
def test_a_signed_assertion_proves_who_we_are(
    client: Client,
    provider: IdentityProvider,
    configured: Callable[..., None],
    tmp_path: Path,
    kind: str,
    audience: str,
) -> None:
    algorithm, form = kind.split()
    key = RSAKey.generate_key(2048) if algorithm == "RS256" else ECKey.generate_key("P-256")
    text = key.as_pem(private=True).decode() if form == "PEM" else json.dumps(key.as_dict(private=True))
    (tmp_path / "key").write_text(text, encoding="utf-8")
    provider.tell(client_key={**key.as_dict(private=False), "kid": "k-1"})
    configured(
        provider.issuer, secret='private_key_file = "key"\n', key_id="k-1", signing_algorithm=algorithm,
        assertion_audience=audience,
    )  # fmt: skip
    check_settings()
    signed_on(client)
    assert who(client).first_name == "Kari"
    again = english()
    signed_on(again)
    assert who(again) == who(client)
    one, two = (told["client_assertion"] for told in provider.heard("token")[-2:])
    assert one != two
    # The provider takes none twice: what was overheard opens nothing.
    overheard = {name: value for name, value in provider.heard("token")[-1].items() if name != "door"}
    answer = requests.post(f"{provider.issuer}/token", data=overheard, timeout=10)
    assert (answer.status_code, answer.json()["error_description"]) == (401, "used before")


def test_a_wrong_key_or_secret_logs_nobody_in(
    client: Client, provider: IdentityProvider, configured: Callable[..., None], tmp_path: Path
) -> None:
    mine, theirs = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
    (tmp_path / "key").write_bytes(mine.as_pem(private=True))
    provider.tell(client_key={**theirs.as_dict(private=False), "kid": "k-1"})
    configured(provider.issuer, secret='private_key_file = "key"\n', key_id="k-1")
    assert "could not be trusted" in refused(client, signed_on(client))
    provider.tell(client_key=None)
    configured(provider.issuer)
    (tmp_path / "secret.txt").write_text("another", encoding="utf-8")
    assert "could not be trusted" in refused(client, signed_on(client))
    assert not ExternalIdentity.objects.exists()


# ---------------------------------------------------------------- lies
@pytest.mark.parametrize(
    "fault",
    [
        "audience", "audiences", "issuer", "expired", "not yet", "nonce", "no nonce", "signature", "unsigned",
        "signed by secret",
    ],
)  # fmt: skip
def test_a_token_that_is_not_right_logs_nobody_in(
    client: Client, provider: IdentityProvider, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    signed_on(english())  # so that keys are known, and a nonce of before is there
    people = get_user_model().objects.count()
    provider.tell(fault=fault, person={**KARI, "sub": "9999-other"})
    caplog.set_level("WARNING", logger="framsyn.web.accounts.sign_on")
    assert "could not be trusted" in refused(client, signed_on(client))
    assert get_user_model().objects.count() == people
    assert [
        record.reason for record in caplog.records if record.message == "login refused"
    ]  # the log knows why
    provider.tell(fault="")
    signed_on(client)
    assert who(client) is not None


def test_a_discovery_document_of_another_is_not_believed(client: Client, provider: IdentityProvider) -> None:
    provider.tell(fault="discovery")
    assert "could not be trusted" in refused(client, client.get("/login/with/job/"))


def test_a_state_is_good_once_and_only_in_its_browser(client: Client, provider: IdentityProvider) -> None:
    back = sent_back(client)
    stranger = english()
    assert "not asked for from here" in refused(stranger, stranger.get(back))
    assert client.get(back)["Location"] == "/"
    assert who(client) is not None
    client.post("/logout/")
    assert "not asked for from here" in refused(client, client.get(back))
    other = parse_qs(urlsplit(sent_back(client)).query)
    made_up = f"/login/back/job/?code={other['code'][0]}&state=made-up"
    assert "not asked for from here" in refused(client, client.get(made_up))


def test_a_code_is_good_once(client: Client, provider: IdentityProvider) -> None:
    code = parse_qs(urlsplit(sent_back(client)).query)["code"][0]
    own = sent_back(client)
    other = english()
    with_stolen = re.sub(r"code=[^&]+", f"code={code}", sent_back(other))
    # Stolen from one browser and put into the answer to another: PKCE holds.
    assert "could not be trusted" in refused(other, other.get(with_stolen))
    assert client.get(own)["Location"] == "/"
    used = re.search(r"code=([^&]+)", own)[1]
    third = english()
    replayed = re.sub(r"code=[^&]+", f"code={used}", sent_back(third))
    assert "could not be trusted" in refused(third, third.get(replayed))


def test_an_answer_that_comes_late_or_from_another_is_not_taken(
    client: Client, provider: IdentityProvider
) -> None:
    back = sent_back(client)
    session = client.session
    session["sign_on"] = {
        state: {**kept, "at": time.time() - 601} for state, kept in session["sign_on"].items()
    }
    session.save()
    assert "too old" in refused(client, client.get(back))
    provider.tell(fault="mixed up")
    assert "not asked for from here" in refused(client, signed_on(client))
    provider.tell(fault="denied")
    assert "did not log you in" in refused(client, signed_on(client))


def test_new_keys_of_the_provider_are_found(client: Client, provider: IdentityProvider) -> None:
    signed_on(client)
    provider.tell(fault="new key")
    at, known = protocol._known[f"{provider.issuer}/keys"]
    protocol._known[f"{provider.issuer}/keys"] = (at - 11, known)  # asked for more than ten seconds ago
    again = english()
    signed_on(again)
    assert who(again) == who(client)


def test_userinfo_adds_claims_of_the_same_person_only(
    client: Client, provider: IdentityProvider, configured: Callable[..., None]
) -> None:
    configured(provider.issuer, more="userinfo = true\n")
    person = {"sub": "8f0c-kari", "userinfo": {"given_name": "Kari", "groups": ["plan-owners"], "iss": "x"}}
    provider.tell(person=person)
    signed_on(client)
    assert roles_of(who(client)) == {("approver", None, "rup-2027", "job")}
    provider.tell(fault="another's userinfo")
    other = english()
    assert "could not be trusted" in refused(other, signed_on(other))


# ---------------------------------------------------------------- people
def test_a_person_who_is_unknown_may_be_refused_and_connects_by_hand(
    client: Client, provider: IdentityProvider, configured: Callable[..., None], editor: Any
) -> None:
    configured(provider.issuer, unknown="refuse")
    assert "nobody here has connected" in refused(client, signed_on(client))
    client.post("/login/", {"username": editor.username, "password": PASSWORD})
    # A link on another site connects nobody with anything.
    assert client.get("/login/with/job/")["Location"] == "/account/"
    assert client.get("/login/with/job/?connect=made-up")["Location"] == "/account/"
    page = client.get("/account/").content.decode()
    query = re.search(r'href="/login/with/job/(\?connect=[0-9a-f]+)"', page)[1]
    assert signed_on(client, query)["Location"] == "/account/"
    assert ExternalIdentity.objects.get().user == editor
    again = english()
    signed_on(again)
    assert who(again) == editor
    assert ("editor", None, None, "") in roles_of(editor)
    # The same login at the provider is nobody else's.
    other = get_user_model().objects.create_user("other", password=PASSWORD)
    elsewhere = english()
    elsewhere.force_login(other)
    query = re.search(r"(\?connect=[0-9a-f]+)", elsewhere.get("/account/").content.decode())[1]
    signed_on(elsewhere, query)
    assert "connected to a person here already" in elsewhere.get("/account/?lang=en").content.decode()
    assert ExternalIdentity.objects.get().user == editor


def test_the_same_user_name_is_not_the_same_person(client: Client, provider: IdentityProvider) -> None:
    local = get_user_model().objects.create_user(
        "KARI@example.org", email="kari@example.org", password=PASSWORD
    )
    signed_on(client)
    assert who(client) != local
    assert who(client).username == "kari@example.org-2"


def test_whose_login_is_closed_is_told_so(client: Client, provider: IdentityProvider) -> None:
    signed_on(client)
    get_user_model().objects.filter(first_name="Kari").update(is_active=False)
    other = english()
    assert "closed" in refused(other, signed_on(other))


def test_no_national_identity_number_is_kept(client: Client, provider: IdentityProvider) -> None:
    number = "01017012345"
    provider.tell(
        person={**KARI, "preferred_username": number, "email": f"{number}@example.org", "pid": number}
    )
    signed_on(client)
    user = who(client)
    assert re.fullmatch(r"job-[0-9a-f]{10}", user.username)
    assert user.email == ""
    assert "id_token" not in client.session  # which holds the number
    assert not Entry.objects.filter(after__icontains=number).exists()
    client.post("/logout/")
    provider.tell(person={"sub": number})
    assert "pseudonym" in refused(client, signed_on(client))
    assert not ExternalIdentity.objects.filter(subject=number).exists()


def test_a_second_factor_of_ours_is_asked_for_unless_the_provider_has_its_own(
    client: Client, provider: IdentityProvider, configured: Callable[..., None], settings: Any
) -> None:
    settings.REQUIRE_TOTP = frozenset({"editor"})
    assert signed_on(client)["Location"] == "/account/second-factor/"
    user = who(client)
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    half = english()
    assert signed_on(half)["Location"] == "/login/"
    assert "_auth_user_id" not in half.session
    configured(provider.issuer, more="second_factor = true\n")
    TOTPDevice.objects.all().delete()
    whole = english()
    assert signed_on(whole)["Location"] == "/"
    assert whole.post("/measures/home-hospital/edit/", {}).status_code != 302


# ---------------------------------------------------------------- down
def test_when_the_provider_is_down_the_local_administrator_gets_in(
    client: Client, configured: Callable[..., None], administrator: Any, settings: Any
) -> None:
    configured(f"http://127.0.0.1:{free_port()}")
    settings.PASSWORD_LOGIN = "administrators"
    said = refused(client, client.get("/login/with/job/"))
    assert "Work account does not answer just now" in said
    data = {"username": administrator.username, "password": PASSWORD}
    assert client.post("/login/", data)["Location"] == "/"
    assert client.get("/people/").status_code == 200


def test_a_provider_that_fails_is_as_good_as_down(client: Client, provider: IdentityProvider) -> None:
    provider.tell(fault="broken")
    assert "does not answer just now" in refused(client, signed_on(client))


def test_a_provider_that_goes_down_on_the_way(client: Client, configured: Callable[..., None]) -> None:
    port = free_port()
    with started(port=port):
        configured(f"http://127.0.0.1:{port}")
        signed_on(client)
        other = english()
        back = sent_back(other)
    assert "does not answer just now" in refused(other, other.get(back))
    # Who is logged in stays so, and gets out.
    assert client.get("/account/").status_code == 200
    protocol._known.clear()
    assert client.post("/logout/")["Location"] == "/"


def test_passwords_may_be_for_administrators_only(
    client: Client, provider: IdentityProvider, settings: Any, editor: Any, administrator: Any
) -> None:
    settings.PASSWORD_LOGIN = "administrators"
    page = client.get("/login/?lang=en").content.decode()
    assert re.search(r"<details class=\"fold\"><summary>Log in with a password", page)
    right = client.post("/login/?lang=en", {"username": editor.username, "password": PASSWORD})
    assert "Passwords are for administrators here" in right.content.decode()
    wrong = client.post("/login/?lang=en", {"username": editor.username, "password": "wrong"})
    assert "Passwords are for administrators" not in wrong.content.decode()  # a stranger learns nothing
    assert (
        client.post("/login/", {"username": administrator.username, "password": PASSWORD})["Location"] == "/"
    )


# ---------------------------------------------------------------- the file
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"issuer": "http://login.example.org"}, "issuer must be an https address"),
        ({"id": "Not good"}, "provider.0.id"),
        ({"colour": "blue"}, "provider.0.colour"),
        ({"secret": " "}, "name one of private_key_file, client_secret_file and client_secret_env"),
        ({"secret": 'client_secret_env = "FRAMSYN_NO_SUCH"\n'}, "no client secret in FRAMSYN_NO_SUCH"),
        ({"secret": 'private_key_file = "missing.pem"\n'}, "missing.pem cannot be read"),
        ({"secret": 'private_key_file = "secret.txt"\n'}, "holds no private key"),
        ({"more": 'scopes = ["profile"]\n'}, "openid"),
        (
            {"rules": '[[provider.role]]\nclaim = "x"\nvalue = "y"\nrole = "emperor"\n'},
            "provider.0.role.0.role",
        ),
        ({"rules": "[[provider]]\n"}, "provider.1"),
        ({"rules": "[["}, "cannot be read as TOML"),
    ],
)
def test_a_fault_in_the_file_is_told_when_the_site_starts(
    configured: Callable[..., None], change: dict[str, str], told: str
) -> None:
    given = {"issuer": "https://login.example.org", **change}
    configured(given.pop("issuer"), **given)
    with pytest.raises(PlanError) as refused:
        check_settings()
    assert told in refused.value.message


def test_settings_that_cannot_work_are_told_when_the_site_starts(settings: Any, tmp_path: Path) -> None:
    settings.REQUIRE_TOTP = frozenset({"emperor"})
    with pytest.raises(PlanError, match="names emperor"):
        check_settings()
    settings.REQUIRE_TOTP = frozenset()
    settings.PASSWORD_LOGIN = "nobody"
    with pytest.raises(PlanError, match="expected everybody or administrators"):
        check_settings()
    settings.PASSWORD_LOGIN = "administrators"
    with pytest.raises(PlanError, match="set FRAMSYN_OIDC"):
        check_settings()
    settings.OIDC = str(tmp_path / "none.toml")
    with pytest.raises(PlanError, match="cannot be read"):
        check_settings()


def test_a_provider_has_a_name_in_each_language(client: Client, configured: Callable[..., None]) -> None:
    configured("https://login.example.org", name='{ nb = "jobbkonto", en = "your work account" }')
    assert [providers()[0].label, providers()[0].name] == [
        "your work account",
        {"nb": "jobbkonto", "en": "your work account"},
    ]
    for language, label in (("nb", "jobbkonto"), ("nn", "jobbkonto"), ("en", "your work account")):
        assert f"{label}</a>" in client.get(f"/login/?lang={language}").content.decode()


# ---------------------------------------------------------------- a provider that others have made
@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """Give the address of oidc-provider-mock, which runs as a process of its own."""
    port = free_port()
    with started("-m", "oidc_provider_mock", "--port", str(port), port=port):
        yield f"http://127.0.0.1:{port}"


def test_the_way_there_and_back_with_a_provider_of_others(
    client: Client, mock: str, configured: Callable[..., None]
) -> None:
    configured(mock)
    claims = {name: value for name, value in KARI.items() if name != "sub"}
    requests.put(f"{mock}/users/kari", json=claims, timeout=10).raise_for_status()
    there = client.get("/login/with/job/?next=/goals/")["Location"]
    answer = requests.post(there, data={"sub": "kari"}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert client.get(f"{back.path}?{back.query}")["Location"] == "/goals/"
    user = who(client)
    assert (user.username, user.last_name) == ("kari@example.org", "Prøve")
    assert roles_of(user) == {("editor", "sto", None, "job")}
    page = client.post("/logout/").content.decode()
    assert f"{mock}/oauth2/end_session?" in page
    # Whoever says no there is not logged in here; this provider says it without the state, so nothing more is believed.
    there = client.get("/login/with/job/")["Location"]
    answer = requests.post(there, data={"action": "deny"}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert "not asked for from here" in refused(client, client.get(f"{back.path}?{back.query}"))
