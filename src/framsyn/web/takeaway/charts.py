"""The charts of a view, by name, for those who want one of them as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.explorer.results import piece_of, pieces
from framsyn.web.explorer.results.render import Picture

if TYPE_CHECKING:
    from framsyn.web.explorer.results.view import View

__all__ = ["all_pictures", "picture_of"]


def all_pictures(view: View) -> dict[str, Picture]:
    """Return the charts of a view by name, in the order of the page."""
    found = (piece for part in ("now", "later") for piece in pieces(view, part).values())
    return {piece.chart.name: piece for piece in found if isinstance(piece, Picture)}


def picture_of(view: View, name: str) -> Picture | None:
    """Return one chart of a view; None where the view has no chart of that name."""
    found = piece_of(view, name.replace("explorer-", "result-", 1))
    return found if isinstance(found, Picture) else None
