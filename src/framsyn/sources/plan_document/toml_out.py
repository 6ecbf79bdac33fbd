"""A draft as a plan file in the form of a region's content files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from framsyn.sources.plan_document.plan_parts import plan_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from framsyn.sources.plan_document.draft import PlanDraft

__all__ = ["draft_to_toml"]

_SUMMARY = {"nb": "Hentet inn fra {file}.", "nn": "Henta inn frå {file}.", "en": "Imported from {file}."}
TITLE_WORDS = 9


def draft_to_toml(
    draft: PlanDraft,
    plan: str,
    *,
    organisation: str = "",
    kind: str = "regional_plan",
    kinds: Mapping[str, str] | None = None,
    left_out: Collection[str] = (),
) -> str:
    """Return the text of a plan file.

    Every text stands in the language of the source alone. A region package needs bokmål, nynorsk and English; nobody has
    written the other two yet, so they are not there, and the reader of content files says which is missing and where.

    Parameters
    ----------
    draft : PlanDraft
    plan : str
        Id of the plan, and name of the file.
    organisation : str
        Id of the organisation whose plan it is.
    kind : str
        Kind of plan.
    kinds, left_out
        As in :func:`~.plan_parts.plan_parts`.
    """
    language = draft.language
    others = " and ".join(code for code in ("nb", "nn", "en") if code != language)
    lines = [
        f"# Imported from {_line(draft.file)}. Texts are in {language} alone, as in the source.",
        f"# A region package needs {others} too: write them beside each text before this file is put into one.",
        "",
        "[plan]",
        f"id = {_string(plan)}",
        f"kind = {_string(kind)}",
        f"organisation = {_string(organisation)}"
        if organisation
        else '# organisation = "…"  whose plan it is',
        f"period = [{draft.period[0]}, {draft.period[1]}]"
        if draft.period
        else "# period = [2027, 2040]  the document does not say",
        f"title.{language} = {_string(draft.title)}",
        *(f"summary.{code} = {_string(text.format(file=draft.file))}" for code, text in _SUMMARY.items()),
        f"source.title = {_string(draft.title)}",
        "",
        "[version]",
        f"label = {_string(draft.file)}",
        'state = "draft"',
    ]
    for part in plan_parts(draft, plan, kinds=kinds, left_out=left_out):
        lines += ["", "[[element]]", f"id = {_string(part.id)}", f"kind = {_string(part.kind)}"]
        if part.parent:
            lines.append(f"parent = {_string(part.parent)}")
        if part.number:
            lines.append(f"number = {_string(part.number)}")
        lines.append(f"title.{language} = {_string(part.title or _first_words(part.text))}")
        if part.text:
            lines.append(f"text.{language} = {_string(part.text)}")
        lines.append(f"source = {_string(part.source)}")
        if part.url:
            lines.append(f"url = {_string(part.url)}")
    out = set(left_out)
    rest = [
        (element.words, "left out in the review", str(element.place))
        for element in draft.elements
        if element.id in out
    ]
    rest += [(piece.text, piece.reason, str(piece.place)) for piece in draft.left_over]
    if rest:
        lines += ["", "# Text of the source that became no element:"]
        lines += [
            f"# {reason}{f' ({place})' if place else ''}: {_line(text)}" for text, reason, place in rest
        ]
    return "\n".join(lines) + "\n"


def _first_words(text: str) -> str:
    """Return the first words of a text as the title that the content files demand."""
    first = text.split("\n", 1)[0].split()
    return " ".join(first[:TITLE_WORDS]) + ("…" if len(first) > TITLE_WORDS else "")


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _string(text: str) -> str:
    r"""Return a TOML string; a text of several lines stands on several lines.

    >>> print(_string('Han sa "ja"'))
    "Han sa \"ja\""
    """
    lines = [
        json.dumps(line, ensure_ascii=False).replace("\x7f", "\\u007f")[1:-1] for line in text.split("\n")
    ]
    return f'"{lines[0]}"' if len(lines) == 1 else '"""\\\n' + "\n".join(lines) + '"""'
