"""Tables of the report as the templates of the folder walk them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.report.blocks import Span

if TYPE_CHECKING:
    from framsyn.report.blocks import Cell, Table

__all__ = ["shown"]


def shown(table: Table) -> dict[str, Any]:
    """Return a table of the report as a template walks it."""

    def cell(value: Cell, numeric: bool) -> dict[str, Any]:
        if isinstance(value, Span):
            return {"text": value.text, "lang": value.lang, "numeric": numeric}
        text = (
            " ".join(one if isinstance(one, str) else one.text for one in value)
            if isinstance(value, tuple)
            else value
        )
        return {"text": text, "lang": "", "numeric": numeric}

    rows = [
        [cell(value, column.numeric) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    return {
        "kind": "table",
        "name": table.name,
        "caption": table.caption,
        "columns": table.columns,
        "rows": rows,
    }
