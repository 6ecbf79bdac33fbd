"""The log's own page: who may see it, what it is narrowed to, how a change reads, and what the public is told of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.audit import guards, sealing, verified, verifying
from framsyn.web.audit.keys import known_keys
from framsyn.web.audit.models import Entry, Seal
from framsyn.web.audit.queries import history_of, recent_changes
from framsyn.web.measures.actions import change
from framsyn.web.measures.models import Measure

pytestmark = pytest.mark.django_db
GOAL = "rup-2027.s1.g1"


@pytest.fixture
def data(settings: Any, tmp_path: Any) -> Any:
    """Give the site a data folder of its own."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def changed(content: Any, acting: Any, person: Any, data: Any) -> Entry:
    """Return the entry of a change of a measure, sealed."""
    measure = Measure.objects.first()
    assert measure is not None
    change(acting(person("administrator", name="chief")), measure, title={"nb": "Et helt nytt navn"})
    sealing.seal(everything=True)
    return Entry.objects.latest("id")


def test_only_who_may_see_the_log_does(
    changed: Entry, reader_client: Any, editor_client: Any, administrator_client: Any
) -> None:
    for address in ("/audit/", f"/audit/{changed.pk}/", "/audit/audit.csv"):
        assert Client().get(address).status_code == 302
        assert reader_client.get(address).status_code == 403
        assert editor_client.get(address).status_code == 403
        assert administrator_client.get(address).status_code == 200
    assert administrator_client.get("/audit/999999999/").status_code == 404
    assert administrator_client.get(f"/audit/{2**64}/").status_code == 404


def test_an_administrator_of_one_organisation_sees_its_log_alone(changed: Entry, person: Any) -> None:
    mine, other = Organisation.objects.filter(parent__isnull=False).order_by("id")[:2]
    entries = {}
    for organisation in (mine, other, None):
        entries[organisation] = Entry.objects.create(
            at=changed.at, actor_name="Ola", action="measure.change", organisation=organisation,
            object_type="x.y", object_id="1", object_label={"nb": f"Om {organisation}"},
        )  # fmt: skip
    sealing.seal()
    client = Client()
    client.force_login(person("administrator", organisation=mine, name="only-here"))
    told = client.get("/audit/").content.decode()
    assert f"/audit/{entries[mine].pk}/" in told
    assert f"/audit/{entries[other].pk}/" not in told
    assert f"/audit/{entries[None].pk}/" not in told
    assert client.get(f"/audit/{entries[mine].pk}/").status_code == 200
    for hidden in (other, None):
        assert client.get(f"/audit/{entries[hidden].pk}/").status_code == 404
    head = Seal.objects.filter(chain=other.pk).latest("place").hash
    assert head[:32] not in told
    rows = b"".join(client.get("/audit/audit.csv").streaming_content).decode("utf-8-sig")
    assert {row["organisation"] for row in csv.DictReader(io.StringIO(rows))} == {mine.pk}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=Test Admin", True),
        ("person=nobody at all", False),
        ("action=measure.change", True),
        ("action=plan.move", False),
        ("kind=measures.measure&object={id}", True),
        ("kind=plan.element&object={id}", False),
        ("organisation={organisation}", True),
        ("organisation=-", False),
        ("since={day}", True),
        ("since=2099-01-01", False),
        ("until={day}", True),
        ("until=2001-01-01", False),
        ("before={number}", False),
        ("since=yesterday&until=%00&before=x&action=x", True),
    ],
)
def test_the_list_is_narrowed(changed: Entry, administrator_client: Any, query: str, found: bool) -> None:
    from django.utils import timezone

    query = query.format(
        id=changed.object_id, organisation=changed.organisation_id, day=timezone.localdate().isoformat(), number=changed.pk
    )  # fmt: skip
    told = administrator_client.get(f"/audit/?{query}").content.decode()
    assert (f'href="/audit/{changed.pk}/"' in told) is found
    file = b"".join(administrator_client.get(f"/audit/audit.csv?{query}").streaming_content).decode(
        "utf-8-sig"
    )
    rows = {int(row["id"]): row for row in csv.DictReader(io.StringIO(file))}
    assert (changed.pk in rows) is found
    if found:
        seal = Seal.objects.get(entry=changed)
        assert rows[changed.pk]["hash"] == seal.hash
        assert "Et helt nytt navn" in rows[changed.pk]["after"]


def test_a_change_reads_as_a_difference(changed: Entry, administrator_client: Any) -> None:
    told = administrator_client.get(f"/audit/{changed.pk}/?lang=en").content.decode()
    assert "title.nb" in told
    assert "<ins>" in told
    assert "<del>" in told
    assert "The entry says what it was sealed with" in told
    assert f"/measures/{changed.object_id}/" in told
    with connection.cursor() as cursor:
        guards.drop(cursor, connection.vendor)
        cursor.execute("UPDATE audit_entry SET reason = 'x' WHERE id = %s", [changed.pk])
        guards.create(cursor, connection.vendor)
    told = administrator_client.get(f"/audit/{changed.pk}/?lang=en").content.decode()
    assert "was changed after it was sealed" in told


def test_the_page_tells_how_the_log_is(changed: Entry, administrator_client: Any) -> None:
    assert verified.last() is None
    report = verifying.verify(known_keys())
    assert report.whole, report.faults
    verified.remember(report)
    told = administrator_client.get("/audit/?lang=en").content.decode()
    assert "whole" in told
    assert Seal.objects.get(entry=changed).hash[:32] in told
    Seal.objects.none()
    with connection.cursor() as cursor:
        guards.drop(cursor, connection.vendor)
        cursor.execute("UPDATE audit_entry SET reason = 'x' WHERE id = %s", [changed.pk])
        guards.create(cursor, connection.vendor)
    verified.remember(verifying.verify(known_keys()))
    told = administrator_client.get("/audit/?lang=en").content.decode()
    assert "broken" in told
    assert "framsyn audit verify" in told


def test_the_list_asks_few_questions_however_long_it_is(changed: Entry, administrator_client: Any) -> None:
    for number in range(60):
        Entry.objects.create(
            at=changed.at, actor_name="Ola", action="measure.change", object_type="x.y", object_id=str(number)
        )
    sealing.seal()
    with CaptureQueriesContext(connection) as asked:
        told = administrator_client.get("/audit/").content.decode()
    assert len(asked) <= 12
    assert told.count('<tr><th scope="row" class="nowrap">') == 50
    older = Entry.objects.order_by("-id")[49].pk
    assert f"before={older}" in told


def test_the_public_is_told_what_is_public_and_nothing_else(changed: Entry) -> None:
    def write(action: str, kind: str = "plan.element", reason: str = "between us") -> None:
        Entry.objects.create(
            at=changed.at, actor_name="Ola", action=action, object_type=kind, object_id=GOAL, reason=reason,
            object_label={"nb": f"{action} {kind}"},
        )  # fmt: skip

    write("goal.override", reason="said openly")
    for action in ("plan.change_text", "plan.undo", "accounts.set_role", "notes.write"):
        write(action)
    write("measure.report", kind="notes.note")
    write("measure.report")
    public = history_of("plan.element", GOAL)[:2]
    assert [one.reason for one in public] == ["", "said openly"]
    assert "between us" not in {one.reason for one in history_of("plan.element", GOAL)}
    assert history_of("notes.note", GOAL) == []
    assert [one.reason for one in history_of("plan.element", GOAL, drafts=True)[:4]] == [
        *["between us"] * 3,
        "said openly",
    ]
    told = [str(one.title) for one in recent_changes(10)]
    assert told[0] == "measure.report plan.element"
    assert not any("notes." in title or "accounts." in title or "plan.change_text" in title for title in told)
    assert "between us" not in {one.reason for one in recent_changes(10)}


def test_an_entry_is_stamped_whoever_writes_it(content: Any) -> None:
    change(Actor.system("test"), Measure.objects.first(), title={"nb": "Et annet navn"})
    one = Entry.objects.latest("id")
    assert one.stamp is not None
    assert one.stamp.startswith(f"{next(iter(known_keys()))}.")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/goals/rup-2027.s1.g1/", "plan.element"),
        ("/plan/element/rup-2027.s1.g1/", "plan.element"),
        ("/measures/{measure}/", "measures.measure"),
    ],
)
def test_the_history_of_a_thing_leads_to_the_log(
    changed: Entry, editor_client: Any, administrator_client: Any, address: str, kind: str
) -> None:
    address = address.format(measure=changed.object_id)
    name = changed.object_id if "measures" in address else GOAL
    link = f'href="/audit/?kind={kind}&amp;object={name}"'
    assert link in administrator_client.get(address).content.decode()
    assert "/audit/" not in editor_client.get(address).content.decode()
    assert administrator_client.get(f"/audit/?kind={kind}&object={name}").status_code == 200
