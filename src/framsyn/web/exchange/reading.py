"""Reading the sheets: which column is which, what each row says, and every cell that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from framsyn.web.exchange.kinds import BASE, KINDS, SEEN, Column, Kind
from framsyn.web.exchange.values import BadCell, clean, read
from framsyn.web.exchange.vocabulary import Vocabulary, plain
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.web.exchange.opening import Book, Sheet

__all__ = ["Brought", "CellError", "Reading", "read_book"]

_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)
_LOOK_FOR_HEADS = 8


@dataclass(frozen=True)
class CellError:
    """What is wrong with one cell.

    Examples
    --------
    >>> str(CellError("Measures", "F12", "expected a date"))
    'Measures!F12: expected a date'
    """

    sheet: str
    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}: {self.message}" if self.cell else f"{self.sheet}: {self.message}"


@dataclass
class Brought:
    """One row as the workbook has it: cells that were read, and where they stand."""

    kind: str
    sheet: str
    row: int
    id: str
    values: dict[str, Any]
    cells: dict[str, str]
    base: dict[str, str] = field(default_factory=dict)
    seen: int | None = None

    def cell(self, column: str) -> str:
        """Return the address of a column's cell; that of the first cell where the sheet lacks the column."""
        return self.cells.get(column) or next(iter(self.cells.values()), f"A{self.row}")


@dataclass
class Reading:
    """All that a workbook says."""

    rows: list[Brought] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_book(book: Book, words: Mapping[str, Vocabulary]) -> Reading:
    """Read every sheet that the exchange knows.

    Parameters
    ----------
    book : Book
    words : dict of Vocabulary
        What may be chosen; ids of new rows of this workbook are added.
    """
    found = Reading()
    sheets: dict[str, tuple[Sheet, int, dict[str, int]]] = {}
    for sheet in book.sheets:
        known = _recognised(sheet, found)
        if known is None:
            continue
        kind, head, columns = known
        if kind in sheets:
            message = _(
                "there are two sheets of this kind, “%(one)s” and “%(other)s”; put their rows into one"
            )
            found.errors.append(
                CellError(sheet.title, "", message % {"one": sheets[kind][0].title, "other": sheet.title})
            )
            continue
        sheets[kind] = (sheet, head, columns)
    if not sheets:
        message = _(
            "no sheet of this workbook is known. Export a workbook here, change that one, and bring it back"
        )
        found.errors.append(CellError(book.sheets[0].title if book.sheets else "–", "", message))
    names = {
        kind: {
            str(row[columns["id"]]).strip()
            for row in sheet.rows[head:]
            if "id" in columns and len(row) > columns["id"] and row[columns["id"]]
        }
        for kind, (sheet, head, columns) in sheets.items()
    }
    words = dict(words)
    for vocabulary, kind in (("measure", "measures"), ("indicator", "indicators")):
        fresh = {name: {} for name in names.get(kind, ()) if name}
        words[vocabulary] = Vocabulary({**words[vocabulary].labels, **fresh}, open=True)
    units = dict(Indicator.objects.values_list("pk", "unit"))
    for name, kind in KINDS.items():  # in the order in which things need each other
        if name in sheets:
            _read_sheet(kind, *sheets[name], found, words, units, book.base.get(name))
    return found


def _recognised(sheet: Sheet, found: Reading) -> tuple[str, int, dict[str, int]] | None:
    """Return the kind of a sheet, how many of its rows are heads, and where each column stands."""
    for number, row in enumerate(sheet.rows[:_LOOK_FOR_HEADS]):
        kind = next((name for name in KINDS if len(_by_name(name, row)) > 1), None)
        if kind is not None:
            columns = _by_name(kind, row)
            below = sheet.rows[number + 1] if len(sheet.rows) > number + 1 else ()
            heads = _by_head(kind, below)
            is_head = len(heads) > len(columns) // 2
            strange = [
                clean(str(cell))
                for place, cell in enumerate(below)
                if is_head and cell is not None and place not in columns.values()
            ]
            return _told(sheet, kind, number + 1 + is_head, columns, strange, found, row)
    by_title = {plain(kind.named(language)): name for name, kind in KINDS.items() for language in LANGUAGES}
    kind = by_title.get(plain(sheet.title))
    if kind is None:
        return None
    best: tuple[int, int, dict[str, int]] = (0, 0, {})
    for number, row in enumerate(sheet.rows[:_LOOK_FOR_HEADS]):
        columns = _by_head(kind, row)
        if len(columns) > best[0]:
            best = (len(columns), number, columns)
    if best[0] < 2:
        message = _("the heads of this sheet are not known; keep the row of heads as it was exported")
        found.errors.append(CellError(sheet.title, "A1", message))
        return None
    row = sheet.rows[best[1]]
    strange = [
        clean(str(cell))
        for place, cell in enumerate(row)
        if cell is not None and place not in best[2].values() and cell not in (SEEN, BASE)
    ]
    return _told(sheet, kind, best[1] + 1, best[2], strange, found, row)


def _told(
    sheet: Sheet,
    kind: str,
    head: int,
    columns: dict[str, int],
    strange: Sequence[str],
    found: Reading,
    row: Sequence[Any],
) -> tuple[str, int, dict[str, int]] | None:
    """Tell what else the sheet holds; nothing is recognised where the key is missing or a column stands twice."""
    if strange:
        message = _("%(sheet)s: columns of your own are not read: %(columns)s.")
        found.notices.append(message % {"sheet": sheet.title, "columns": ", ".join(strange[:8])})
    if sheet.hidden > 1:
        message = _(
            "%(sheet)s: rows are hidden, by hand or by a filter (%(count)s). They are read like all others."
        )
        found.notices.append(message % {"sheet": sheet.title, "count": sheet.hidden - 1})
    twice = [
        place
        for place, cell in enumerate(row)
        if isinstance(cell, str)
        and cell.partition(":")[0] == kind
        and columns.get(cell.partition(":")[2]) not in (None, place)
    ]
    for place in twice:
        found.errors.append(
            CellError(
                sheet.title,
                f"{get_column_letter(place + 1)}{sheet.numbers[head - 1]}",
                _("this column stands here twice; take one of them out"),
            )
        )
    missing = [] if "id" in columns else ["id"]
    if missing:
        message = _(
            "the column “%(column)s” is missing; without it rows cannot be told apart. Take it from the "
            "exported workbook"
        )
        found.errors.append(
            CellError(sheet.title, "", message % {"column": str(KINDS[kind].column("id").head)})
        )
        return None
    return kind, head, columns


def _by_name(kind: str, row: Sequence[Any]) -> dict[str, int]:
    known = {column.name for column in KINDS[kind].columns} | {SEEN, BASE}
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        sort, _colon, name = str(cell or "").strip().partition(":")
        if sort == kind and name in known:
            found.setdefault(name, place)
    return found


def _by_head(kind: str, row: Sequence[Any]) -> dict[str, int]:
    heads = {
        plain(column.title(language)): column.name for column in KINDS[kind].columns for language in LANGUAGES
    }
    heads |= {SEEN: SEEN, BASE: BASE}
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        name = heads.get(plain(str(cell))) if cell is not None else None
        if name is not None:
            found.setdefault(name, place)
    return found


def _read_sheet(
    kind: Kind,
    sheet: Sheet,
    head: int,
    columns: dict[str, int],
    found: Reading,
    words: Mapping[str, Vocabulary],
    units: dict[str, str],
    summed: Sequence[str] | None,
) -> None:
    known: dict[str, int] = {}
    bad_areas = []
    for area in sheet.merged:
        left, top, right, bottom = range_boundaries(area)
        if bottom is not None and bottom > sheet.numbers[head - 1]:
            bad_areas.append((left, top, right, bottom))
            message = _(
                "these cells are merged, so that it cannot be told which of them the text belongs to; part "
                "them"
            )
            found.errors.append(CellError(sheet.title, area, message))
    by_place = [(name, place) for name, place in columns.items() if name not in (SEEN, BASE)]
    for number, row in zip(sheet.numbers[head:], sheet.rows[head:], strict=True):
        raw = {name: row[place] if place < len(row) else None for name, place in columns.items()}
        told = {
            name: value
            for name, value in raw.items()
            if name not in (SEEN, BASE)
            and kind.column(name).change != "never"
            and value not in (None, "")
            and not (isinstance(value, str) and not clean(value))
        }
        cells = {name: f"{get_column_letter(place + 1)}{number}" for name, place in by_place}
        unread = sheet.empty_formulas.intersection(cells.values())
        if not told and not unread:
            continue
        one = Brought(
            kind.name,
            sheet.title,
            number,
            "",
            {},
            cells,
            _base(raw.get(BASE), summed or [column.name for column in kind.changing]),
            _seen(raw.get(SEEN)),
        )
        unit = units.get(str(raw.get(kind.unit_of) or "").strip(), "") if kind.unit_of else ""
        for name, place in by_place:
            column = kind.column(name)
            if column.change == "never" or any(
                left <= place + 1 <= right and top <= number <= bottom
                for left, top, right, bottom in bad_areas
            ):
                continue
            try:
                one.values[name] = _cell(column, raw[name], cells[name], sheet, words, share=unit == "share")
            except BadCell as error:
                found.errors.append(CellError(sheet.title, cells[name], str(error)))
        one.id = one.values.get("id") or ""
        if kind.name == "indicators" and one.id and one.values.get("unit"):
            units.setdefault(one.id, one.values["unit"])
        if one.id and one.id in known:
            message = _("this id stands in row %(row)s already; a copied row that is to be new has no id")
            found.errors.append(CellError(sheet.title, cells["id"], message % {"row": known[one.id]}))
            continue
        known[one.id] = number
        found.rows.append(one)


def _cell(
    column: Column, value: Any, cell: str, sheet: Sheet, words: Mapping[str, Vocabulary], *, share: bool
) -> Any:
    if isinstance(value, str) and value.strip() in _ERRORS:
        raise BadCell(
            _("the formula of this cell gives %(error)s; mend it, or write the value")
            % {"error": value.strip()}
        )
    if cell in sheet.empty_formulas:
        raise BadCell(
            _(
                "the formula of this cell was never calculated; open and save the workbook in your "
                "spreadsheet, or write the value"
            )
        )
    return read(column, value, words.get(column.words), share=share and column.type == "figure")


def _seen(value: Any) -> int | None:
    return (
        int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None
    )


def _base(value: Any, names: Sequence[str]) -> dict[str, str]:
    """Return the check sums that a row was exported with; none where somebody has touched them."""
    sums = str(value or "").split(".")
    return dict(zip(names, sums, strict=True)) if len(sums) == len(names) else {}
