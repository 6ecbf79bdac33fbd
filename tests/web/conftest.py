"""What the tests of the site share: a database with the demo content, people of every role, a site without content.

The settings are ``tests/support/site_settings.py`` (named in pyproject.toml): the shipped ones with a data folder of this
run's own. ``DATABASE_URL`` chooses PostgreSQL; without it the tests run on SQLite in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, root: Any) -> None:
    """Load the demo content once, before the first test that asks for the database; each test is rolled back."""
    from framsyn.web.actions import Actor
    from framsyn.web.operations.load import load_content

    with django_db_blocker.unblock():
        load_content(Actor.system("tests"), root / "src/framsyn/regions/midt-norge/plan")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Let messages of actions be English, as the code words them; pages choose their own language."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def content(db: None) -> Any:
    """Return the demo content as its files say it; the database holds it."""
    from framsyn.web.operations.demo import content_folder
    from framsyn.web.plan.content import read_content

    return read_content(content_folder())


@pytest.fixture
def empty(db: None) -> None:
    """Empty the site for this test: what a new user sees before anything is loaded."""
    from django.apps import apps

    from framsyn.web.audit import guards as guards_of_the_log
    from framsyn.web.plan import guards
    from framsyn.web.scenarios import guards as guards_of_scenarios

    all_guards = (guards, guards_of_the_log, guards_of_scenarios)
    with connection.cursor() as cursor:
        for one in all_guards:
            one.drop(cursor, connection.vendor)
        connection.check_constraints()
        for model in reversed(apps.get_models(include_auto_created=True)):
            if model._meta.app_label not in ("contenttypes", "auth"):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
        connection.check_constraints()
        for one in all_guards:
            one.create(cursor, connection.vendor)


@pytest.fixture(scope="session", autouse=True)
def keep_the_connection() -> Iterator[None]:
    """Keep the connection while a test's transaction is open: whoever closes an answer tells Django that a request is over,
    which then drops a connection that does not commit by itself, and all that the test has written with it."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    real = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close_unless_in_a_transaction(self: BaseDatabaseWrapper) -> None:
        if not self.in_atomic_block:
            real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", close_unless_in_a_transaction)
        yield


# ---------------------------------------------------------------- databases of their own
@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Give a PostgreSQL of this run's own: ``cluster.database()`` is the DATABASE_URL of a new, empty database."""
    import postgres_cluster

    if postgres_cluster.missing():
        pytest.skip(postgres_cluster.missing())
    with postgres_cluster.started() as running:
        yield running


# ---------------------------------------------------------------- people
@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Return a function that makes a person with a role, everywhere or in one organisation."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from framsyn.web.accounts.models import Membership

    def make(role: str, organisation: Any = None, name: str = "") -> Any:
        user = get_user_model().objects.create_user(
            name or f"test-{role}", password="a long password", first_name="Test", last_name=role.capitalize()
        )
        Membership.objects.create(
            user=user, organisation=organisation, role=role, valid_from=timezone.localdate()
        )
        return user

    return make


@pytest.fixture
def reader(person: Callable[..., Any]) -> Any:
    """Return a person who may read."""
    return person("reader")


@pytest.fixture
def editor(person: Callable[..., Any]) -> Any:
    """Return a person who may edit everywhere."""
    return person("editor")


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    """Return a person who may everything everywhere."""
    return person("administrator")


@pytest.fixture
def acting() -> Callable[[Any], Any]:
    """Return a function that gives the actor of a person."""
    from framsyn.web.actions import Actor

    def make(user: Any) -> Any:
        return Actor(user=user, name=user.get_full_name())

    return make


def _logged_in(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reader_client(reader: Any) -> Any:
    """Return a browser where a reader is logged in."""
    return _logged_in(reader)


@pytest.fixture
def editor_client(editor: Any) -> Any:
    """Return a browser where an editor is logged in."""
    return _logged_in(editor)


@pytest.fixture
def administrator_client(administrator: Any) -> Any:
    """Return a browser where an administrator is logged in."""
    return _logged_in(administrator)
