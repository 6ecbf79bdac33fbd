"""What an entry says has the same canonical text before it is written and after it is read back, in either database."""

from __future__ import annotations

import datetime
import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("django", reason="the extra web is not installed")

from django.core.serializers.json import DjangoJSONEncoder

from framsyn.web.audit.canonical import FIELDS, canonical_json, facts_of
from framsyn.web.audit.keys import key_of, known_keys
from framsyn.web.audit.models import Entry
from framsyn.web.audit.stamps import changed_fields, contents_of, stamp_holds

# PostgreSQL keeps no zero character and no half of a surrogate pair; both refuse such an entry as a whole.
words = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
numbers = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1.0, 1e22, 1e300, 5e-324, 0.1 + 0.2, 2**53, 2.0**53, 123456789012345.678]),
)
dates = st.one_of(
    st.dates(),
    st.datetimes(timezones=st.just(datetime.UTC)),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.uuids(),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)
states = st.one_of(st.none(), st.dictionaries(words, st.one_of(values, dates), max_size=5))
entries = st.fixed_dictionaries(
    {
        "at": st.datetimes(
            datetime.datetime(1990, 1, 1),
            datetime.datetime(2200, 1, 1),
            timezones=st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=2))]),
        ),
        "actor_name": words,
        "action": words,
        "object_type": words,
        "object_id": words,
        "object_label": st.one_of(words, st.dictionaries(words, words, max_size=3)),
        "before": states,
        "after": states,
        "reason": words,
        "request_id": words,
    }
)


@pytest.mark.django_db
@given(said=entries)
def test_an_entry_read_back_has_the_stamp_it_was_written_with(said: dict[str, Any]) -> None:
    written = Entry.objects.create(**said)
    read = Entry.objects.get(pk=written.pk)
    assert facts_of(read) == facts_of(written)
    assert stamp_holds(read.stamp, facts_of(read), known_keys())
    key = key_of("a key")
    assert contents_of(read, facts_of(read), key) == contents_of(written, facts_of(written), key)


@pytest.fixture(scope="module")
def jsonb(cluster: Any) -> Any:
    """Return a function that writes a text of JSON into PostgreSQL and gives what comes back."""
    import psycopg
    from psycopg.types.json import set_json_loads

    with psycopg.connect(cluster.database(), autocommit=True) as there:
        set_json_loads(lambda text: text, there)

        def back(text: str) -> str:
            found = there.execute("SELECT %s::jsonb", [text]).fetchone()[0]
            return found.decode() if isinstance(found, bytes) else found

        yield back


@given(value=states)
def test_postgresql_gives_back_what_has_the_same_text(jsonb: Any, value: Any) -> None:
    text = json.dumps(value, cls=DjangoJSONEncoder)
    expected = canonical_json(value)
    assert canonical_json(json.loads(jsonb(text))) == expected
    assert canonical_json(json.loads(text)) == expected  # as SQLite keeps it
    assert expected.isascii()
    assert "\n" not in expected


@given(
    said=entries,
    name=st.sampled_from(sorted(set(FIELDS) - {"actor_id", "organisation_id", "at"})),
    other=words,
)
def test_another_text_has_another_content_and_the_field_is_told(
    said: dict[str, Any], name: str, other: str
) -> None:
    key = key_of("a key")
    entry = SimpleNamespace(pk=1, stamp="x", actor_id=1, organisation_id=None, **said)
    changed = SimpleNamespace(**{**vars(entry), name: other})
    if canonical_json(said[name]) == canonical_json(other):
        changed = SimpleNamespace(**{**vars(entry), name: other + "!"})
    (content, fields), (content_then, fields_then) = (
        contents_of(one, facts_of(one), key) for one in (entry, changed)
    )
    assert content != content_then
    assert changed_fields(fields, fields_then) == [name]
