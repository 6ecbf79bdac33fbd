"""What the levers say of another scenario or another view, for a page that is open already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from framsyn.web.explorer.form import lever_rows

if TYPE_CHECKING:
    from framsyn.web.explorer.state import State

__all__ = ["lever_facts"]


def lever_facts(state: State, lang: str) -> bytes:
    """Return where the scenario has each lever and its range, why one moves nothing, and whether a source gives its size."""
    facts = {
        row.lever.name: {
            "own": row.own,
            "note": row.note,
            "at": [row.own_at, row.range_at[0], row.range_width],
            "idle": row.idle,
            "unsourced": row.unsourced,
        }
        for row in lever_rows(state, lang)
    }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
