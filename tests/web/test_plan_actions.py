"""Editing a draft through the actions: who may, what is refused, what is told to two who edit the same."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from framsyn.errors import PlanError
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.plan import actions, versions
from framsyn.web.plan.canonical import canonical_bytes, digest_of, tree_of
from framsyn.web.plan.compare import compare_versions
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Element, Link, Node, Plan, Version, Wording
from framsyn.web.plan.structure import Place, Tree

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
GOAL, PARAGRAPH = "rup-2027.s1.g1", "rup-2027.intro.p1"


@pytest.fixture
def draft():
    return versions.open_version(SYSTEM, Plan.objects.get(pk="rup-2027"))


def words(draft, element):
    return Wording.objects.get(pk=tree_of(draft)[element].wording)


def test_a_new_version_begins_as_the_one_before(draft):
    assert tree_of(draft) == tree_of(draft.based_on)
    assert compare_versions(draft.based_on, draft).total == 0


def test_a_second_draft_is_refused_and_the_way_out_is_told(draft):
    with pytest.raises(PlanError, match="discard it first") as refused:
        versions.open_version(SYSTEM, draft.plan)
    assert refused.value.code == "draft-exists"


def test_a_frozen_version_is_refused_and_the_way_out_is_told():
    version = Version.objects.get(plan="rup-2027", number=1)
    with pytest.raises(PlanError, match="Open a new version") as refused:
        actions.change_text(SYSTEM, version, 0, GOAL, title={"en": "Other"}, text={})
    assert refused.value.code == "frozen"


def test_readers_may_not_edit_and_editors_may_not_publish(draft, reader, editor, acting):
    with pytest.raises(NotAllowed):
        actions.remove(acting(reader), draft, 0, GOAL)
    actions.remove(acting(editor), draft, 0, GOAL)
    with pytest.raises(NotAllowed):
        versions.publish(acting(editor), draft, 1, date=datetime.date(2026, 1, 1), state="consultation")


def test_the_same_text_by_two_people_is_told_with_both_and_others_are_no_obstacle(
    draft, editor, person, acting
):
    other = person("editor", name="other")
    actions.change_text(acting(editor), draft, 0, PARAGRAPH, title={"nb": "Først"}, text={"nb": "Min"})
    with pytest.raises(PlanError, match="nothing of yours is lost") as refused:
        actions.change_text(acting(other), draft, 0, PARAGRAPH, title={"nb": "Så"}, text={})
    assert refused.value.code == "stale"
    assert refused.value.data["theirs"] == {"title": {"nb": "Først"}, "text": {"nb": "Min"}}
    assert words(draft, PARAGRAPH).title == {"nb": "Først"}
    actions.change_text(acting(other), draft, 0, GOAL, title={"nb": "Et annet sted"}, text={})
    assert words(draft, GOAL).title == {"nb": "Et annet sted"}


def test_undo_of_what_somebody_else_did_meanwhile_is_refused(draft):
    actions.remove(SYSTEM, draft, 0, GOAL)
    with pytest.raises(PlanError) as refused:
        actions.undo(SYSTEM, draft, 0)
    assert refused.value.code == "stale"


def test_a_new_edit_ends_redo(draft):
    actions.remove(SYSTEM, draft, 0, GOAL)
    actions.undo(SYSTEM, draft, 1)
    actions.remove(SYSTEM, draft, last_edit(draft), PARAGRAPH)
    with pytest.raises(PlanError) as refused:
        actions.redo(SYSTEM, draft, last_edit(draft))
    assert refused.value.code == "nothing-to-redo"


def test_merged_keeps_its_id_its_links_and_what_stood_under_it(draft):
    before = set(Link.objects.filter(source="rup-2027.s1.g1").values_list("target", "kind"))
    below = tree_of(draft).children("rup-2027.s1")
    actions.merge(SYSTEM, draft, 0, "rup-2027.s1", "rup-2027.s2")
    tree = tree_of(draft)
    assert tree.leads_to("rup-2027.s1") == "rup-2027.s2"
    assert {tree[name].parent for name in below} == {"rup-2027.s2"}
    assert set(Link.objects.filter(source="rup-2027.s1.g1").values_list("target", "kind")) == before != set()


@pytest.mark.parametrize(
    ("act", "arguments", "code"),
    [
        (actions.merge, (GOAL, PARAGRAPH), "wrong-kind"),
        (actions.merge, ("rup-2027.s1", "nix"), "not-here"),
        (actions.remove, ("nix",), "not-here"),
    ],
)
def test_what_makes_no_sense_is_refused(draft, act, arguments, code):
    before = canonical_bytes(draft)
    with pytest.raises(PlanError) as refused:
        act(SYSTEM, draft, 0, *arguments)
    assert refused.value.code == code
    assert canonical_bytes(draft) == before


def test_headings_stand_under_headings(draft):
    with pytest.raises(PlanError) as refused:
        actions.move(SYSTEM, draft, 0, "rup-2027.s1", parent=PARAGRAPH)
    assert refused.value.code == "wrong-level"


def test_an_element_of_another_plan_stands_here_under_its_own_name(draft):
    actions.add_element(SYSTEM, draft, 0, element="strategi-2030.g1", parent=None)
    place = tree_of(draft)["strategi-2030.g1"]
    origin = Version.objects.get(plan="strategi-2030")
    assert place.wording == tree_of(origin)["strategi-2030.g1"].wording
    assert Element.objects.get(pk="strategi-2030.g1").origin_id == "strategi-2030"
    with pytest.raises(PlanError) as refused:
        actions.change_text(SYSTEM, draft, 1, "strategi-2030.g1", title={"en": "Other"}, text={})
    assert refused.value.code == "not-own"


def test_restoring_a_version_whose_parent_was_merged_away_keeps_what_came_later():
    earlier = Tree().added("a", 1).added("b", 2).merged("a", "b")
    now = Tree().added("a", 1).added("b", 2).added("new", 3, parent="a")
    tree = now.as_in(earlier)
    assert tree.faults() == []
    assert tree["new"] == Place("b", 0, 3, state="removed")


def test_publishing_needs_a_decision_and_freezes(draft, administrator, acting):
    day = datetime.date(2026, 1, 1)
    actor = acting(administrator)
    with pytest.raises(PlanError) as refused:
        versions.publish(actor, draft, 0, date=day)
    assert refused.value.code == "no-decision"
    facts = versions.DecisionFacts(title={"nb": "Vedtak"}, date=day, case_number="7/26")
    done = versions.publish(actor, draft, 0, date=day, decision=facts)
    assert (done.state, done.digest, done.decision.case_number) == ("published", digest_of(done), "7/26")
    entry = Entry.objects.filter(action="plan.publish").latest("id")
    assert entry.after["digest"] == done.digest


def test_a_discarded_draft_leaves_elements_and_the_log(draft):
    edit = actions.add_element(SYSTEM, draft, 0, kind="goal", title={"en": "New"}, parent="rup-2027.s1")
    versions.discard_version(SYSTEM, draft, 1)
    assert not Version.objects.filter(plan="rup-2027", state="draft").exists()
    assert Element.objects.filter(pk=edit.element_id).exists()
    assert Entry.objects.filter(object_id=edit.element_id, action="plan.add_element").exists()


NODE = (
    "(SELECT MIN(n.id) FROM plan_node n JOIN plan_version v ON v.id = n.version_id WHERE v.state <> 'draft')"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE plan_node SET position = 77 WHERE id = {NODE}",
        f"DELETE FROM plan_node WHERE id = {NODE}",
        "UPDATE plan_version SET state = 'draft' WHERE state <> 'draft'",
        "UPDATE plan_version SET digest = 'forged' WHERE state = 'consultation'",
        "DELETE FROM plan_version WHERE state = 'published'",
        "UPDATE plan_wording SET text = '{}'",
        "DELETE FROM plan_wording",
        "UPDATE plan_element SET kind = 'goal' WHERE kind <> 'goal'",
        "DELETE FROM plan_element",
    ],
)
def test_the_database_itself_refuses(content, statement):
    with pytest.raises(DatabaseError, match="cannot change|written once|for ever"), transaction.atomic():
        connection.cursor().execute(statement)


def test_nothing_is_slipped_into_a_frozen_version(draft):
    node = draft.nodes.first()
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        Node.objects.filter(pk=node.pk).update(version=draft.based_on)
    added = actions.add_element(SYSTEM, draft, 0, kind="goal", title={"en": "New"})
    node = draft.nodes.get(element=added.element_id)
    node.pk, node.version = None, draft.based_on
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        node.save(force_insert=True)


def test_comparison_says_what_happened(draft):
    steps = (
        (actions.change_text, (PARAGRAPH,), {"title": {"nb": "Helse Midt-Norge"}, "text": {"nb": "Kort."}}),
        (actions.merge, ("rup-2027.intro.p2", PARAGRAPH), {}),
        (actions.remove, ("rup-2027.d7",), {}),
        (actions.move, (GOAL,), {"parent": "rup-2027.s1", "position": 0}),
        (actions.add_element, (), {"kind": "goal", "title": {"nb": "Nytt"}, "parent": "rup-2027.s1"}),
        (actions.split, ("rup-2027.d1",), {"first": ({"nb": "En"}, {}), "second": ({"nb": "To"}, {})}),
    )
    for act, arguments, more in steps:
        act(SYSTEM, draft, last_edit(draft), *arguments, **more)
    found = compare_versions(draft.based_on, draft)
    assert [one.element_id for one in found.merged] == ["rup-2027.intro.p2"]
    assert [one.element_id for one in found.removed] == ["rup-2027.d7"]
    assert [one.element_id for one in found.moved] == [GOAL]
    assert [one.heading["nb"] for one in found.added] == ["Nytt"]
    assert [(one.element_id, one.source) for one in found.split] == [("rup-2027.d1-2", "rup-2027.d1")]
    assert {one.element_id for one in found.changed} == {PARAGRAPH, "rup-2027.d1"}
