"""A document is uploaded, looked at, and becomes a draft; nobody else sees it, and the log never holds its text."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.sources.plan_document import PlanDraft, read_draft
from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.plan.canonical import tree_of
from framsyn.web.plan.models import Element, Node, Plan, Version
from framsyn.web.plan_import.actions import change_review, discard_upload, import_plan, keep_upload
from framsyn.web.plan_import.models import Upload

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
SENTENCE = "Båter og biler står for det meste av utslippene våre"


@pytest.fixture(scope="module")
def source() -> Path:
    return Path(__file__).parents[1] / "data/plan_small.txt"


@pytest.fixture(scope="module")
def draft(source: Path) -> PlanDraft:
    return read_draft(source)


@pytest.fixture
def person() -> Callable[..., Client]:
    def make(role: str | None, organisation: str | None = "hmn", name: str = "") -> Client:
        user = get_user_model().objects.create_user(
            name or f"import-{role}-{organisation}", password="a long password"
        )
        if role:
            place = Organisation.objects.get(pk=organisation) if organisation else None
            Membership.objects.create(
                user=user, role=role, organisation=place, valid_from=timezone.localdate()
            )
        client = Client()
        client.force_login(user)
        client.cookies["language"] = "en"
        return client

    return make


def kept(draft: PlanDraft, organisation: str = "hmn") -> Upload:
    place = Organisation.objects.get(pk=organisation)
    return keep_upload(SYSTEM, draft, organisation=place, kind="trust_plan", size=1000)


def sent(client: Client, content: bytes, name: str = "plan.txt", organisation: str = "hmn") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(
        reverse("plan-import"), {"file": file, "organisation": organisation, "kind": "trust_plan"}
    )


# ------------------------------------------------------------------ from the upload to the editor
def test_a_document_becomes_a_draft_by_plain_forms(person: Callable[..., Client], source: Path) -> None:
    client = person(Role.EDITOR)
    answer = sent(client, source.read_bytes(), r"C:\papers\Planen.txt")
    upload = Upload.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        reverse("plan-import-review", args=[upload.pk]),
    )
    assert upload.name == "Planen.txt"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Utviklingsplan for Fjordhelse" in page
    assert "5 parts could hold goals and 4 do" in page
    assert "line 92" in page
    found = upload.draft
    goal, driver = found.of_kind("goal")[0], found.of_kind("driver")[0]
    out = next(element for element in found.elements if element.title == "Penger")
    fields = {f"kind-{element.id}": element.kind for element in found.elements[:100]}
    fields |= {f"kind-{driver.id}": "challenge", f"out-{out.id}": "1", "page": "1"}
    assert client.post(reverse("plan-import-review", args=[upload.pk]), fields).status_code == 302
    upload.refresh_from_db()
    assert upload.kinds == {driver.id: "challenge"}
    assert upload.left_out == [out.id]
    made = {"plan_id": "fjord", "title": "Fjordhelse", "first_year": "2031", "last_year": "2046"}
    answer = client.post(reverse("plan-import-make", args=[upload.pk]), made)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("plan-edit", args=["fjord"]))
    assert client.get(answer.headers["Location"]).status_code == 200
    plan = Plan.objects.get(pk="fjord")
    assert (plan.kind, plan.organisation_id, dict(plan.title)) == ("trust_plan", "hmn", {"nb": "Fjordhelse"})
    kinds = [node.element.kind for node in plan.versions.get().nodes.select_related("element")]
    assert (
        kinds.count("goal"),
        kinds.count("ambition"),
        kinds.count("challenge"),
        kinds.count("driver"),
    ) == (11, 4, 1, 2)
    assert not Node.objects.filter(version__plan=plan, wording__title__nb="Penger").exists()
    assert (
        Node.objects.filter(version__plan=plan, wording__title__nb=goal.title)
        .get()
        .element.source.endswith("line 92")
    )
    assert not tree_of(plan.versions.get()).faults()
    assert not Upload.objects.exists()
    assert Client().get(reverse("plan", args=["fjord"])).status_code == 404  # a draft


def test_the_log_tells_the_file_and_never_its_text(person: Callable[..., Client], source: Path) -> None:
    client = person(Role.EDITOR)
    sent(client, source.read_bytes())
    upload = Upload.objects.get()
    client.post(reverse("plan-import-make", args=[upload.pk]), {"plan_id": "fjord", "title": "Fjordhelse"})
    entries = list(Entry.objects.filter(action__startswith="plan.import"))
    assert [entry.action for entry in entries] == ["plan.import_read", "plan.import", "plan.import"]
    said = json.dumps(
        [[entry.before, entry.after, entry.object_label] for entry in entries], ensure_ascii=False
    )
    assert SENTENCE in source.read_text(encoding="utf-8")
    assert "Båter" not in said
    assert entries[0].after["digest"] == upload.found["digest"]
    assert entries[0].after["counts"]["goal"] == 11


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.txt", b"", "The file is empty"),
        ("plan.docx", b"PK\x03\x04 cut", "cut off or damaged"),
        ("plan.pdf", b"Hei", "not what the ending of its name says"),
        ("plan.txt", b"\0\1\2" * 500, "This is no text"),
    ],
)
def test_what_cannot_be_read_is_told_at_the_field(
    name: str, content: bytes, said: str, person: Callable[..., Client]
) -> None:
    answer = sent(person(Role.EDITOR), content, name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Upload.objects.exists()


def test_an_upload_that_is_too_large_is_stopped(person: Callable[..., Client], settings: Any) -> None:
    settings.UPLOAD_LIMIT = 100_000
    answer = sent(person(Role.EDITOR), b"x" * 300_000)
    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()


def test_the_pages_of_a_long_review_keep_each_other_s_choices(
    person: Callable[..., Client], tmp_path: Path
) -> None:
    path = tmp_path / "x.txt"
    path.write_text(
        "Innledning\n\n" + "\n\n".join(f"Dette er avsnitt {n}." for n in range(150)), encoding="utf-8"
    )
    upload = kept(read_draft(path))
    client = person(Role.EDITOR)
    address = reverse("plan-import-review", args=[upload.pk])
    names = [element.id for element in upload.draft.elements]
    client.post(address, {"page": "1", f"out-{names[3]}": "1", "onward": "2"})
    client.post(address, {"page": "2", f"kind-{names[120]}": "goal"})
    upload.refresh_from_db()
    assert (upload.left_out, upload.kinds) == ([names[3]], {names[120]: "goal"})
    assert f'value="{2}"' in client.get(address + "?page=2").content.decode()
    client.post(address, {"page": "1"})
    upload.refresh_from_db()
    assert (upload.left_out, upload.kinds) == ([], {names[120]: "goal"})


# ------------------------------------------------------------------ who
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.EDITOR, Role.ADMINISTRATOR)])
def test_other_roles_may_not_import(role: Role, person: Callable[..., Client], draft: PlanDraft) -> None:
    client = person(role)
    upload = kept(draft)
    assert client.get(reverse("plan-import")).status_code == 403
    assert sent(client, b"Hei.").status_code == 403
    for name in ("review", "make", "discard"):
        assert client.post(reverse(f"plan-import-{name}", args=[upload.pk])).status_code == 403
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_strangers_are_asked_to_log_in_and_others_find_nothing(
    person: Callable[..., Client], draft: PlanDraft
) -> None:
    upload = kept(draft)
    address = reverse("plan-import-review", args=[upload.pk])
    assert Client().get(address).headers["Location"].startswith(reverse("login"))
    outside = Organisation.objects.create(
        pk="elsewhere", kind="trust", name={"nb": "Annet"}, short={"nb": "Annet"}
    )
    client = person(Role.EDITOR, outside.pk)
    assert client.get(reverse("plan-import")).status_code == 200
    assert upload.name not in client.get(reverse("plan-import")).content.decode()
    assert client.get(address).status_code == 404
    for name in ("make", "discard"):
        assert client.post(reverse(f"plan-import-{name}", args=[upload.pk])).status_code == 404
    assert sent(client, b"Hei.", organisation="hmn").status_code == 422  # not among the choices
    user = get_user_model().objects.get(username__endswith="elsewhere")
    actor = Actor(user=user, name="x")
    for act in (
        lambda: import_plan(actor, draft, "x", organisation=Organisation.objects.get(pk="hmn")),
        lambda: change_review(actor, upload, {}, []),
        lambda: discard_upload(actor, upload),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_import_is_gone_after_seven_days(person: Callable[..., Client], draft: PlanDraft) -> None:
    old = kept(draft)
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - datetime.timedelta(days=7, minutes=1))
    client = person(Role.ADMINISTRATOR, None)
    assert client.get(reverse("plan-import-review", args=[old.pk])).status_code == 404
    assert (
        client.post(reverse("plan-import-make", args=[old.pk]), {"plan_id": "x", "title": "x"}).status_code
        == 404
    )
    kept(draft)
    assert not Upload.objects.filter(pk=old.pk).exists()
    assert Entry.objects.filter(action="plan.import_read", reason="expired").count() == 1


def test_an_import_can_be_thrown_away(person: Callable[..., Client], draft: PlanDraft) -> None:
    upload = kept(draft)
    assert person(Role.EDITOR).post(reverse("plan-import-discard", args=[upload.pk])).status_code == 302
    assert not Upload.objects.exists()


# ------------------------------------------------------------------ into the database
def test_the_next_version_of_a_plan_hides_what_only_the_last_one_says(draft: PlanDraft) -> None:
    place = Organisation.objects.get(pk="hmn")
    before = Version.objects.get(plan="strategi-2030")
    version = import_plan(SYSTEM, draft, "strategi-2030", organisation=place)
    assert (version.number, version.based_on, version.state) == (before.number + 1, before, "draft")
    tree = tree_of(version)
    assert not tree.faults()
    shown = {name for name, place in tree.items() if place.state == "shown"}
    old = set(tree_of(before))
    assert old <= set(tree)
    assert shown.isdisjoint(old)
    assert len(shown) == len(draft.elements)
    with pytest.raises(PlanError) as refused:
        import_plan(SYSTEM, draft, "strategi-2030", organisation=place)
    assert refused.value.code == "draft-exists"


@pytest.mark.parametrize(
    ("plan_id", "more", "code"),
    [
        ("Not An Id", {}, "bad-name"),
        ("import", {}, "bad-name"),
        ("x", {"kind": "novel"}, "unknown-kind"),
        ("x", {"period": (2040, 2030)}, "wrong-order"),
        ("x", {"left_out": "all"}, "empty-version"),
    ],
)
def test_what_is_refused_leaves_nothing(
    plan_id: str, more: dict[str, Any], code: str, draft: PlanDraft
) -> None:
    counts = (Plan.objects.count(), Element.objects.count(), Entry.objects.count())
    if more.get("left_out") == "all":
        more = {"left_out": [element.id for element in draft.elements]}
    with pytest.raises(PlanError) as refused:
        import_plan(SYSTEM, draft, plan_id, organisation=Organisation.objects.get(pk="hmn"), **more)
    assert refused.value.code == code
    assert counts == (Plan.objects.count(), Element.objects.count(), Entry.objects.count())


def test_a_review_of_unknown_elements_is_refused(draft: PlanDraft) -> None:
    upload = kept(draft)
    for kinds, out in (({"e9999": "goal"}, []), ({"e1": "novel"}, []), ({}, ["e9999"])):
        with pytest.raises(PlanError) as refused:
            change_review(SYSTEM, upload, kinds, out)
        assert refused.value.code == "unknown-element"


def test_a_page_of_the_review_asks_the_database_little(
    person: Callable[..., Client], draft: PlanDraft, django_assert_max_num_queries: Any
) -> None:
    upload = kept(draft)
    client = person(Role.EDITOR)
    for address in (reverse("plan-import"), reverse("plan-import-review", args=[upload.pk])):
        client.get(address)
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200
