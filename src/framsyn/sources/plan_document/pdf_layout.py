"""Where words stand on a page of a PDF: lines, columns, tables and drawn bullets, in reading order."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from framsyn.sources.plan_document.blocks import Block, letters

__all__ = ["Row", "Table", "page_rows"]

CLOSEST = 12  # lines, below which a page is not looked at for columns
GUTTER = 9.0  # points of white between two columns
_ATTRIBUTES = ("fontname", "size")


class Row:
    """One printed line: its words from left to right."""

    def __init__(self, words: list[dict[str, Any]]) -> None:
        words.sort(key=lambda word: word["x0"])
        self.words = words
        self.left, self.right = words[0]["x0"], max(word["x1"] for word in words)
        self.top = min(word["top"] for word in words)
        self.bottom = max(word["bottom"] for word in words)
        sizes: Counter[float] = Counter()
        for word in words:
            sizes[round(word["size"], 1)] += len(word["text"])
        self.size = sizes.most_common(1)[0][0]
        self.text = " ".join(word["text"] for word in words)
        self.bold = all(
            re.search(r"bold|black|heavy|semibold", word["fontname"], re.IGNORECASE) for word in words
        )
        self.page = 0
        self.height = 1.0
        self.column_right = 0.0
        self.column_left = 0.0


def page_rows(page: Any, raw: Counter[str]) -> list[Any]:
    """Return rows and tables of a page in reading order."""
    words = page.extract_words(extra_attrs=list(_ATTRIBUTES), keep_blank_chars=False, use_text_flow=False)
    raw += letters(" ".join(word["text"] for word in words))
    words += _drawn_bullets(page, words)
    tables = _tables(page)
    free = [word for word in words if not any(_inside(word, box) for box, _rows in tables)]
    placed = [Table(box, rows, page.page_number) for box, rows in tables]
    ordered = _columns(free, placed, page.width)
    for one in ordered:
        if isinstance(one, Row):
            one.page, one.height = page.page_number, page.height
            one.top, one.bottom = one.top / page.height, one.bottom / page.height
    return ordered


def _inside(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x0, top, x1, bottom = box
    across, down = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return x0 - 1 <= across <= x1 + 1 and top - 1 <= down <= bottom + 1


class Table:
    """A table on a page: its place and cells."""

    def __init__(self, box: tuple[float, float, float, float], rows: list[list[str]], page: int) -> None:
        self.left, self.top, self.right, self.bottom = box
        self.block = Block("table", rows=rows, page=page)


def _drawn_bullets(page: Any, words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a word for each bullet that is drawn as a small disc or square and so is no letter of the page."""
    found = []
    for shape in (*page.curves, *page.rects):
        wide, high = shape["width"], shape["height"]
        if not (1.2 <= wide <= 9 and 1.2 <= high <= 9 and abs(wide - high) < 0.35 * max(wide, high)):
            continue
        middle = (shape["top"] + shape["bottom"]) / 2
        beside = [
            word
            for word in words
            if word["top"] <= middle <= word["bottom"] and 0 < word["x0"] - shape["x1"] < 4 * word["size"]
        ]
        if beside:
            first = min(beside, key=lambda word: word["x0"])
            found.append({**first, "text": "•", "x0": shape["x0"], "x1": shape["x1"]})
    return found


def _tables(page: Any) -> list[tuple[tuple[float, float, float, float], list[list[str]]]]:
    """Return tables that are drawn with lines: place and cells."""
    if not page.lines and not page.rects and not page.curves:
        return []
    found = []
    for table in page.find_tables():
        rows = [[" ".join((cell or "").split()) for cell in row] for row in table.extract()]
        rows = [row for row in rows if any(row)]
        if (
            rows
            and max(len(row) for row in rows) >= 2
            and sum(bool(cell) for row in rows for cell in row) >= 3
        ):
            found.append((table.bbox, rows))
    return found


def _columns(words: list[dict[str, Any]], tables: list[Table], width: float) -> list[Any]:
    """Put words and tables in reading order: down the first column, then the second; what lies across both parts them."""
    rows = _rows(words)
    gutter = _gutter(rows, width)
    everything: list[Any] = sorted([*rows, *tables], key=lambda one: one.top)
    if gutter is None:
        _margins(rows)
        return everything
    result: list[Any] = []
    sides: tuple[list[Any], list[Any]] = ([], [])

    def empty() -> None:
        for side in sides:
            _margins([one for one in side if isinstance(one, Row)])
            result.extend(side)
            side.clear()

    for one in everything:
        if isinstance(one, Table):
            if one.left < gutter - 1 and one.right > gutter + 1:
                empty()
                result.append(one)
            else:
                sides[one.left > gutter - 1].append(one)
            continue
        if any(word["x0"] < gutter - 1 and word["x1"] > gutter + 1 for word in one.words):
            empty()
            _margins([one])
            result.append(one)
            continue
        for side, part in (
            (0, [word for word in one.words if word["x1"] <= gutter + 1]),
            (1, [word for word in one.words if word["x1"] > gutter + 1]),
        ):
            if part:
                sides[side].append(Row(part))
    empty()
    return result


def _margins(rows: list[Row]) -> None:
    if rows:
        left, right = min(row.left for row in rows), max(row.right for row in rows)
        for row in rows:
            row.column_left, row.column_right = left, right


def _rows(words: list[dict[str, Any]]) -> list[Row]:
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda one: (one["bottom"], one["x0"])):
        for row in reversed(rows[-3:]):
            size = max(word["size"], row[0]["size"])
            if abs(row[0]["bottom"] - word["bottom"]) < 0.45 * size:
                row.append(word)
                break
        else:
            rows.append([word])
    return sorted((Row(row) for row in rows), key=lambda row: row.top)


def _gutter(rows: list[Row], width: float) -> float | None:
    """Return where white parts two columns, None where the page has one."""
    if len(rows) < CLOSEST:
        return None
    best: tuple[float, float] | None = None
    for step in range(70, 131):
        place = width * step / 200
        crossing = sum(
            any(word["x0"] < place + GUTTER / 2 and word["x1"] > place - GUTTER / 2 for word in row.words)
            for row in rows
        )
        # Of places that are equally white, the one nearest the middle.
        score = crossing + abs(step - 100) / 1000
        if crossing <= max(1, 0.15 * len(rows)) and (best is None or score < best[0]):
            best = (score, place)
    if best is None:
        return None
    # Bullets, numbers and short lines are no column: each side has running words, side by side.
    sides = [0, 0]
    reach = [[1e9, 0.0], [1e9, 0.0]]
    for row in rows:
        for word in row.words:
            side = word["x0"] > best[1]
            sides[side] += len(word["text"])
            reach[side] = [min(reach[side][0], row.top), max(reach[side][1], row.bottom)]
    beside = min(reach[0][1], reach[1][1]) - max(reach[0][0], reach[1][0])
    whole = max(reach[0][1], reach[1][1]) - min(reach[0][0], reach[1][0])
    return best[1] if min(sides) > 0.15 * sum(sides) and beside > 0.3 * whole else None
