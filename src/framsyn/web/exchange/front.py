"""The first and the last sheet of the workbook: what it is and how it is used, and what every column means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.outlook.manifest import engine_version
from framsyn.web.exchange.kinds import KINDS, Column
from framsyn.web.templatetags.texts import date

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

__all__ = ["change_word", "type_word", "write_dictionary", "write_front"]


def type_word(column: Column) -> str:
    """Return what a column holds, in words."""
    return {
        "id": _("id"),
        "text": _("text"),
        "words": _("text"),
        "number": _("number"),
        "figure": _("number"),
        "share": _("share"),
        "whole": _("whole number"),
        "day": _("date"),
        "choice": _("choice"),
        "reference": _("id, from a list"),
        "references": _("ids, parted by semicolons"),
    }[column.type]


def change_word(column: Column) -> str:
    """Return whether a column may be changed, in words."""
    return {"free": _("yes"), "new": _("in new rows only"), "never": _("no, for reading")}[column.change]


def _rules() -> list[str]:
    return [
        _(
            "Change what you like in the white cells. Grey cells say what a row is about; leave them as they "
            "are."
        ),
        _("A new row goes below the last one: leave the id empty, or write a new short name in it."),
        _("A row that you delete stays in the plan. Nothing is taken out because it is missing here."),
        _(
            "An empty cell empties the text or number in the plan. Figures that are hidden because they count "
            "too few people are not in this workbook, and nothing here empties them."
        ),
        _("Texts stand in three columns: bokmål, nynorsk, English. Fill those that you can."),
        _(
            "Write dates as 2027-01-31 or 31.01.2027, numbers with decimal comma as your spreadsheet does, "
            "shares as 13,5 %."
        ),
        _(
            "You may sort, filter, hide and move columns, and rename sheets. Formulas are read by the value "
            "they show."
        ),
        _(
            "Bring the file back under “Exchange”. Nothing is changed before you have seen every difference "
            "and said yes; then all of it is changed, or nothing."
        ),
        _(
            "If somebody has changed the same cell in the plan meanwhile, you are shown both, and theirs "
            "stands until you decide."
        ),
        _(
            "The sheets are protected without a password, so that ids are not typed over by mistake. You may "
            "lift the protection."
        ),
    ]


def write_front(
    book: Any, sheet: Any, sizes: Mapping[str, int], made: datetime.datetime, site: str, plan: str
) -> None:
    """Write the first sheet."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 2, 10)
    head = book.format(bold=True, font_size=18, font_color="#004b52")
    strong = book.format(bold=True, bg_color="#cfe3e3", bottom=1)
    wrap = book.format(text_wrap=True)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, _("Goals, figures and measures"), head)
    stamp = [
        (_("Made"), f"{date(made)}, {made:%H:%M}"),
        (_("Site"), site or "–"),
        (_("Plan"), plan or _("all plans")),
        (_("Framsyn"), engine_version()),
    ]
    for row, (name, value) in enumerate(stamp, start=1):
        sheet.write_string(row, 0, name, book.format(bold=True))
        sheet.write_string(row, 1, value, wrap)
    row = len(stamp) + 2
    sheet.write_string(row, 0, _("How it is used"), strong)
    sheet.write_blank(row, 1, None, strong)
    for number, rule in enumerate(_rules(), start=1):
        sheet.set_row(row + number, 32 if len(rule) > 90 else 17)
        sheet.write_number(row + number, 0, number, book.format(align="left"))
        sheet.write_string(row + number, 1, rule, wrap)
    row += len(_rules()) + 2
    for number, word in enumerate((_("Sheet"), _("What it holds"), _("Rows"))):
        sheet.write_string(row, number, word, strong)
    for kind in KINDS.values():
        row += 1
        name = kind.named(book.language)
        sheet.set_row(row, 32 if len(str(kind.hint)) > 90 else 17)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", book.format(font_color="#004b52", underline=1), name)
        sheet.write_string(row, 1, str(kind.hint), wrap)
        sheet.write_number(row, 2, sizes[kind.name], book.format(num_format="#,##0"))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def write_dictionary(book: Any, sheet: Any) -> None:
    """Write the sheet that tells every column."""
    heads = (
        (_("Sheet"), 18),
        (_("Column"), 44),
        (_("Technical name"), 24),
        (_("What it holds"), 22),
        (_("Unit"), 26),
        (_("May be changed"), 20),
        (_("Must be filled"), 14),
        (_("Explanation"), 60),
        (_("Choices"), 60),
    )
    strong = book.format(bold=True, bg_color="#cfe3e3", bottom=1, text_wrap=True)
    wrap = book.format(text_wrap=True)
    for number, (word, width) in enumerate(heads):
        sheet.write_string(0, number, word, strong)
        sheet.set_column(number, number, width)
    row = 0
    for kind in KINDS.values():
        for column in kind.columns:
            row += 1
            words = book.words.get(column.words)
            choices = (
                ""
                if words is None
                else _("see the sheet of lists")
                if words.open
                else "; ".join(words.offered(book.language))
            )
            cells = (
                kind.named(book.language),
                column.title(book.language),
                f"{kind.name}:{column.name}",
                type_word(column),
                str(column.unit),
                change_word(column),
                _("one language form")
                if column.required and column.language
                else _("yes")
                if column.required
                else "",
                str(column.hint),
                choices,
            )
            for number, value in enumerate(cells):
                sheet.write_string(row, number, value, wrap)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, row, len(heads) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
