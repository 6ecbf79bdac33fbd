"""The blocks of a view: each a piece of a page with an id of its own, the same ids whatever is on view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import translation

from framsyn.errors import PlanError
from framsyn.web.explorer.results import key, later, now
from framsyn.web.explorer.results.render import render
from framsyn.web.explorer.results.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.safestring import SafeString

    from framsyn.outlook.result import Outlook
    from framsyn.web.explorer.results.render import Piece
    from framsyn.web.explorer.state import State

__all__ = ["LATER", "NOW", "Block", "blocks", "piece_of", "pieces"]

NOW: dict[str, Callable[[View], Piece]] = {
    "result-key": key.figures,
    "result-need": now.need,
    "result-beds": now.beds,
    "result-months": now.months,
    "result-rooms": now.rooms,
    "result-places": now.places,
    "result-staff": now.staff,
    "result-money": now.money,
    "result-liquidity": now.liquidity,
    "result-climate": now.climate,
}
"""What follows the hand."""
LATER: dict[str, Callable[[View], Piece]] = {
    "result-why": later.why,
    "result-moved": later.moved,
    "result-where": later.where,
    "result-trusts": later.trusts,
    "result-table": later.table,
}
"""What may come a moment after."""
_PARTS = {"now": NOW, "later": LATER}


@dataclass(frozen=True)
class Block:
    """A piece of a page: its id, and the element that carries it."""

    id: str
    html: SafeString


def blocks(
    answer: Outlook,
    compared: Outlook | None,
    state: State,
    lang: str,
    part: str,
    narrow: bool = False,
    between: Callable[[], None] = lambda: None,
) -> list[Block]:
    """Return what a part of the explorer shows.

    Parameters
    ----------
    answer : Outlook
        What the state leads to.
    compared : Outlook or None
        What it is held against.
    state : State
    lang : {"nb", "nn", "en"}
    part : {"now", "later"}
        What is shown at once, or what may come a moment after.
    narrow : bool
        Whether the screen is a phone's; one drawing is made, for the width in use.
    between : callable, optional
        Called before each block: what is not hurried may stop there.

    Returns
    -------
    list of Block
        The same ids in the same order for every state; a block with nothing to say is hidden or says why.
    """
    view = View(answer, compared, state, lang, narrow)
    with translation.override(lang):
        made = []
        for name, make in _makers(part).items():
            between()
            made.append(Block(name, render(name, view, make(view))))
        return made


def pieces(view: View, part: str) -> dict[str, Piece]:
    """Return what the blocks of a part hold, by id, in the language of the view: charts as charts, before they are drawn."""
    with translation.override(view.lang):
        return {name: make(view) for name, make in _makers(part).items()}


def piece_of(view: View, name: str) -> Piece:
    """Return what one block holds; nothing where there is no such block."""
    make = {**NOW, **LATER}.get(name)
    with translation.override(view.lang):
        return make(view) if make is not None else None


def _makers(part: str) -> dict[str, Callable[[View], Piece]]:
    if part not in _PARTS:
        message = f'there is no part "{part}" of the results; expected one of {", ".join(_PARTS)}.'
        raise PlanError("unknown-part", message, got=part, expected=list(_PARTS))
    return _PARTS[part]
