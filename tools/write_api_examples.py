"""Writes an example of every operation of the programming interface, made from the demo that a data folder holds.

    FRAMSYN_DATA=framsyn-demo python tools/write_api_examples.py

Each operation is called once as an administrator with a token; all that they change is rolled back. The reference page and
the description (OpenAPI) show what came back: long lists and texts in three languages are shortened.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "src/framsyn/web/api/examples.json"
HOST = "https://plan.example.org"
SOON = (datetime.date.today() + datetime.timedelta(days=200)).isoformat()
WORDS = {"nb": "Døgnåpent mottak", "nn": "Døgnope mottak", "en": "Open day and night"}
DECISION = {
    "title": {"nb": "Vedtak i styret", "en": "Decision of the board"},
    "date": "2026-11-01",
    "body": {"nb": "Styret", "en": "The board"},
    "case_number": "99/2026",
}
DRAFT = {"plan_id": "rup-2027", "number": 2}
GOAL = "rup-2027.s1.g1"
PARAGRAPH = "rup-2027.d1"


def calls(found: dict[str, Any]) -> list[tuple[str, dict[str, Any], dict[str, Any] | None]]:
    """Return operation, path and query, and body, in an order in which each can be done."""
    measure = {"measure_id": "home-hospital"}
    indicator = {"indicator_id": found["indicator"]}
    element = {**DRAFT, "element_id": PARAGRAPH}
    terms = {
        "place": "hmn",
        "type": "reach_at_most",
        "standing": "proposed",
        "indicator": "bed-days-somatic-per-1000",
        "baseline": 683.5,
        "baseline_date": "2024-12-31",
        "target": 640,
        "deadline": "2030-12-31",
        "decided_by": {"en": "The board"},
        "reason": "Follows the consultation.",
    }
    figure = {
        "place": "hmn",
        "period_start": "1999-01-01",
        "period_end": "1999-12-31",
        "value": 12,
        "source": "Own count",
        "licence": "CC-BY-4.0",
    }
    definition = {
        "id": "example-waiting",
        "name": {"nb": "Ventetid i mottak", "en": "Waiting in the emergency department"},
        "definition": {"en": "Median minutes from arrival to first look by a doctor"},
        "unit": "days",
        "frequency": "month",
        "direction": "down",
        "source": {"en": "The trust's own register"},
        "responsible": "sto",
    }
    risk = {"text": {"en": "Too few nurses apply"}, "probability": 3, "consequence": 4}
    benefit = {"kind": "hours", "year": 2031, "planned": 1200}
    return [
        ("start", {}, None),
        ("plans", {"query": {"limit": 2}}, None),
        ("plan", {"path": {"plan_id": "rup-2027"}}, None),
        ("open_draft", {"path": {"plan_id": "rup-2027"}}, {"label": {"en": "After the consultation"}}),
        ("versions", {"path": {"plan_id": "rup-2027"}}, None),
        ("version", {"path": {"plan_id": "rup-2027", "number": 1}}, None),
        (
            "version_elements",
            {"path": {"plan_id": "rup-2027", "number": 1}, "query": {"kind": "goal", "limit": 2}},
            None,
        ),
        ("version_element", {"path": {"plan_id": "rup-2027", "number": 1, "element_id": PARAGRAPH}}, None),
        ("element", {"path": {"element_id": PARAGRAPH}}, None),
        ("choice", {"path": {"element_id": "notat-beredskap.k1"}}, None),
        (
            "make_plan",
            {},
            {"id": "example-plan", "kind": "sub_strategy", "organisation": "sto", "title": WORDS},
        ),
        ("change_words", {"path": element}, {"title": WORDS, "text": {}, "reason": "Plainer."}),
        ("undo", {"path": DRAFT}, None),
        ("redo", {"path": DRAFT}, None),
        ("add_element", {"path": DRAFT}, {"kind": "paragraph", "text": WORDS, "parent": found["section"]}),
        ("move", {"path": {**DRAFT, "element_id": GOAL}}, {"parent": found["section"], "position": 0}),
        (
            "split",
            {"path": element},
            {"first": {"title": {"en": "First half"}}, "second": {"title": {"en": "Second half"}}},
        ),
        ("merge", {"path": {**DRAFT, "element_id": f"{PARAGRAPH}-2"}}, {"target": PARAGRAPH}),
        (
            "remove",
            {"path": {**DRAFT, "element_id": found["removed"]}, "query": {"reason": "Out of date."}},
            None,
        ),
        ("restore", {"path": DRAFT}, {"element": found["removed"]}),
        ("make_link", {}, {"source": PARAGRAPH, "target": GOAL, "kind": "supports"}),
        ("remove_link", {"path": {"element_id": PARAGRAPH, "link_id": found["link"]}}, None),
        ("publish_draft", {"path": DRAFT}, {"date": "2026-11-20", "state": "consultation"}),
        ("discard", {"path": {"plan_id": "example-plan", "number": 1}}, None),
        ("goals", {"query": {"status": "on_the_way", "limit": 1}}, None),
        ("goal", {"path": {"goal_id": GOAL}}, None),
        ("decide_goal", {"path": {"goal_id": GOAL}}, terms),
        (
            "override_status",
            {"path": {"goal_id": GOAL, "decision_id": found["decision"]}},
            {"status": "at_risk", "reason": "A count is missing.", "expires": SOON},
        ),
        ("end_status", {"path": {"goal_id": GOAL, "override_id": found["override"]}}, None),
        (
            "decide_path",
            {"path": {"element_id": "notat-beredskap.k1"}},
            {
                "options": [{"en": "Carry on"}, {"en": "Build anew"}],
                "chosen": 1,
                "reasons": {"en": "It lasts longer."},
                "decision": DECISION,
            },
        ),
        ("record", {}, {"organisation": "hmn", **DECISION}),
        ("decisions", {"query": {"limit": 1}}, None),
        ("decision", {"path": {"decision_id": found["record"]}}, None),
        ("define_indicator", {}, definition),
        ("indicators", {"query": {"limit": 1}}, None),
        ("indicator", {"path": indicator}, None),
        ("put_in", {"path": indicator}, {"observations": [figure]}),
        ("observations", {"path": indicator, "query": {"place": "hmn", "limit": 2}}, None),
        ("fhir_measure", {"path": indicator}, None),
        ("fhir_report", {"path": indicator}, None),
        (
            "mark",
            {"path": {"indicator_id": "example-waiting"}},
            {"date": "2026-01-01", "text": {"en": "New register"}},
        ),
        (
            "change_indicator",
            {"path": {"indicator_id": "example-waiting"}},
            {"decimals": 1, "reason": "Too coarse."},
        ),
        ("measures", {"query": {"limit": 1}}, None),
        ("measure", {"path": measure}, None),
        ("make_measure", {}, {"title": WORDS, "organisation": "sto", "goals": [GOAL], "phase": "planned"}),
        ("change_measure", {"path": measure}, {"cost": 41.5}),
        ("report_measure", {"path": measure}, {"status": "needs_attention", "text": "Two posts are vacant."}),
        ("reports", {"path": measure}, None),
        (
            "assign_measure",
            {"path": measure},
            {
                "role": "deputy",
                "organisation": "sto",
                "unit": {"en": "Nursing director"},
                "valid_from": "2026-12-01",
            },
        ),
        ("add_task", {"path": measure}, {"title": {"en": "Train ten nurses"}, "due": SOON}),
        (
            "change_task",
            {"path": {**measure, "number": found["task"]}},
            {"title": {"en": "Train twelve nurses"}},
        ),
        ("remove_task", {"path": {**measure, "number": found["task"]}}, None),
        ("add_benefit", {"path": measure}, benefit),
        ("change_benefit", {"path": {**measure, "number": found["benefit"]}}, {**benefit, "realised": 900}),
        ("remove_benefit", {"path": {**measure, "number": found["benefit"]}}, None),
        ("add_risk", {"path": measure}, risk),
        ("change_risk", {"path": {**measure, "number": found["risk"]}}, {**risk, "closed": True}),
        ("runs", {}, None),
        ("run", {"path": {"run_id": found["run"]}}, None),
        (
            "series",
            {"path": {"run_id": found["run"]}, "query": {"quantity": "beds", "place": "region", "part": ""}},
            None,
        ),
        ("scenarios", {"query": {"limit": 1}}, None),
        ("scenario", {"path": {"scenario_id": "demography"}}, None),
        ("save_scenario", {}, {"toml": found["file"], "name": WORDS, "organisation": "hmn"}),
        (
            "lock_scenario",
            {"path": {"scenario_id": found["scenario"]}},
            {"decided_by": {"en": "The board"}, "case_number": "99/2026", "decided_on": "2026-11-20"},
        ),
        ("organisations", {"query": {"limit": 1}}, None),
        ("organisation", {"path": {"organisation_id": "sto"}}, None),
        ("search", {"query": {"q": "beredskap", "kind": "goal", "lang": "nb"}}, None),
        ("changes", {"query": {"limit": 1}}, None),
    ]


def known(user: Any) -> dict[str, Any]:
    """Return ids of what is there, or will be when its turn comes."""
    from django.db.models import Max

    from framsyn.web.goals.models import GoalDecision, Override
    from framsyn.web.measures.models import Benefit, Risk, Task
    from framsyn.web.outlooks.models import Run
    from framsyn.web.plan.models import Decision, Link, Node
    from framsyn.web.scenarios.queries import shipped_scenario

    def coming(model: Any) -> int:
        return (model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1

    run = Run.objects.first()
    if run is None:
        sys.exit(
            "This data folder holds no outlook. Fill one with `framsyn serve --demo`, and name it in FRAMSYN_DATA."
        )
    section = Node.objects.filter(version__plan="rup-2027", element__kind="section").first()
    removed = Node.objects.filter(version__plan="rup-2027", element__kind="goal").order_by("-element").first()
    return {
        "run": run.pk,
        "section": section.element_id,
        "removed": removed.element_id,
        "indicator": "bed-days-somatic-per-1000",
        "decision": coming(GoalDecision),
        "override": coming(Override),
        "record": coming(Decision),
        "task": coming(Task),
        "benefit": coming(Benefit),
        "risk": coming(Risk),
        "link": coming(Link),
        "file": shipped_scenario("demography").to_toml(),
        "scenario": scenario_of(user),
    }


def scenario_of(user: Any) -> str:
    """Return the address of a published scenario."""
    from framsyn.web.actions import Actor
    from framsyn.web.languages import Text
    from framsyn.web.scenarios.actions import publish, save
    from framsyn.web.scenarios.queries import shipped_scenario

    actor = Actor(user, "Example")
    return str(publish(actor, save(actor, shipped_scenario("demography"), name=Text(WORDS))).slug)


def shortened(value: Any, name: str = "") -> Any:
    """Return an answer with no list longer than one item, and a site's address that is nobody's."""
    if isinstance(value, dict):
        return {key: shortened(one, key) for key, one in value.items()}
    if isinstance(value, list):
        most = 1 if value and isinstance(value[0], dict) else 3
        return [shortened(one, name) for one in value[:most]]
    if isinstance(value, str):
        return value.replace("http://testserver", HOST)
    return value


def main() -> None:
    """Call every operation and write what came back."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "framsyn.web.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone

    from framsyn.web.accounts.models import Membership
    from framsyn.web.actions import Actor
    from framsyn.web.api.document import described, operations
    from framsyn.web.api.tokens import make_token

    settings.ALLOWED_HOSTS.append("testserver")
    addresses = {
        operation["operationId"]: (method, path) for method, path, operation in operations(described())
    }
    examples: dict[str, Any] = {}
    with transaction.atomic():
        user = get_user_model().objects.create_user("example-of-the-interface")
        Membership.objects.create(user=user, role="administrator", valid_from=timezone.localdate())
        _token, words = make_token(Actor(user, "Example"), "examples", scope="write")
        client = Client(headers={"authorization": f"Bearer {words}"})
        for name, given, body in calls(known(user)):
            method, path = addresses.pop(name)
            for key, value in given.get("path", {}).items():
                path = path.replace(f"{{{key}}}", str(value))
            more = {} if method == "get" else {"headers": {"If-Match": "*"}}
            if method == "get":
                answer = client.get(f"/api/v1{path}", given.get("query", {}))
            else:
                query = {"QUERY_STRING": "&".join(f"{k}={v}" for k, v in given.get("query", {}).items())}
                answer = getattr(client, method)(
                    f"/api/v1{path}",
                    json.dumps(body) if body else "",
                    content_type="application/json",
                    **more,
                    **query,
                )
            if answer.status_code >= 300:
                sys.exit(f"{method} {path}: {answer.status_code} {answer.content.decode()}")
            example = dict(given)
            if body is not None:
                example["body"] = body
            if answer.content:
                example["answer"] = shortened(answer.json())
            examples[name] = example
        transaction.set_rollback(True)
    if addresses:
        sys.exit(f"no example for: {', '.join(addresses)}")
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in examples.items())
    text = "{\n" + ",\n".join(lines) + "\n}"  # an operation on each line, so that a difference can be read
    text = re.sub(r'"person": "[^"]*"', '"person": null', text)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(examples)} operations, {len(text) // 1024} KB")


if __name__ == "__main__":
    main()
