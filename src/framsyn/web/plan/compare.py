"""What differs between two versions of a plan: added, removed, moved, merged, split, and the words one by one."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from framsyn.web.languages import Text, current_language
from framsyn.web.plan.models import Node, Wording
from framsyn.web.plan.structure import MERGED, SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from framsyn.web.plan.models import Version

__all__ = ["Change", "Comparison", "compare_versions", "word_difference", "wording_difference"]

_WORDS = re.compile(r"\n\s*\n|\s+|\w+(?:[-’']\w+)*|[^\w\s]")


def word_difference(before: str, after: str) -> SafeString:
    """Return the later text with ``<ins>`` around what came and ``<del>`` around what went, word by word.

    >>> str(word_difference("Ten beds are enough.", "Twelve beds are enough."))
    '<del>Ten</del><ins>Twelve</ins> beds are enough.'
    >>> str(word_difference("Ten beds", "Twelve places"))
    '<del>Ten beds</del><ins>Twelve places</ins>'
    >>> str(word_difference("a < b", "a < c"))
    'a &lt; <del>b</del><ins>c</ins>'
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    parts: list[tuple[str, str]] = []
    gone, come = "", ""  # what differs since the last words that both have
    for step, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = "".join(new[k:m])
        if step != "equal" or (not same.strip() and gone and come):
            gone, come = gone + "".join(old[i:j]), come + same
            continue
        parts += [("del", gone), ("ins", come), ("", same)]
        gone, come = "", ""
    parts += [("del", gone), ("ins", come)]
    return format_html_join("", "{}", ((_marked(tag, words),) for tag, words in parts if words))


def _marked(tag: str, words: str) -> SafeString:
    if not tag:
        return format_html("{}", words)
    return format_html("<ins>{}</ins>" if tag == "ins" else "<del>{}</del>", words)


def _paragraphs(difference: SafeString) -> SafeString:
    return format_html('<p class="difference">{}</p>', difference)


def wording_difference(
    before: Wording | None, after: Wording | None, language: str | None = None
) -> dict[str, SafeString]:
    """Return the difference of two wordings: ``title`` and ``text``, in the language of the page or the one at hand."""
    language = language or current_language()
    found = {}
    for part in ("title", "text"):
        old: Mapping[str, str] = getattr(before, part) if before else Text()
        new: Mapping[str, str] = getattr(after, part) if after else Text()
        used = _language(old, new, language)
        found[part] = word_difference(old.get(used, ""), new.get(used, ""))
    return found


def _language(old: Mapping[str, str], new: Mapping[str, str], wanted: str) -> str:
    """Return the language in which something differs: the wanted one if it does there, else the first that does."""
    order = sorted(("nb", "nn", "en"), key=lambda code: code != wanted)
    differing = [code for code in order if old.get(code, "") != new.get(code, "")]
    if differing:
        return differing[0]
    return next((code for code in order if new.get(code) or old.get(code)), wanted)


def changed_languages(before: Wording, after: Wording) -> list[str]:
    """Return the language forms in which two wordings differ."""
    return [
        code
        for code in ("nb", "nn", "en")
        if any(
            getattr(before, part).get(code, "") != getattr(after, part).get(code, "")
            for part in ("title", "text")
        )
    ]


@dataclass
class Change:
    """What happened to one element between two versions."""

    element_id: str
    kind: str
    heading: Text
    before: Node | None
    after: Node | None
    title: SafeString | str = ""
    text: SafeString | str = ""
    languages: list[str] = field(default_factory=list)
    target: str | None = None
    target_heading: Text = field(default_factory=Text)
    source: str | None = None


@dataclass
class Comparison:
    """All changes, by what happened."""

    added: list[Change] = field(default_factory=list)
    split: list[Change] = field(default_factory=list)
    merged: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0

    @property
    def total(self) -> int:
        """Number of changes."""
        return sum(
            len(part)
            for part in (self.added, self.split, self.merged, self.removed, self.moved, self.changed)
        )


def _nodes(version: Version) -> dict[str, Node]:
    rows = version.nodes.select_related("element", "wording").order_by("position", "id")
    return {node.element_id: node for node in rows}


def compare_versions(before: Version, after: Version) -> Comparison:
    """Compare two versions (2 queries).

    An element counts as moved when its parent is another one, or when it has passed a sibling that both versions show
    under the same parent; that its position shifts because something was added above it is no move.
    """
    old, new = _nodes(before), _nodes(after)
    found = Comparison()
    passed = _passed(old, new)
    for name in [*new, *(name for name in old if name not in new)]:
        was, now = old.get(name), new.get(name)
        was_shown = was is not None and was.state == SHOWN
        now_shown = now is not None and now.state == SHOWN
        node = now if now_shown or was is None else was
        change = Change(name, node.element.kind, node.wording.heading, was, now)  # type: ignore[union-attr]
        if now_shown and not was_shown:
            change.source = now.split_from_id  # type: ignore[union-attr]
            change.title, change.text = node.wording.title, node.wording.text  # type: ignore[union-attr,assignment]
            (found.split if change.source and was is None else found.added).append(change)
        elif was_shown and not now_shown:
            if now is not None and now.state == MERGED:
                change.target = now.merged_into_id
                change.target_heading = (
                    new[now.merged_into_id].wording.heading if now.merged_into_id in new else Text()
                )  # type: ignore[index]
                found.merged.append(change)
            else:
                found.removed.append(change)
        elif was_shown and now_shown:
            _compare_shown(found, change, name in passed)
    return found


def _compare_shown(found: Comparison, change: Change, passed: bool) -> None:
    was, now = change.before, change.after
    same = True
    if was.parent_id != now.parent_id or passed:  # type: ignore[union-attr]
        found.moved.append(change)
        same = False
    if was.wording_id != now.wording_id or was.number != now.number:  # type: ignore[union-attr]
        difference = wording_difference(was.wording, now.wording)  # type: ignore[union-attr]
        changed = Change(change.element_id, change.kind, change.heading, was, now, **difference)
        changed.languages = changed_languages(was.wording, now.wording)  # type: ignore[union-attr]
        found.changed.append(changed)
        same = False
    found.unchanged += same


def _passed(old: dict[str, Node], new: dict[str, Node]) -> set[str]:
    """Return the elements that were moved among their siblings: the fewest that explain the new order."""
    found: set[str] = set()
    common = [
        name
        for name, node in new.items()
        if name in old
        and node.state == SHOWN
        and old[name].state == SHOWN
        and old[name].parent_id == node.parent_id
    ]
    for parent in {new[name].parent_id for name in common}:
        names = [name for name in common if new[name].parent_id == parent]
        then = {name: old[name].position for name in names}
        now = sorted(names, key=lambda name: (new[name].position, name))
        found.update(set(names) - _longest_rising(now, then))
    return found


def _longest_rising(names: list[str], rank: Mapping[str, int]) -> set[str]:
    """Return the longest run of names, not necessarily side by side, whose ranks rise.

    >>> sorted(_longest_rising(["d", "a", "b", "c"], {"a": 0, "b": 1, "c": 2, "d": 3}))
    ['a', 'b', 'c']
    """
    best: list[list[str]] = []
    for name in names:
        before = max((run for run in best if rank[run[-1]] < rank[name]), key=len, default=[])
        best.append([*before, name])
    return set(max(best, key=len, default=[]))
