"""One step on a draft: take the draft, see that nobody else changed the same, write the nodes and the edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.languages import Text
from framsyn.web.plan.canonical import text_digest, tree_of
from framsyn.web.plan.models import Edit, Element, Node, Version, Wording
from framsyn.web.plan.structure import Place, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from framsyn.web.actions import Act
    from framsyn.web.plan.models import Plan

__all__ = ["Draft", "apply_states", "last_edit", "new_id", "next_redo", "take_draft", "wording_of"]

_NODE_FIELDS = ("parent_id", "position", "number", "wording_id", "state", "merged_into_id", "split_from_id")
_PREFIX = {
    "chapter": "ch",
    "section": "s",
    "paragraph": "p",
    "driver": "d",
    "main_goal": "h",
    "goal": "g",
    "ambition": "a",
    "challenge": "c",
    "priority": "p",
    "statement": "u",
    "vision": "vision",
    "value": "v",
    "means": "m",
    "focus": "f",
    "annex": "v",
    "reference": "k",
    "choice": "k",
}


@dataclass
class Draft:
    """A draft that is being changed: the row is locked, the tree is as it is now."""

    version: Version
    tree: Tree
    last: int

    def write(self, act: Act, kind: str, element: str, after: Tree, *, reason: str = "") -> Edit:
        """Store a new tree as one edit, which ends the possibility to redo what was undone before."""
        changed = [name for name in {*self.tree, *after} if self.tree.get(name) != after.get(name)]
        if not changed:
            raise PlanError("no-change", _("Nothing was changed: it is already so."), got=element)
        before, later = states(self.tree, changed), states(after, changed)
        store(self.version, self.tree, later)
        edits = self.version.edits
        edits.filter(undone=True, discarded=False).update(discarded=True)
        last = edits.aggregate(last=Max("sequence"))["last"] or 0
        self.tree = after
        edit = Edit.objects.create(
            version=self.version,
            sequence=last + 1,
            kind=kind,
            element_id=element,
            at=act.at,
            by=act.actor.user,
            reason=reason,
            before=before,
            after=later,
        )
        self.last = edit.sequence
        return edit


def states(tree: Tree, names: Iterable[str]) -> dict[str, dict[str, Any] | None]:
    """Return the places of some elements as an edit keeps them; None where there is none."""
    return {name: tree[name].as_state() if name in tree else None for name in sorted(names)}


def apply_states(tree: Tree, kept: dict[str, dict[str, Any] | None]) -> Tree:
    """Return the tree with some places as an edit kept them."""
    changed = Tree(tree)
    for name, state in kept.items():
        if state is None:
            changed.pop(name, None)
        else:
            changed[name] = Place(**state)
    return changed


def store(version: Version, old: Tree, later: dict[str, dict[str, Any] | None]) -> None:
    """Write changed places as nodes: at most four statements."""
    gone = [name for name, state in later.items() if state is None]
    if gone:
        version.nodes.filter(element_id__in=gone).delete()
    kept = {node.element_id: node for node in version.nodes.filter(element_id__in=[*later])}
    new, changed = [], []
    for name, state in later.items():
        if state is None:
            continue
        node = kept.get(name) or Node(version=version, element_id=name)
        node.parent_id, node.position, node.number = state["parent"], state["position"], state["number"]
        node.wording_id, node.state = state["wording"], state["state"]
        node.merged_into_id, node.split_from_id = state["merged_into"], state["split_from"]
        (changed if name in kept else new).append(node)
    Node.objects.bulk_create(new)
    Node.objects.bulk_update(changed, _NODE_FIELDS, batch_size=100)


def last_edit(version: Version) -> int:
    """Return the number of the last edit in force, 0 before the first: it names the state of a draft.

    A new edit follows the last one in force and takes a number that was never used, so that the same number always stands
    for the same state, whatever was undone and redone meanwhile.
    """
    return version.edits.filter(undone=False).aggregate(last=Max("sequence"))["last"] or 0


def next_redo(version: Version) -> Edit | None:
    """Return the edit that a redo would do again."""
    return version.edits.filter(undone=True, discarded=False).order_by("sequence").first()


def take_draft(act: Act, version: Version, seen: int, involved: Iterable[str] | None = ()) -> Draft:
    """Lock a draft for one edit: check who may, that it is a draft, and that what it concerns is as the user saw it.

    Parameters
    ----------
    act : Act
    version : Version
    seen : int
        :func:`last_edit` when the user got the page.
    involved : iterable of str or None
        Elements that the edit is about; None when it is about all of them. Others' work on other elements is no obstacle.

    Raises
    ------
    PlanError
        ``frozen`` or ``stale``.
    """
    version = (
        Version.objects.select_for_update(of=("self",))
        .select_related("plan__organisation__parent__parent")
        .get(pk=version.pk)
    )
    act.require(version.plan.organisation, plans=(version.plan_id,))
    if version.is_frozen:
        message = _(
            "Version %(number)s of %(plan)s is %(state)s and never changes. Open a new version from it and edit that one."
        )
        names = {"number": version.number, "plan": version.plan, "state": version.get_state_display()}
        raise PlanError(
            "frozen", message % names, got=version.state, plan=version.plan_id, number=version.number
        )
    draft = Draft(version, tree_of(version), last_edit(version))
    if seen != draft.last:
        others = list(
            version.edits.filter(Q(undone=False, sequence__gt=seen) | Q(undone=True, sequence__lte=seen))
            .select_related("by")
            .order_by("sequence")
        )
        touched = {name for edit in others for name in edit.before}
        concerned = sorted(touched if involved is None else touched.intersection(involved))
        if concerned or involved is None:
            _refuse_stale(draft, others, concerned)
    return draft


def _refuse_stale(draft: Draft, others: list[Edit], concerned: list[str]) -> None:
    by = next((edit for edit in reversed(others) if set(edit.before).intersection(concerned)), None)
    who = (by.by.get_full_name() or by.by.get_username()) if by is not None and by.by else _("somebody else")
    message = _(
        "%(who)s changed %(what)s while you were at it. Nothing is overwritten and nothing of yours is lost: "
        "both stand below. Put them together and save again."
    )
    now = None
    if concerned and concerned[0] in draft.tree:
        wording = Wording.objects.get(pk=draft.tree[concerned[0]].wording)
        now = {"title": dict(wording.title), "text": dict(wording.text)}
    names = {"who": who, "what": ", ".join(concerned) or _("this version")}
    raise PlanError("stale", message % names, elements=concerned, theirs=now, last=draft.last, by=str(who))


def wording_of(act: Act, element: Element, title: dict[str, str], text: dict[str, str]) -> Wording:
    """Return the wording with these words, made if nobody wrote them before."""
    title, text = (
        Text({code: words.strip() for code, words in part.items() if words.strip()}) for part in (title, text)
    )
    if not title and not text:
        message = _(
            "An element needs a title or a text, in one language form at least. To take it away, remove it."
        )
        raise PlanError("empty-text", message, got=element.pk)
    wording, _made = Wording.objects.get_or_create(
        element=element,
        digest=text_digest(title, text),
        defaults={"title": title, "text": text, "created_at": act.at, "created_by": act.actor.user},
    )
    return wording


def new_id(plan: Plan, kind: str, parent: str | None) -> str:
    """Return a free id for a new element: the parent's, a letter for the kind, and the next number."""
    stem = parent if parent is not None and parent.startswith(f"{plan.pk}.") else plan.pk
    start = f"{stem}.{_PREFIX[kind]}"
    used = set(Element.objects.filter(pk__startswith=start).values_list("pk", flat=True))
    number = 1
    while f"{start}{number}" in used:
        number += 1
    return f"{start}{number}"
