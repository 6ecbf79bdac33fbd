"""Whatever somebody does to the log with all rights in the database is found, with its place, in either database."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sites import Site

# Sixty entries in three chains: of each organisation the place k has the number 3k - 2, 3k - 1 or 3k.
FILL = """
import datetime
from framsyn.web.accounts.models import Organisation
from framsyn.web.audit import sealing
from framsyn.web.audit.models import Entry, Seal
yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
for name in ("north", "south"):
    Organisation.objects.create(id=name, kind="unit", name={"nb": name}, short={})
for number in range(1, 61):
    Entry.objects.create(
        at=yesterday + datetime.timedelta(seconds=number), actor_name="Kari", action="plan.move",
        organisation_id=(None, "north", "south")[number % 3], object_type="plan.element", object_id=f"e{number}",
        object_label={"nb": "Mål"}, before={"position": 1}, after={"position": 2.5}, reason="Better so",
    )
    if number % 7 == 0:
        sealing.seal()
sealing.seal()
"""
TRY = """
import pathlib, sys
from django.db import connection, transaction
from framsyn.web.audit import guards, heads, sealing, verifying
from framsyn.web.audit.keys import known_keys
from framsyn.web.audit.models import Entry, Seal
kept = heads.read(heads.path_of())
before = heads.path_of().read_bytes()
found = {}
for name, steps in json.loads(pathlib.Path(sys.argv[1]).read_text()).items():
    with transaction.atomic(), connection.cursor() as cursor:
        guards.drop(cursor, connection.vendor)
        for step in steps:
            if step == "seal":
                sealing.seal(everything=True)
            elif step == "entries":
                for number in range(9):
                    Entry.objects.create(
                        at="2027-01-01T00:00:00Z", actor_name="Ola", action="x", organisation_id="north",
                        object_type="x", object_id=str(number),
                    )
            else:
                cursor.execute(step)
        report = verifying.verify(known_keys(), kept)
        found[name] = [fault.facts() | {"told": fault.told} for fault in report.faults]
        transaction.set_rollback(True)
    heads.path_of().write_bytes(before)
answer(found)
"""
NEW = (
    "INSERT INTO audit_entry (id, at, actor_name, organisation_id, action, object_type, object_id, object_label, reason, "
    "request_id, stamp) SELECT {id}, at, 'Nobody', organisation_id, action, object_type, object_id, object_label, reason, "
    "request_id, {stamp} FROM audit_entry WHERE id = 13"
)
FORGED = (
    "INSERT INTO audit_seal (entry_id, chain, place, sealed_at, late, form, key, content, fields, previous, hash) "
    "SELECT 99, chain, {place}, sealed_at, late, form, key, content, fields, {previous}, '{hash}' "
    "FROM audit_seal WHERE entry_id = 13"
)
GONE = ("DELETE FROM audit_seal WHERE entry_id = 13", "DELETE FROM audit_entry WHERE id = 13")
DOWN = "UPDATE audit_seal SET place = place + 1000 WHERE chain = 'north' AND place > {place}"
UP = "UPDATE audit_seal SET place = place - {by} WHERE chain = 'north' AND place > 1000"
END = (
    "DELETE FROM audit_seal WHERE chain = 'north' AND place > 15",
    "DELETE FROM audit_entry WHERE organisation_id = 'north' AND id > 43",
)
STAMP = "'00000000.000000000000.00000000000000000000000000000000'"

# name: what is done, and what is found of it: kind, first and last place, entry, fields
CASES: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "nothing": ((), []),
    "a reason is changed": (
        ("UPDATE audit_entry SET reason = 'Worse so' WHERE id = 13",),
        [("changed", 5, None, 13, ["reason"])],
    ),
    "what was is changed": (
        ("""UPDATE audit_entry SET before = '{"position": 2}' WHERE id = 13""",),
        [("changed", 5, None, 13, ["before"])],
    ),
    "time and person are changed": (
        ("UPDATE audit_entry SET at = '2026-01-01 00:00:00+00:00', actor_name = 'Per' WHERE id = 13",),
        [("changed", 5, None, 13, ["at", "actor_name"])],
    ),
    "an entry goes to another organisation": (
        ("UPDATE audit_entry SET organisation_id = 'south' WHERE id = 13",),
        [("changed", 5, None, 13, ["organisation_id"])],
    ),
    "a stamp is changed": (
        (f"UPDATE audit_entry SET stamp = {STAMP} WHERE id = 13",),
        [("changed", 5, None, 13, ["stamp"])],
    ),
    "the first is changed": (
        ("UPDATE audit_entry SET action = 'plan.merge' WHERE id = 1",),
        [("changed", 1, None, 1, ["action"])],
    ),
    "the last is changed": (
        ("UPDATE audit_entry SET action = 'plan.merge' WHERE id = 58",),
        [("changed", 20, None, 58, ["action"])],
    ),
    "an entry is removed": ((GONE[1],), [("removed", 5, None, 13, [])]),
    "entry and seal are removed": (GONE, [("removed", 5, 5, None, [])]),
    "entry and seal are removed and the rest moves up": (
        (*GONE, DOWN.format(place=5), UP.format(by=1001)),
        [("removed", 5, 5, None, [])],
    ),
    "the first is removed and the rest moves up": (
        (
            "DELETE FROM audit_seal WHERE entry_id = 1",
            "DELETE FROM audit_entry WHERE id = 1",
            DOWN.format(place=1),
            UP.format(by=1001),
        ),
        [("removed", 1, 1, None, [])],
    ),
    "a seal is removed": (
        (GONE[0],),
        [("removed", 5, 5, None, []), ("seal-removed", None, None, 13, [])],
    ),
    "an entry is put in": ((NEW.format(id=99, stamp="NULL"),), [("inserted", None, None, 99, [])]),
    "an entry with a stamp made up is put in": (
        (NEW.format(id=99, stamp=STAMP),),
        [("unknown-key", None, None, 99, [])],
    ),
    "an entry is put in and the site seals it": (
        (NEW.format(id=99, stamp="NULL"), "seal"),
        [("inserted", 21, None, 99, [])],
    ),
    "an entry is put in with a seal made up": (
        (NEW.format(id=99, stamp="NULL"), FORGED.format(place=21, previous="hash", hash="ab" * 32)),
        [("inserted", 21, None, 99, [])],
    ),
    "an entry is put in between with a seal made up": (
        (
            NEW.format(id=99, stamp="NULL"),
            DOWN.format(place=5),
            UP.format(by=999),
            FORGED.format(place=6, previous="hash", hash="ab" * 32),
        ),
        [("inserted", 6, None, 99, []), ("order", 7, 21, None, [])],
    ),
    "two change places": (
        (
            "UPDATE audit_seal SET place = 1000 WHERE entry_id = 13",
            "UPDATE audit_seal SET place = 5 WHERE entry_id = 16",
            "UPDATE audit_seal SET place = 6 WHERE entry_id = 13",
        ),
        [("order", 5, None, 16, []), ("order", 6, None, 13, [])],
    ),
    "the end is cut off": (END, [("truncated", 16, 20, None, [])]),
    "the end is cut off and the log goes on": ((*END, "entries", "seal"), [("rewritten", 17, None, 62, [])]),
    "the seals at the end are removed and made again": (
        (END[0], "seal"),
        [("rewritten", 17, None, 49, [])],
    ),
    "a whole chain is removed": (
        (
            "DELETE FROM audit_seal WHERE chain = 'north'",
            "DELETE FROM audit_entry WHERE organisation_id = 'north'",
        ),
        [("truncated", 1, 20, None, [])],
    ),
    "a seal is changed": (
        ("UPDATE audit_seal SET sealed_at = '2026-01-01 00:00:00+00:00' WHERE entry_id = 13",),
        [("seal-changed", 5, None, 13, [])],
    ),
    "a hash is changed": (
        (f"UPDATE audit_seal SET hash = '{'cd' * 32}' WHERE entry_id = 13",),
        [("seal-changed", 5, None, 13, [])],
    ),
    "an entry is said to be older than the seals": (
        ("UPDATE audit_seal SET late = NOT late WHERE entry_id = 13",),
        [("seal-changed", 5, None, 13, [])],
    ),
    "a key is changed": (
        ("UPDATE audit_seal SET key = 'ffffffff' WHERE entry_id = 13",),
        [("unknown-key", 5, None, 13, [])],
    ),
    "an entry and its seal are changed": (
        (
            "UPDATE audit_entry SET reason = 'Worse so' WHERE id = 13",
            f"UPDATE audit_seal SET content = '{'cd' * 32}' WHERE entry_id = 13",
        ),
        [("seal-changed", 5, None, 13, []), ("changed", 5, None, 13, [])],
    ),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Site:
    """Return a site of either database with a sealed log."""
    url = ""
    if request.param == "postgresql":
        pytest.importorskip("psycopg", reason="the extra postgres is not installed")
        url = request.getfixturevalue("cluster").database()
    site = Site(
        tmp_path_factory.mktemp(request.param) / "data", environment, url=url, FRAMSYN_AUDIT_SEALING="0"
    )
    site.run(FILL)
    return site


@pytest.fixture(scope="module")
def found(filled: Site) -> dict[str, list[dict[str, Any]]]:
    """Return what is found after each thing that is done to the log; each is taken back."""
    file = filled.folder.parent / "cases.json"
    file.write_text(json.dumps({name: steps for name, (steps, _) in CASES.items()}), encoding="utf-8")
    return filled.run(TRY.replace("sys.argv[1]", repr(str(file))))


@pytest.mark.parametrize("name", CASES)
def test_tampering_is_found_with_its_place(found: dict[str, list[dict[str, Any]]], name: str) -> None:
    told = [
        (fault["kind"], *(fault.get(part) for part in ("place", "last", "entry")), fault.get("fields", []))
        for fault in found[name]
    ]
    assert told == CASES[name][1]
    assert {fault["chain"] for fault in found[name]} <= {"north"}
    for fault in found[name]:
        if "entry" in fault and fault["kind"] in ("changed", "inserted", "seal-changed"):
            assert "Kari" in fault["told"] or "Nobody" in fault["told"] or "Per" in fault["told"]
            assert "plan.element e13" in fault["told"] or fault["entry"] in (1, 58)


# ---------------------------------------------------------------- as an intruder would, past the program
@contextlib.contextmanager
def database(site: Site) -> Any:
    """Give a connection of the database's owner to the database of a site."""
    if "DATABASE_URL" in site.environment:
        import psycopg

        with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
            yield connection
        return
    with contextlib.closing(
        sqlite3.connect(site.folder / "plan.sqlite3", isolation_level=None)
    ) as connection:
        yield connection


BOTH = (
    "UPDATE audit_entry SET reason = 'Worse so' WHERE id = 13",
    "DELETE FROM audit_entry WHERE id = 13",
    "UPDATE audit_seal SET place = 99 WHERE entry_id = 13",
    "DELETE FROM audit_seal WHERE entry_id = 13",
)
REFUSED = {
    "postgresql": (*BOTH, "TRUNCATE audit_seal", "TRUNCATE audit_entry CASCADE"),
    "sqlite": (
        *BOTH,
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 13",
        "INSERT OR REPLACE INTO audit_seal SELECT * FROM audit_seal WHERE entry_id = 13",
    ),
}


def test_the_database_itself_refuses(filled: Site) -> None:
    kind = "postgresql" if "DATABASE_URL" in filled.environment else "sqlite"
    for statement in REFUSED[kind]:
        with database(filled) as connection, pytest.raises(Exception, match="the audit log only grows"):
            connection.execute(statement)


def test_the_command_tells_it_and_ends_with_1(filled: Site) -> None:
    whole = filled.call("audit", "verify", "--json")
    assert whole.returncode == 0, whole.stderr
    said = json.loads(whole.stdout)
    assert said["whole"] is True
    assert said["entries"] == 60
    assert said["heads_that_agree"] > 3
    assert {head["chain"]: head["place"] for head in said["heads"]} == {"": 20, "north": 20, "south": 20}
    heads = filled.folder.parent / "board.json"
    shown = filled.call("audit", "head", "--out", str(heads))
    assert shown.stdout.splitlines()[1].split()[:2] == ["north", "20"]
    postgres = "DATABASE_URL" in filled.environment
    drop = "DROP TRIGGER {0} ON {1}" if postgres else "DROP TRIGGER {0}"
    with database(filled) as connection:
        for table in ("audit_seal", "audit_entry"):
            connection.execute(drop.format(f"{table}_no_delete", table))
            connection.execute(drop.format(f"{table}_no_update", table))
        for step in END:
            connection.execute(step)
        connection.execute("UPDATE audit_entry SET actor_name = 'Per' WHERE id = 5")
    (
        filled.folder / "audit-heads.jsonl"
    ).unlink()  # the intruder has the data folder as well, but not the board's papers
    broken = filled.call("audit", "verify")
    assert broken.returncode == 1
    assert "changed: chain south, place 2, entry 5 (" in broken.stdout
    assert "actor_name" in broken.stdout
    assert "no heads are kept elsewhere" in broken.stdout
    assert "truncated" not in broken.stdout
    known = filled.call("audit", "verify", "--heads", str(heads))
    assert known.returncode == 1
    assert "truncated: chain north, places 16–20" in known.stdout
    said = json.loads(filled.call("audit", "verify", "--heads", str(heads), "--json").stdout)
    assert (said["whole"], said["count"]) == (False, {"changed": 1, "truncated": 1})


def test_a_log_of_another_key_needs_that_key(tmp_path: Path, environment: dict[str, str]) -> None:
    site = Site(tmp_path / "data", environment, FRAMSYN_AUDIT_SEALING="0", FRAMSYN_SECRET_KEY="the first key")
    site.run(FILL)
    site.environment["FRAMSYN_SECRET_KEY"] = "the second key"
    told = site.call("audit", "verify")
    assert told.returncode == 1
    assert told.stdout.count("unknown-key") == 3  # once for each chain
    (site.folder / "earlier-keys").write_text("the first key\n", encoding="utf-8")
    assert site.call("audit", "verify").returncode == 0
    site.run(FILL.replace("Organisation.objects.create", "dict").replace("range(1, 61)", "range(61, 70)"))
    told = site.call("audit", "verify", "--json")
    assert told.returncode == 0, told.stdout
    assert json.loads(told.stdout)["entries"] == 69
