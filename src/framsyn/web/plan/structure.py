"""The tree of one version as plain values, and what may be done with it.

Every operation takes a :class:`Tree` and returns a new one; nothing here touches the database. Elements that were removed
or merged away keep their place among their siblings, hidden, so that restoring them puts them back where they stood.

A tree is *sound* when each of these holds (:meth:`Tree.faults` says which do not):

* every parent is in the tree, and no element stands under itself;
* the positions of siblings, hidden ones included, are 0, 1, 2 … without gaps;
* an element that is shown stands under one that is shown, or at the top;
* an element that is merged away leads, by way of others perhaps, to one that is not, and has nothing under it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MERGED", "REMOVED", "SHOWN", "Place", "Tree", "check_level"]

SHOWN, MERGED, REMOVED = "shown", "merged", "removed"

# A heading stands under a heading of its own level or above; all else stands wherever its author puts it.
_LEVELS = {"chapter": 0, "main_goal": 1, "section": 2}


@dataclass(frozen=True)
class Place:
    """Where an element stands in a version and which wording it has there: what a node holds."""

    parent: str | None
    position: int
    wording: int
    number: str = ""
    state: str = SHOWN
    merged_into: str | None = None
    split_from: str | None = None

    def as_state(self) -> dict[str, Any]:
        """Return it as JSON keeps it in an edit."""
        return asdict(self)


def check_level(kind: str, above: str | None) -> None:
    """Refuse a heading under something that is no heading of its level.

    >>> check_level("goal", "section")
    >>> check_level("chapter", "paragraph")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    framsyn.errors.PlanError: A chapter cannot stand under a paragraph. Choose a heading of its level or above, or the top.
    """
    if kind in _LEVELS and above is not None and _LEVELS.get(above, 9) > _LEVELS[kind]:
        from framsyn.web.plan.models import kind_name

        message = _(
            "A %(kind)s cannot stand under a %(above)s. Choose a heading of its level or above, or the top."
        )
        names = {"kind": kind_name(kind), "above": kind_name(above)}
        raise PlanError("wrong-level", message % names, got=above)


class Tree(dict[str, Place]):
    """Element id → :class:`Place`.

    Examples
    --------
    >>> tree = Tree().added("a", 1).added("b", 2, parent="a").added("c", 3, parent="a")
    >>> tree = tree.moved("c", "a", 0)
    >>> [name for name, depth in tree.walk()]
    ['a', 'c', 'b']
    >>> tree.merged("b", "c")["b"].merged_into
    'c'
    >>> tree.moved("a", "b", 0)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    framsyn.errors.PlanError: a cannot stand under b, which stands under a itself. Choose a place outside it.
    """

    # ------------------------------------------------------------------ reading
    def families(self) -> dict[str | None, list[str]]:
        """Return the children of every parent in their order, hidden ones included."""
        found: defaultdict[str | None, list[str]] = defaultdict(list)
        for name in sorted(self, key=lambda name: (self[name].position, name)):
            found[self[name].parent].append(name)
        return found

    def children(self, parent: str | None, *, hidden: bool = True) -> list[str]:
        """Return what stands right under an element, or at the top."""
        names = [
            name
            for name, place in self.items()
            if place.parent == parent and (hidden or place.state == SHOWN)
        ]
        return sorted(names, key=lambda name: (self[name].position, name))

    def walk(self, *, hidden: bool = False) -> Iterator[tuple[str, int]]:
        """Yield every element with its depth, in reading order."""
        families = self.families()
        stack = [(name, 0) for name in reversed(families[None])]
        while stack:
            name, depth = stack.pop()
            if hidden or self[name].state == SHOWN:
                yield name, depth
                stack.extend((child, depth + 1) for child in reversed(families.get(name, [])))

    def under(self, element: str) -> list[str]:
        """Return an element and everything under it, hidden ones included."""
        families, found = self.families(), [element]
        for name in found:
            found.extend(families.get(name, []))
        return found

    def leads_to(self, element: str) -> str:
        """Return the element that took this one in, or itself."""
        while self[element].state == MERGED and self[element].merged_into in self:
            element = self[element].merged_into  # type: ignore[assignment]
        return element

    def shown(self, element: str) -> Place:
        """Return the place of an element that is shown, or refuse."""
        place = self.get(element)
        if place is None:
            raise PlanError(
                "not-here", _("%(name)s is not a part of this version.") % {"name": element}, got=element
            )
        if place.state != SHOWN:
            message = _("%(name)s is removed or merged away in this version. Restore it first.")
            raise PlanError("hidden", message % {"name": element}, got=element)
        return place

    def faults(self) -> list[str]:
        """Return what is not sound, in words; nothing for a sound tree."""
        found = []
        for name, place in self.items():
            above = self.get(place.parent) if place.parent is not None else None
            if place.parent is not None and above is None:
                found.append(f"{name} stands under {place.parent}, which is not in the tree")
            elif place.state == SHOWN and above is not None and above.state != SHOWN:
                found.append(f"{name} is shown under {place.parent}, which is {above.state}")
            elif above is not None and above.state == MERGED:
                found.append(f"{name} stands under {place.parent}, which is merged away")
            if (place.state == MERGED) != (place.merged_into is not None):
                found.append(f"{name} is {place.state} and merged into {place.merged_into}")
            if place.state == MERGED:
                seen = {name}
                target = place.merged_into
                while target in self and self[target].state == MERGED and target not in seen:
                    seen.add(target)
                    target = self[target].merged_into
                if target not in self or target in seen:
                    found.append(f"{name} is merged into {target}, which leads nowhere")
        for parent, names in self.families().items():
            positions = [self[name].position for name in names]
            if positions != list(range(len(names))):
                found.append(f"positions under {parent or 'the top'} are {positions}")
        reached = sum(1 for _name in self.walk(hidden=True))
        if reached != len(self):
            found.append(f"{len(self) - reached} elements stand under themselves")
        return found

    # ------------------------------------------------------------------ changing
    def _placed(self, element: str, place: Place, position: int | None) -> Tree:
        """Put an element among the shown children of its new parent, at an index or last, and close the gaps."""
        tree = Tree(self)
        old = tree.pop(element, None)
        family = tree.children(place.parent)
        shown = [name for name in family if tree[name].state == SHOWN]
        if position is None or position >= len(shown):
            index = len(family)
        else:
            index = family.index(shown[max(position, 0)])
        family.insert(index, element)
        tree[element] = place
        tree._count(family)
        if old is not None and old.parent != place.parent:
            tree._count(tree.children(old.parent))
        return tree

    def _count(self, family: list[str]) -> None:
        for position, name in enumerate(family):
            if self[name].position != position:
                self[name] = replace(self[name], position=position)

    def added(
        self,
        element: str,
        wording: int,
        *,
        parent: str | None = None,
        position: int | None = None,
        number: str = "",
        split_from: str | None = None,
    ) -> Tree:
        """Place a new element, last under its parent unless a position among the shown ones is given."""
        if element in self:
            message = _("%(name)s is already a part of this version.")
            raise PlanError("already-here", message % {"name": element}, got=element)
        if parent is not None:
            self.shown(parent)
        return self._placed(element, Place(parent, 0, wording, number, split_from=split_from), position)

    def worded(self, element: str, wording: int, number: str | None = None) -> Tree:
        """Give an element another wording, and another number if one is given."""
        place = self.shown(element)
        return Tree(
            self
            | {element: replace(place, wording=wording, number=place.number if number is None else number)}
        )

    def moved(self, element: str, parent: str | None, position: int | None) -> Tree:
        """Place an element with all that is under it somewhere else."""
        place = self.shown(element)
        if parent is not None:
            self.shown(parent)
            if parent in self.under(element):
                message = _(
                    "%(name)s cannot stand under %(parent)s, which stands under %(name)s itself. Choose a place outside it."
                )
                raise PlanError("cycle", message % {"name": element, "parent": parent}, got=parent)
        return self._placed(element, replace(place, parent=parent), position)

    def split(self, element: str, new: str, wording: int, new_wording: int) -> Tree:
        """Give an element a shorter wording and put the rest, as a new element, right after it."""
        place = self.shown(element)
        siblings = self.children(place.parent, hidden=False)
        return self.worded(element, wording).added(
            new, new_wording, parent=place.parent, position=siblings.index(element) + 1, split_from=element
        )

    def merged(self, element: str, target: str, wording: int | None = None) -> Tree:
        """Merge an element into another, which takes over what stands under it; the old id leads to the target."""
        self.shown(element)
        goal = self.shown(target)
        if target in self.under(element):
            message = _(
                "%(name)s cannot be merged into %(target)s, which is a part of it. Merge the other way round."
            )
            raise PlanError("cycle", message % {"name": element, "target": target}, got=target)
        tree = Tree(self)
        inherited = tree.children(element)
        family = tree.children(target) + inherited
        for name in inherited:
            tree[name] = replace(tree[name], parent=target)
        tree._count(family)
        tree[element] = replace(tree[element], state=MERGED, merged_into=target)
        if wording is not None:
            tree[target] = replace(goal, wording=wording)
        return tree

    def removed(self, element: str) -> Tree:
        """Hide an element and all that is shown under it."""
        self.shown(element)
        tree = Tree(self)
        for name in tree.under(element):
            if tree[name].state == SHOWN:
                tree[name] = replace(tree[name], state=REMOVED)
        return tree

    def restored(self, element: str) -> Tree:
        """Show a hidden element again with all that was removed under it, and the headings above it."""
        place = self.get(element)
        if place is None or place.state == SHOWN:
            message = _(
                "%(name)s is neither removed nor merged away in this version: there is nothing to restore."
            )
            raise PlanError("nothing-to-restore", message % {"name": element}, got=element)
        tree = Tree(self)
        for name in tree.under(element):
            if name == element or tree[name].state == REMOVED:
                tree[name] = replace(tree[name], state=SHOWN, merged_into=None)
        above = place.parent
        while above is not None and tree[above].state != SHOWN:
            tree[above] = replace(tree[above], state=SHOWN, merged_into=None)
            above = tree[above].parent
        return tree

    def as_in(self, earlier: Mapping[str, Place], element: str | None = None) -> Tree:
        """Return the tree as it was in another version: the whole of it, or one element's words.

        What only this version has is hidden, never lost. An element that is not here, or hidden here, is shown again:
        at its place here, else under the parent that it had, else at the top.
        """
        if element is None:
            return self._whole(Tree(earlier))
        if element not in earlier or earlier[element].state != SHOWN:
            message = _("%(name)s is not shown in the version that it should be restored from.")
            raise PlanError("not-there", message % {"name": element}, got=element)
        old = earlier[element]
        if element in self:
            tree = self if self[element].state == SHOWN else self.restored(element)
            return tree.worded(element, old.wording, old.number)
        parent = old.parent if old.parent in self and self[old.parent].state == SHOWN else None
        return self.added(element, old.wording, parent=parent, number=old.number)

    def _whole(self, tree: Tree) -> Tree:
        own = [name for name, _depth in self.walk(hidden=True) if name not in tree]
        for name in own:
            place = self[name]
            parent = tree.leads_to(place.parent) if place.parent in tree else place.parent
            state = MERGED if place.state == MERGED else REMOVED
            tree[name] = replace(place, parent=parent, state=state, position=len(tree.children(parent)))
        return tree
