"""What the command line writes: results to stdout, messages to stderr, JSON alone where a script reads.

Tables are as wide as the terminal and at most 100 columns; where nothing tells the width (a pipe, a file) they are 100.
"""

from __future__ import annotations

import json
import math
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from cyclopts import App

__all__ = [
    "heading",
    "help_hint",
    "leave_pipe",
    "note",
    "one_table",
    "print_columns",
    "show_cancelled",
    "show_error",
    "stderr",
    "stdout",
    "use_utf8",
    "write_json",
]

WIDEST = 100
GAP = 2  # between columns: one of padding, one of the line that is not drawn

Column = tuple[str, Sequence[str]]
"""Head and cells of a column."""


class Screen(Console):
    """A console that leaves a closed pipe to whoever called the command."""

    def on_broken_pipe(self) -> None:
        """Raise, where Rich would end the process as failed."""
        self.quiet = True
        raise BrokenPipeError


def use_utf8() -> None:
    """Write UTF-8 whatever the code page of the system is, so that minus signs and names survive a pipe."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def stdout() -> Console:
    """Return the console of results."""
    return _console(stderr=False)


def stderr() -> Console:
    """Return the console of messages and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Screen(stderr=stderr, highlight=False, emoji=False)
    told = console.is_terminal or "COLUMNS" in os.environ
    return Screen(
        stderr=stderr, highlight=False, emoji=False, width=min(console.width, WIDEST) if told else WIDEST
    )


def heading(console: Console, title: str, subtitle: str = "") -> None:
    """Write the title of a table: what it shows, and under it what, unit and where."""
    console.print()
    console.print(Text(title, style="bold"))
    if subtitle:
        console.print(Text(subtitle, style="dim"))


def note(console: Console, text: str) -> None:
    """Write a sentence under a table."""
    console.print(Text(text))


def print_columns(
    console: Console,
    texts: Sequence[Column],
    numbers: Sequence[Column],
    styles: Sequence[str] | None = None,
    fold: int = 26,
    tail: Sequence[Column] = (),
) -> None:
    """Print a table whose numbers never break.

    When the terminal is too narrow the first text column folds, and if that is not enough the columns of numbers are
    printed in several tables, each with the texts beside them.

    Parameters
    ----------
    console : Console
    texts : sequence of (head, cells)
        Left-aligned columns that stand in every part.
    numbers : sequence of (head, cells)
        Right-aligned columns.
    styles : sequence of str, optional
        Style of each row.
    fold : int
        Narrowest that the first text column is folded to.
    tail : sequence of (head, cells)
        Left-aligned columns behind the last numbers, such as bars.
    """
    natural = [max(map(cell_len, (head, *cells)), default=0) for head, cells in texts]
    first = min(natural[0], fold) if natural else 0
    room = console.width - first - sum(natural[1:]) - GAP * (len(texts) - 1)
    parts: list[tuple[list[Column], list[Column]]] = [([], [])]
    left = room
    for column in (*numbers, *tail):
        width = max(map(cell_len, (column[0], *column[1]))) + GAP
        if width > left and parts[-1] != ([], []):
            parts.append(([], []))
            left = room
        parts[-1][column in tail].append(column)
        left -= width
    for number, (right, behind) in enumerate(parts):
        if number:
            console.print()
        taken = sum(max(map(cell_len, (head, *cells))) + GAP for head, cells in (*texts[1:], *right, *behind))
        label = (texts[0][0], [hang(cell, console.width - taken) for cell in texts[0][1]])
        console.print(one_table([label, *texts[1:]], right, styles, behind))


def hang(text: str, width: int) -> str:
    """Fold a text to a width, the further lines set in.

    >>> hang("  Management and administration", 20).splitlines()
    ['  Management and', '    administration']
    """
    if cell_len(text) <= width:
        return text
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.fill(text.strip(), max(width, 8), initial_indent=indent, subsequent_indent=indent + "  ")


def one_table(
    texts: Sequence[Column],
    numbers: Sequence[Column],
    styles: Sequence[str] | None = None,
    tail: Sequence[Column] = (),
) -> Table:
    """Return a table of text columns, right-aligned columns of numbers, and left-aligned ones behind."""
    made = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
    )
    for number, (head, _) in enumerate(texts):
        made.add_column(Text(head), overflow="fold", no_wrap=0 < number < len(texts) - 1)
    for head, _ in numbers:
        made.add_column(Text(head), justify="right", no_wrap=True)
    for head, _ in tail:
        made.add_column(Text(head), no_wrap=True)
    columns = [cells for _, cells in (*texts, *numbers, *tail)]
    for number, row in enumerate(zip(*columns, strict=True)):
        made.add_row(*(Text(cell) for cell in row), style=styles[number] if styles else None)
    return made


def show_error(code: str, message: str, data: Mapping[str, Any], as_json: bool, hint: str = "") -> None:
    """Tell what is wrong in one block on stderr, and as JSON on stdout where a script reads."""
    if as_json:
        write_json({"error": {"code": code, "message": message, "data": dict(data)}})
    console = stderr()
    console.print(Text.assemble(("Error", "bold red"), f"  {code}"))
    console.print(Padding(Text(message), (0, 0, 0, 2), expand=False))
    if hint:
        console.print(Padding(Text(hint, style="dim"), (0, 0, 0, 2), expand=False))


def show_cancelled(where: str) -> None:
    """Tell that the user stopped the work and that no result was left half done."""
    place = f" while {where}" if where else ""
    stderr().print(
        Text.assemble(
            ("Cancelled", "bold"), f"{place}. Nothing was half written: results appear whole or not at all."
        )
    )


def leave_pipe() -> None:
    """Send what is left of the output nowhere, so that ending the process does not complain about the closed pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def help_hint(words: Sequence[str], app: App) -> str:
    """Return the call that shows the help of the command that was meant."""
    names, place = ["framsyn"], app
    for word in words:
        if word.startswith("-") or word not in list(place):
            break
        names.append(word)
        place = place[word]
    return f"Help: {' '.join(names)} --help"


def write_json(payload: Any) -> None:
    """Write a result as JSON to stdout, and nothing else; what is missing is null."""
    sys.stdout.write(json.dumps(plain(payload), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """Turn arrays, frames and numbers of NumPy into what JSON holds.

    >>> plain({"a": float("nan"), "b": (1, 2.5)})
    {'a': None, 'b': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return plain(value.to_dict("records"))
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
