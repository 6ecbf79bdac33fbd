"""Every word that charts and reports show, in bokmål, nynorsk and English, from one table.

The table lies beside this module, in ``words.toml`` (charts), ``words_report.toml`` (report and workbook),
``words_quantities.toml`` (units and definitions), ``words_region.toml`` (names in the region's tables),
``words_run.toml`` (run and control charts), ``words_explorer.toml`` (charts of the explorer),
``words_assumptions.toml`` (cards of assumptions) and ``words_own_data.toml`` (workbook of a region's tables): one entry
per key with the three languages together, so that a translator sees them side by side. A text may hold fields in braces,
filled by :func:`word`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from string import Formatter
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.report.numbers import LANGUAGES, check_language

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "field_names", "join", "read_words", "word"]

FILES = (
    "words.toml",
    "words_report.toml",
    "words_quantities.toml",
    "words_region.toml",
    "words_run.toml",
    "words_explorer.toml",
    "words_assumptions.toml",
    "words_catalogue.toml",
    "words_own_data.toml",
)


@cache
def read_words() -> Mapping[str, Mapping[str, str]]:
    """Read the table of words.

    Returns
    -------
    mapping
        key → language → text, where a key is the TOML path joined by dots.

    >>> sorted(read_words()["chart.median"])
    ['en', 'nb', 'nn']
    """
    folder = resources.files("framsyn.report")
    entries: dict[str, dict[str, str]] = {}

    def collect(node: Mapping[str, object], path: str, name: str) -> None:
        for key, value in node.items():
            inner = f"{path}.{key}" if path else key
            if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
                if inner in entries:
                    message = f"{name}: {inner} stands twice; a word has one entry. Remove or rename one."
                    raise PlanError("word-twice", message, key=inner)
                entries[inner] = value
            elif isinstance(value, dict):
                collect(value, inner, name)
            else:
                message = f"{name}: {inner} is {value!r}; expected a table with nb, nn and en."
                raise PlanError("word-form", message, key=inner, got=value)

    for name in FILES:
        collect(tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8")), "", name)
    return entries


@cache
def field_names(text: str) -> set[str]:
    """Names of the fields in braces of a text.

    >>> sorted(field_names("{what}: {first} → {last}"))
    ['first', 'last', 'what']
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def word(key: str, lang: str = "nb", **values: object) -> str:
    """Look a text up and fill its fields.

    Parameters
    ----------
    key : str
        Dotted key of ``words.toml``.
    lang : str
        ``nb``, ``nn`` or ``en``.
    **values : object
        One per field of the text; a text is never shown with a hole.

    Returns
    -------
    str

    Raises
    ------
    PlanError
        For a key that is not in the table, a language that is not spoken, a field without a value.

    Examples
    --------
    >>> word("chart.last_count", "nn", year=2025)
    'siste teljing 2025'
    """
    check_language(lang)
    entries = read_words()
    if key not in entries:
        near = (
            sorted(other for other in entries if other.split(".")[-1] == key.split(".")[-1])
            or sorted(entries)[:5]
        )
        message = (
            f'word "{key}" is not in words.toml; near: {", ".join(near)}. Add it in all three languages.'
        )
        raise PlanError("unknown-word", message, key=key, near=near)
    text = entries[key][lang]
    missing = sorted(field_names(text) - set(values))
    if missing:
        message = f'word "{key}" needs {", ".join(missing)}; got {", ".join(sorted(values)) or "nothing"}.'
        raise PlanError("word-value", message, key=key, missing=missing)
    return text.format(**values)


def join(items: list[str], lang: str = "nb") -> str:
    """Join a list of texts as a sentence does.

    >>> join(["Molde", "Oppdal", "Namsos"], "en")
    'Molde, Oppdal and Namsos'
    >>> join(["Molde"])
    'Molde'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word('join.and', lang)} {items[-1]}"
