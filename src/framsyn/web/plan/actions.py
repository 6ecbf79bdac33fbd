"""Editing a draft: every mutation of its structure and its words, undo and redo.

Each takes the version, and ``seen``, the number of the last edit that the user saw (:func:`edits.last_edit`); what others
did meanwhile to the same elements is never overwritten. What is about plans and versions as a whole is in
:mod:`framsyn.web.plan.versions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import Act, action
from framsyn.web.plan.canonical import tree_of
from framsyn.web.plan.edits import Draft, apply_states, new_id, next_redo, store, take_draft, wording_of
from framsyn.web.plan.models import Edit, Element, Version, Wording, kind_name
from framsyn.web.plan.structure import Tree, check_level

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "add_element",
    "change_text",
    "merge",
    "move",
    "redo",
    "remove",
    "restore",
    "split",
    "undo",
]

Words = "Mapping[str, str]"


def _kinds(*names: str | None) -> dict[str, str]:
    return dict(Element.objects.filter(pk__in=[name for name in names if name]).values_list("pk", "kind"))


def _level(element: str, kind: str, parent: str | None) -> None:
    if parent is not None:
        check_level(kind, _kinds(parent).get(parent))


def _own(draft: Draft, element: str) -> Element:
    """Return an element of this plan; the words of another plan's element are changed there."""
    found = Element.objects.select_related("origin").get(pk=element)
    if found.origin_id != draft.version.plan_id:
        message = _(
            "%(name)s comes from %(plan)s and has the same words everywhere. Change it there, or write one of your own."
        )
        raise PlanError("not-own", message % {"name": element, "plan": found.origin}, got=element)
    return found


def _facts(draft: Draft, tree: Tree, element: str) -> dict[str, Any] | None:
    """Return what the log says about an element in a tree: where it stands and its words."""
    place = tree.get(element)
    if place is None:
        return None
    wording = Wording.objects.get(pk=place.wording)
    return {
        "plan": draft.version.plan_id,
        "version": draft.version.number,
        "parent": place.parent,
        "position": place.position,
        "number": place.number,
        "state": place.state,
        "merged_into": place.merged_into,
        "title": dict(wording.title),
        "text": dict(wording.text),
    }


def _finish(
    act: Act, draft: Draft, kind: str, element: str, after: Tree, *also: str, reason: str = ""
) -> Edit:
    """Write an edit, and one audit entry for each element that it is about."""
    before = draft.tree
    edit = draft.write(act, kind, element, after, reason=reason)
    for name in (element, *also):
        later = _facts(draft, after, name)
        earlier = _facts(draft, before, name)
        known = later or earlier
        label = (known["title"] or known["text"]) if known else {}
        act.record(Element(pk=name), before=earlier, after=later, label=label, reason=reason)
    return edit


@action("plan.add_element")
def add_element(
    act: Act,
    version: Version,
    seen: int,
    *,
    kind: str = "",
    title: Mapping[str, str] | None = None,
    text: Mapping[str, str] | None = None,
    parent: str | None = None,
    position: int | None = None,
    number: str = "",
    element: str | None = None,
    reason: str = "",
) -> Edit:
    """Add a new element to a draft, or one that exists already in this or another plan (``element``).

    Parameters
    ----------
    position : int or None
        Index among the shown children of the parent; last without it.
    """
    draft = take_draft(act, version, seen, {name for name in (parent, element) if name})
    if element is not None:
        found = Element.objects.filter(pk=element).first()
        wording = found and _wording_in_force(found)
        if found is None or wording is None:
            raise PlanError(
                "unknown-element", _("There is no element %(name)s.") % {"name": element}, got=element
            )
        _level(element, found.kind, parent)
    else:
        if kind not in Element.Kind.values:
            message = _("%(got)s is no kind of element. Choose one of: %(kinds)s.")
            raise PlanError(
                "unknown-kind", message % {"got": kind, "kinds": ", ".join(Element.Kind.values)}, got=kind
            )
        _level("", kind, parent)
        found = Element(pk=new_id(draft.version.plan, kind, parent), kind=kind, origin=draft.version.plan)
        found.save(force_insert=True)
        wording = wording_of(act, found, dict(title or {}), dict(text or {}))
    after = draft.tree.added(found.pk, wording.pk, parent=parent, position=position, number=number)
    return _finish(act, draft, Edit.Kind.ADD, found.pk, after, reason=reason)


def _wording_in_force(element: Element) -> Wording | None:
    """Return the words of an element in its own plan: published before draft, newest first."""
    nodes = element.nodes.select_related("wording", "version")
    ranked = sorted(
        nodes,
        key=lambda node: (
            node.version.plan_id == element.origin_id,
            node.version.state == Version.State.PUBLISHED,
            node.version.is_frozen,
            node.version.number,
        ),
    )
    return ranked[-1].wording if ranked else element.wordings.order_by("-id").first()


@action("plan.change_text")
def change_text(
    act: Act,
    version: Version,
    seen: int,
    element: str,
    *,
    title: Mapping[str, str],
    text: Mapping[str, str],
    number: str | None = None,
    reason: str = "",
) -> Edit:
    """Give an element other words. When somebody changed them meanwhile: ``PlanError("stale")`` with both texts."""
    draft = take_draft(act, version, seen, {element})
    draft.tree.shown(element)
    wording = wording_of(act, _own(draft, element), dict(title), dict(text))
    after = draft.tree.worded(element, wording.pk, number)
    return _finish(act, draft, Edit.Kind.CHANGE_TEXT, element, after, reason=reason)


@action("plan.move")
def move(
    act: Act,
    version: Version,
    seen: int,
    element: str,
    *,
    parent: str | None,
    position: int | None = None,
    reason: str = "",
) -> Edit:
    """Place an element, with all that stands under it, under another parent or at another place among its siblings."""
    draft = take_draft(act, version, seen, {name for name in (element, parent) if name})
    draft.tree.shown(element)
    _level(element, _kinds(element)[element], parent)
    after = draft.tree.moved(element, parent, position)
    return _finish(act, draft, Edit.Kind.MOVE, element, after, reason=reason)


@action("plan.split")
def split(
    act: Act,
    version: Version,
    seen: int,
    element: str,
    *,
    first: tuple[Mapping[str, str], Mapping[str, str]],
    second: tuple[Mapping[str, str], Mapping[str, str]],
    reason: str = "",
) -> Edit:
    """Part an element in two: it keeps its id with the first words; the second become a new element right after it.

    Parameters
    ----------
    first, second : (title, text)
    """
    draft = take_draft(act, version, seen, {element})
    draft.tree.shown(element)
    old = _own(draft, element)
    new = Element(pk=_split_id(element), kind=old.kind, origin=draft.version.plan, source=old.source)
    new.save(force_insert=True)
    stays = wording_of(act, old, *(dict(part) for part in first))
    goes = wording_of(act, new, *(dict(part) for part in second))
    after = draft.tree.split(element, new.pk, stays.pk, goes.pk)
    return _finish(act, draft, Edit.Kind.SPLIT, element, after, new.pk, reason=reason)


def _split_id(element: str) -> str:
    used = set(Element.objects.filter(pk__startswith=f"{element}-").values_list("pk", flat=True))
    number = 2
    while f"{element}-{number}" in used:
        number += 1
    return f"{element}-{number}"


@action("plan.merge")
def merge(
    act: Act,
    version: Version,
    seen: int,
    element: str,
    target: str,
    *,
    title: Mapping[str, str] | None = None,
    text: Mapping[str, str] | None = None,
    reason: str = "",
) -> Edit:
    """Merge an element into another of its kind, which takes over what stands under it; the old id leads there.

    Parameters
    ----------
    title, text : mapping or None
        Words of the target afterwards; as they were without them.
    """
    draft = take_draft(act, version, seen, {element, target})
    draft.tree.shown(element)
    draft.tree.shown(target)
    kinds = _kinds(element, target)
    if kinds[element] != kinds[target]:
        message = _(
            "A %(kind)s cannot be merged into a %(other)s. Merge it into another %(kind)s, or remove it."
        )
        names = {"kind": kind_name(kinds[element]), "other": kind_name(kinds[target])}
        raise PlanError("wrong-kind", message % names, got=kinds[target])
    wording = None
    if title is not None or text is not None:
        now = Wording.objects.get(pk=draft.tree[target].wording)
        own = _own(draft, target)
        words = [dict(now.title if title is None else title), dict(now.text if text is None else text)]
        wording = wording_of(act, own, *words).pk
    after = draft.tree.merged(element, target, wording)
    return _finish(act, draft, Edit.Kind.MERGE, element, after, target, reason=reason)


@action("plan.remove")
def remove(act: Act, version: Version, seen: int, element: str, *, reason: str = "") -> Edit:
    """Take an element, and all that stands under it, out of a draft. It keeps its id and can be restored."""
    draft = take_draft(act, version, seen, {element})
    return _finish(act, draft, Edit.Kind.REMOVE, element, draft.tree.removed(element), reason=reason)


@action("plan.restore")
def restore(
    act: Act,
    version: Version,
    seen: int,
    *,
    element: str | None = None,
    source: Version | None = None,
    reason: str = "",
) -> Edit:
    """Bring something back into a draft: a hidden element, an element's words in another version, or a whole version.

    Parameters
    ----------
    element : str or None
        Without it, all of ``source``: the draft becomes as that version was; what only the draft has is hidden.
    source : Version or None
        Without it, the hidden element is shown again with the words that it had.
    """
    draft = take_draft(act, version, seen, None if element is None else {element})
    if source is None and element is None:
        raise PlanError("nothing-to-restore", _("Say which element, or which version, to restore."), got=None)
    if source is None:
        after = draft.tree.restored(element)  # type: ignore[arg-type]
    else:
        if element is None and source.plan_id != draft.version.plan_id:
            message = _("Version %(number)s belongs to another plan. Choose a version of this plan.")
            raise PlanError("other-plan", message % {"number": source.number}, got=source.plan_id)
        after = draft.tree.as_in(tree_of(source), element)
    about = element or next(
        (name for name in {*draft.tree, *after} if draft.tree.get(name) != after.get(name)), ""
    )
    return _finish(act, draft, Edit.Kind.RESTORE, about, after, reason=reason)


@action("plan.undo")
def undo(act: Act, version: Version, seen: int) -> Edit:
    """Undo the last edit in force of a draft."""
    draft = take_draft(act, version, seen, None)
    edit = draft.version.edits.filter(undone=False).order_by("sequence").last()
    if edit is None:
        raise PlanError("nothing-to-undo", _("Nothing has been done in this draft yet."), got=None)
    return _turn(act, draft, edit, edit.before, undone=True)


@action("plan.redo")
def redo(act: Act, version: Version, seen: int) -> Edit:
    """Do again what was undone last."""
    draft = take_draft(act, version, seen, None)
    edit = next_redo(draft.version)
    if edit is None:
        message = _("There is nothing to redo: nothing was undone, or something else was done since.")
        raise PlanError("nothing-to-redo", message, got=None)
    return _turn(act, draft, edit, edit.after, undone=False)


def _turn(act: Act, draft: Draft, edit: Edit, states: dict[str, Any], *, undone: bool) -> Edit:
    before, after = draft.tree, apply_states(draft.tree, states)
    store(draft.version, before, states)
    edit.undone = undone
    edit.save(update_fields=["undone"])
    label = Wording.objects.get(pk=(before.get(edit.element_id) or after[edit.element_id]).wording).heading
    act.record(
        Element(pk=edit.element_id),
        before=_facts(draft, before, edit.element_id),
        after=_facts(draft, after, edit.element_id),
        label=label,
        reason=f"{edit.kind} {edit.sequence}",
    )
    return edit
