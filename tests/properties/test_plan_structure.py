"""Structure survives: whatever is done to a plan in whatever order, identities, links and what is published stay.

A machine does random steps on a plan through the actions that the pages call, and after every step checks what must hold.
It runs on the database of the settings: SQLite, or PostgreSQL when DATABASE_URL says so.
"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from framsyn.errors import PlanError

WORDS = st.sampled_from(["beds", "staff", "home", "waits", "need", "people", "care"])
KINDS = st.sampled_from(["chapter", "section", "paragraph", "goal"])
EDITS = 24


class Work(RuleBasedStateMachine):
    """Somebody works on a plan, publishes it, works on, and so forth."""

    def __init__(self):
        from framsyn.web.accounts.models import Organisation
        from framsyn.web.actions import Actor
        from framsyn.web.plan import versions

        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.actor = Actor.system("property test")
        organisation = Organisation.objects.create(
            pk="property-test", kind="unit", name={"en": "Test"}, short={"en": "T"}
        )
        self.draft = versions.create_plan(
            self.actor, "property-test", kind="sub_strategy", organisation=organisation, title={"en": "Plan"}
        )
        self.plan = self.draft.plan
        self.frozen = {}  # version → its bytes when it was frozen
        self.links = set()
        self.wordings = {}
        self.elements = set()
        self.past = []  # bytes before each edit in force
        self.future = []  # bytes after each edit that was undone
        self.count = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    # ------------------------------------------------------------------ helpers
    def bytes(self):
        from framsyn.web.plan.canonical import canonical_bytes

        return canonical_bytes(self.draft)

    def tree(self):
        from framsyn.web.plan.canonical import tree_of

        return tree_of(self.draft)

    def text(self, word):
        self.count += 1
        return {"en": f"{word} {self.count}", "nb": f"{word} {self.count}"}

    def edit(self, act, *args, **kwargs):
        """Do one edit; a refusal changes nothing."""
        from framsyn.web.plan.edits import last_edit

        before = self.bytes()
        try:
            act(self.actor, self.draft, last_edit(self.draft), *args, **kwargs)
        except PlanError as error:
            assert error.code not in ("stale", "frozen")
            assert self.bytes() == before
            return False
        assert self.bytes() != before
        self.past.append(before)
        self.future.clear()
        return True

    def any_of(self, data, hidden=False):
        tree = self.tree()
        names = sorted(name for name, place in tree.items() if (place.state != "shown") == hidden)
        return data.draw(st.sampled_from(names)) if names else None

    # ------------------------------------------------------------------ steps
    @initialize()
    def begin(self):
        from framsyn.web.plan import actions

        for parent in (
            None,
            None,
            "property-test.ch1",
            "property-test.ch1",
            "property-test.ch1.s1",
            "property-test.ch2",
        ):
            kind = "chapter" if parent is None else "section" if parent.endswith("ch1") else "paragraph"
            assert self.edit(actions.add_element, kind=kind, title=self.text(kind), parent=parent)

    @rule(kind=KINDS, word=WORDS, data=st.data(), position=st.none() | st.integers(0, 4))
    def add(self, kind, word, data, position):
        from framsyn.web.plan import actions

        parent = data.draw(st.none() | st.just(self.any_of(data)))
        self.edit(actions.add_element, kind=kind, text=self.text(word), parent=parent, position=position)

    @rule(word=WORDS, data=st.data())
    def change(self, word, data):
        from framsyn.web.plan import actions

        if element := self.any_of(data):
            assert self.edit(actions.change_text, element, title={}, text=self.text(word))

    @rule(word=WORDS, data=st.data())
    def split(self, word, data):
        from framsyn.web.plan import actions

        if element := self.any_of(data):
            parts = (({}, self.text(word)), ({}, self.text(word)))
            assert self.edit(actions.split, element, first=parts[0], second=parts[1])

    @rule(data=st.data(), words=st.none() | WORDS)
    def merge(self, data, words):
        from framsyn.web.plan import actions
        from framsyn.web.plan.models import Element

        tree = self.tree()
        shown = [name for name, _depth in tree.walk()]
        kinds = dict(Element.objects.filter(pk__in=shown).values_list("pk", "kind"))
        pairs = [
            (one, other) for one in shown for other in shown if one != other and kinds[one] == kinds[other]
        ]
        if pairs:
            with_parts = [pair for pair in pairs if tree.children(pair[0])]
            element, target = data.draw(st.sampled_from(pairs) | st.sampled_from(with_parts or pairs))
            below = tree.children(element)
            done = self.edit(actions.merge, element, target, text=self.text(words) if words else None)
            assert done == (target not in tree.under(element))
            if done:
                after = self.tree()
                assert after.leads_to(element) == target
                assert all(after[name].parent == target for name in below)

    @rule(data=st.data(), position=st.none() | st.integers(0, 5))
    def move(self, data, position):
        from framsyn.web.plan import actions

        if element := self.any_of(data):
            parent = data.draw(st.none() | st.just(self.any_of(data)))
            self.edit(actions.move, element, parent=parent, position=position)

    @rule(data=st.data())
    def remove(self, data):
        from framsyn.web.plan import actions

        if element := self.any_of(data):
            assert self.edit(actions.remove, element)
            assert self.tree()[element].state == "removed"

    @rule(data=st.data())
    def restore_one(self, data):
        from framsyn.web.plan import actions

        if element := self.any_of(data, hidden=True):
            assert self.edit(actions.restore, element=element)
            after = self.tree()
            assert after[element].state == "shown"
            assert element in [name for name, _depth in after.walk()], "what is restored can be read again"

    @precondition(lambda self: self.frozen)
    @rule(data=st.data())
    def restore_version(self, data):
        from framsyn.web.plan import actions
        from framsyn.web.plan.canonical import tree_of

        source = data.draw(st.sampled_from(sorted(self.frozen, key=lambda version: version.number)))
        self.edit(actions.restore, source=source)
        shown = {name: place for name, place in self.tree().items() if place.state == "shown"}
        assert shown == {name: place for name, place in tree_of(source).items() if place.state == "shown"}

    @precondition(lambda self: self.past)
    @rule()
    def undo(self):
        from framsyn.web.plan import actions
        from framsyn.web.plan.edits import last_edit

        now = self.bytes()
        actions.undo(self.actor, self.draft, last_edit(self.draft))
        assert self.bytes() == self.past.pop(), "undo ∘ edit is the identity"
        self.future.append(now)

    @precondition(lambda self: self.future)
    @rule()
    def redo(self):
        from framsyn.web.plan import actions
        from framsyn.web.plan.edits import last_edit

        now = self.bytes()
        actions.redo(self.actor, self.draft, last_edit(self.draft))
        assert self.bytes() == self.future.pop(), "redo ∘ undo is the identity"
        self.past.append(now)

    @precondition(lambda self: not self.past and not self.future)
    @rule()
    def nothing_to_turn(self):
        from framsyn.web.plan import actions
        from framsyn.web.plan.edits import last_edit

        for act in (actions.undo, actions.redo):
            with pytest.raises(PlanError):
                act(self.actor, self.draft, last_edit(self.draft))

    @rule(data=st.data(), kind=st.sampled_from(["continues", "answers", "leads_to"]))
    def link(self, data, kind):
        from framsyn.web.plan import versions
        from framsyn.web.plan.models import Element

        source, target = self.any_of(data), self.any_of(data)
        if source and source != target and (source, target, kind) not in self.links:
            ends = Element.objects.select_related("origin").in_bulk([source, target])
            versions.link(self.actor, ends[source], ends[target], kind)
            self.links.add((source, target, kind))

    @rule(data=st.data(), state=st.sampled_from(["consultation", "published"]))
    def publish_and_go_on(self, data, state):
        """Freeze the draft and open the next version, from it or from an earlier one."""
        import datetime

        from framsyn.web.plan import versions
        from framsyn.web.plan.edits import last_edit

        day = datetime.date(2026, 1, 1)
        facts = versions.DecisionFacts(title={"en": "Decided"}, date=day, case_number="1/26")
        try:
            done = versions.publish(
                self.actor, self.draft, last_edit(self.draft), date=day, state=state, decision=facts
            )
        except PlanError as error:
            assert error.code == "empty-version"
            return
        self.draft = done
        self.frozen[done] = self.bytes()
        source = data.draw(st.sampled_from(sorted(self.frozen, key=lambda version: version.number)))
        self.draft = versions.open_version(self.actor, self.plan, based_on=source)
        self.past, self.future = [], []
        assert self.tree().keys() >= {name for name, _depth in self.tree().walk()}

    @precondition(lambda self: self.frozen)
    @rule(data=st.data())
    def tamper(self, data):
        """Try to change what is frozen, by the actions and past them."""
        from framsyn.web.plan import actions
        from framsyn.web.plan.models import Node, Version, Wording

        version = data.draw(st.sampled_from(sorted(self.frozen, key=lambda version: version.number)))
        node = version.nodes.order_by("id").first()
        with pytest.raises(PlanError) as refused:
            actions.remove(self.actor, version, 0, node.element_id)
        assert refused.value.code == "frozen"
        attacks = [
            lambda: Node.objects.filter(pk=node.pk).update(position=99),
            lambda: Node.objects.filter(pk=node.pk).delete(),
            lambda: Node.objects.filter(pk=node.pk).update(version=self.draft),
            lambda: Version.objects.filter(pk=version.pk).update(state="draft"),
            lambda: Wording.objects.filter(pk=node.wording_id).update(text={"en": "forged"}),
        ]
        with (
            pytest.raises(DatabaseError, match="frozen version cannot change|written once"),
            transaction.atomic(),
        ):
            data.draw(st.sampled_from(attacks))()

    # ------------------------------------------------------------------ what must hold
    @invariant()
    def trees_are_sound(self):
        tree = self.tree()
        assert tree.faults() == []
        for name in tree:
            assert tree[tree.leads_to(name)].state != "merged"

    @invariant()
    def identities_stay(self):
        from framsyn.web.plan.models import Element, Version, Wording

        now = set(Element.objects.filter(origin=self.plan).values_list("pk", "kind"))
        assert self.elements <= now
        self.elements = now
        wordings = dict(Wording.objects.filter(element__origin=self.plan).values_list("pk", "digest"))
        assert self.wordings.items() <= wordings.items()
        self.wordings = wordings
        based_on = Version.objects.get(pk=self.draft.pk).based_on
        if based_on is not None:
            kept = set(based_on.nodes.values_list("element_id", flat=True))
            assert kept <= set(self.tree()), "an element of the version before has lost its place"

    @invariant()
    def links_stay(self):
        from framsyn.web.plan.models import Link

        found = Link.objects.filter(source__origin=self.plan).values_list("source_id", "target_id", "kind")
        assert set(found) == self.links

    @invariant()
    def what_is_frozen_never_changes(self):
        import hashlib

        from framsyn.web.plan.canonical import canonical_bytes
        from framsyn.web.plan.models import Version

        for version, then in self.frozen.items():
            now = canonical_bytes(Version.objects.get(pk=version.pk))
            assert now == then
            assert hashlib.sha256(now).hexdigest() == version.digest


@pytest.mark.django_db
def test_structure_survives_any_order_of_steps(monkeypatch):
    from framsyn.web import actions

    monkeypatch.setattr(actions, "LISTENERS", [])  # the search index is tested elsewhere
    looks = max(20, settings().max_examples // 3)
    run_state_machine_as_test(
        Work, settings=settings(max_examples=looks, stateful_step_count=EDITS, deadline=None)
    )
