"""The table of cue words, and what a heading or a sentence before a list says by them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Cue", "heading_cue", "lead_in_cue", "number_word", "sentences", "table_words"]

_FILE = Path(__file__).with_name("cues.toml")
# Where two cues fit one text, the first of these wins.
_ORDER = (
    "contents", "caption", "main_goal", "conclusion", "annex", "reference", "goals", "ambition", "statement",
    "main_goals", "means",
    "focus", "choice", "priority", "challenge", "drivers", "vision", "value", "purpose", "chapter",
)  # fmt: skip


@dataclass(frozen=True)
class Cue:
    """What a heading is by its words: the name of the cue, a number and the rest where it has them."""

    name: str
    number: str = ""
    rest: str = ""
    opens: bool = False


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _patterns(key: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    said = _said()
    return tuple(
        (name, re.compile(pattern, re.IGNORECASE)) for name in _ORDER for pattern in said[name].get(key, ())
    )


def heading_cue(text: str) -> Cue | None:
    """Return what a heading says by its words, None when it says nothing that is known.

    >>> heading_cue("Hovedmål 3: Ha nok folk")
    Cue(name='main_goal', number='3', rest='Ha nok folk', opens=True)
    >>> heading_cue("Four-year goals").name, heading_cue("Ambisjon (15 år)").name, heading_cue("Beredskap")
    ('goals', 'ambition', None)
    """
    plain = " ".join(text.split())
    plain = re.sub(r"^\d{1,2}(\.\d{1,2})*\.?\s+", "", plain)
    for name, pattern in _patterns("heading"):
        found = pattern.search(plain)
        if found:
            number, rest = found.groups()[:2] if name == "main_goal" else ("", "")
            return Cue(name, number or "", (rest or "").strip(), bool(_said()[name].get("opens")))
    return None


def lead_in_cue(text: str) -> str | None:
    """Return what kind of list a sentence announces, None when it does not say.

    >>> lead_in_cue("Gruppen ser disse uløste utfordringene:"), lead_in_cue("This means:"), lead_in_cue("Vi har:")
    ('challenge', 'statement', None)
    """
    plain = " ".join(text.split())
    order = ("statement", "means", "focus", "choice", "main_goals", "priority", "challenge")
    last = re.split(r"(?<=[.!?])\s+", plain)[-2:]
    for sentence in (plain if len(plain) < 60 else last[-1], " ".join(last)):
        for name in order:
            if any(
                re.search(pattern, sentence, re.IGNORECASE) for pattern in _said()[name].get("lead_in", ())
            ):
                return name
    return None


def sentences(kind: str, text: str) -> str | None:
    """Return the vision or the values that a sentence holds.

    >>> sentences("vision", "Vår visjon er: Nær deg hele livet.")
    'Nær deg hele livet'
    >>> sentences("value", "Mot, varme og kunnskap er de felles verdiene.")
    'Mot, varme og kunnskap'
    """
    for pattern in _said()["sentence"][kind]:
        for part in (text, *re.split(r"(?<=[.!?])\s+", text)):
            found = re.search(pattern, part, re.IGNORECASE)
            if found:
                return found.group(1).strip()
    return None


def number_word(text: str) -> int | None:
    """Return the number that a sentence before a list gives for it, in words or digits.

    >>> number_word("Arbeidet samles om to forhold:"), number_word("Fire utfordringer"), number_word("Mål (4 år)")
    (2, 4, None)
    """
    numbers = _said()["numbers"]
    found = [numbers[word] for word in re.findall(r"\w+", text.lower()) if word in numbers]
    return found[-1] if len(found) == 1 else None


def table_words(key: str) -> tuple[str, ...]:
    """Return the words by which columns of a table of people are known."""
    return tuple(_said()["population"][key])
