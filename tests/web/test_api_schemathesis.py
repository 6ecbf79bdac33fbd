"""The description is true: whatever it allows is answered as it says, and nothing makes the interface fail."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framsyn.web.actions import Actor
from framsyn.web.api.auth import BUCKETS
from framsyn.web.api.document import described, examples
from framsyn.web.api.tokens import make_token
from framsyn.web.plan.models import Plan
from framsyn.web.plan.versions import open_version

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed (make setup-dev)")

from schemathesis import checks  # noqa: E402
from schemathesis.specs.openapi import checks as described_checks  # noqa: E402

pytestmark = pytest.mark.django_db
EXAMPLES = int(
    os.environ.get("FRAMSYN_API_EXAMPLES", "4")
)  # of each operation and caller; 200 for a thorough look
CHECKS = [
    checks.not_a_server_error,
    described_checks.status_code_conformance,
    described_checks.content_type_conformance,
    described_checks.response_schema_conformance,
    described_checks.response_headers_conformance,
]
NAMES = [
    operation["operationId"] for methods in described()["paths"].values() for operation in methods.values()
]


@pytest.fixture(scope="module")
def callers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, dict[str, str]]]:
    """Give the headers of nobody and of an administrator, on a site with a draft; all is rolled back after the module."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from framsyn.web.accounts.models import Membership

    with django_db_blocker.unblock(), transaction.atomic():
        user = get_user_model().objects.create_user("schemathesis")
        Membership.objects.create(user=user, role="administrator", valid_from=timezone.localdate())
        open_version(Actor.system("tests"), Plan.objects.get(pk="rup-2027"))
        _token, words = make_token(Actor(user, "Test"), "test", scope="write")
        yield {"nobody": {}, "administrator": {"Authorization": f"Bearer {words}"}}
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Return the operations as schemathesis reads them from the description."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(described())
    schema.app = get_wsgi_application()
    read = (result.ok() for result in schema.get_all_operations())
    return {operation.definition.raw["operationId"]: operation for operation in read}


def test_schemathesis_reads_every_operation(found: dict[str, Any]) -> None:
    assert set(found) == set(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_whatever_is_allowed_is_answered_as_described(
    name: str, found: dict[str, Any], callers: dict[str, dict[str, str]]
) -> None:
    operation = found[name]
    known = examples()[name].get("path", {})

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), there=st.booleans())
    def hold(case: Any, there: bool) -> None:
        if there and known:  # a thing that is there; else an address that mostly leads nowhere
            case.path_parameters = {**(case.path_parameters or {}), **known}
        for headers in callers.values():
            BUCKETS.forget()
            with transaction.atomic():
                answer = case.call(headers={**headers, "Accept-Encoding": "identity"})
                transaction.set_rollback(True)
            case.validate_response(answer, checks=CHECKS)

    hold()
