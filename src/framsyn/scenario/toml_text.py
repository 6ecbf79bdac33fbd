"""TOML text of a scenario: written in one fixed form, and searched for the line of a key.

Python reads TOML without line numbers and does not write it, so both are done here for the few forms that a
scenario uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["line_of", "write_toml"]

WIDTH = 100
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\s\"'-]+?)\s*\]\]?\s*(?:#.*)?$")


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(sign, sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04x}") for sign in text
    )


def _string(text: str, used: int) -> str:
    """Write a string on one line, or wrapped at single spaces with a trailing backslash when it is long."""
    plain = _escaped(text)
    if used + len(plain) + 2 <= WIDTH:
        return f'"{plain}"'
    lines, line = [], ""
    for word in re.split(r"(?<=\S) (?=\S)", plain):
        if line and len(line) + len(word) + 3 > WIDTH:
            lines.append(line + " \\")
            line = word
        else:
            line = f"{line} {word}" if line else word
    return '"""\\\n' + "\n".join([*lines, line]) + '"""' if lines else f'"{plain}"'


def _key(key: str) -> str:
    return key if _BARE.match(key) else f'"{_escaped(key)}"'


def _value(value: Any, used: int = 0) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _string(value, used)
    if isinstance(value, Mapping):
        return (
            "{ "
            + ", ".join(f"{_key(key)} = {_value(item, -WIDTH * 1000)}" for key, item in value.items())
            + " }"
        )
    return "[" + ", ".join(_value(item, -WIDTH * 1000) for item in value) + "]"


def _lines(table: Mapping[str, Any], dotted: Sequence[str]) -> list[str]:
    lines = []
    for key, value in table.items():
        if key in dotted and isinstance(value, Mapping):
            for part, item in value.items():
                start = f"{_key(key)}.{_key(part)} = "
                lines.append(start + _value(item, len(start)))
        else:
            start = f"{_key(key)} = "
            lines.append(start + _value(value, len(start)))
    return lines


def write_toml(document: Mapping[str, Any], dotted: Sequence[str] = ()) -> str:
    """Write a document of plain values, tables and lists of tables as TOML.

    Parameters
    ----------
    document : mapping
        Plain values and tables; a list of mappings at the top becomes ``[[key]]`` blocks after all else.
    dotted : sequence of str
        Tables that are written as one ``key.part = …`` line per part, for long texts.

    Returns
    -------
    str
        Text that `tomllib` reads back to the same document.

    Examples
    --------
    >>> print(write_toml({"name": "plan", "assumption": [{"name": "a", "age": [60, 105]}]}), end="")
    name = "plan"
    <BLANKLINE>
    [[assumption]]
    name = "a"
    age = [60, 105]
    """
    blocks = {
        key: value
        for key, value in document.items()
        if isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value)
    }
    parts = ["\n".join(_lines({key: value for key, value in document.items() if key not in blocks}, dotted))]
    parts += [
        "\n".join([f"[[{_key(key)}]]", *_lines(item, dotted)])
        for key, items in blocks.items()
        for item in items
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _without_long_texts(text: str) -> list[str]:
    """Blank the inside of multi-line strings, so that it holds no false key; return the lines."""

    def blank(match: re.Match[str]) -> str:
        return '""' + "\n" * match.group().count("\n")

    quiet = re.sub(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'', blank, text, flags=re.DOTALL)
    return quiet.split("\n")


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Find the line of a key in a TOML text.

    Parameters
    ----------
    text : str
        The TOML text.
    path : sequence of str or int
        Keys from the top; a number counts the blocks of the list before it, from 0.

    Returns
    -------
    int or None
        Line from 1; of the nearest enclosing key when the key itself is not written; None when none is.

    Examples
    --------
    >>> text = '''name = "plan"
    ... [[assumption]]
    ... name = "a"
    ... [[assumption]]
    ... name = "b"
    ... effect = { kind = "normal", mean = 0.1 }
    ... '''
    >>> line_of(text, ["assumption", 1, "effect", "mean"]), line_of(text, ["assumption", 0])
    (6, 2)
    """
    counts: dict[str, int] = {}
    here: list[str | int] = []
    wanted = list(path)
    best: tuple[int, int] | None = None

    def consider(full: list[str | int], line: int) -> None:
        nonlocal best
        shared = len(full)
        if full == wanted[:shared] and (best is None or shared > best[0]):
            best = (shared, line)

    for number, line in enumerate(_without_long_texts(text), start=1):
        header = _HEADER.match(line)
        if header:
            keys = [part.strip().strip("\"'") for part in header.group(2).split(".")]
            here = []
            for depth, key in enumerate(keys):
                here.append(key)
                name = ".".join(keys[: depth + 1])
                if header.group(1) == "[[" and depth == len(keys) - 1:
                    counts[name] = counts.get(name, -1) + 1
                if name in counts:
                    here.append(counts[name])
            if here[-1] == 0:
                consider(here[:-1], number)
            consider(here, number)
            continue
        start = re.match(r"^\s*([A-Za-z0-9_\"'-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=", line)
        if start:
            keys = [part.strip().strip("\"'") for part in start.group(1).split(".")]
            for depth in range(1, len(keys) + 1):
                consider([*here, *keys[:depth]], number)
    return None if best is None else best[1]
