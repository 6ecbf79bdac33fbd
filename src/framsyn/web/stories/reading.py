"""Stories as their file says them: texts in three languages, the facts in them, a chart a step, levers at the end.

A region's ``stories.toml`` holds words and never a figure of the outlook. A text names its facts in braces; which sentence
of three is said (``up``, ``down`` or ``unsure``) follows the fact that ``by`` names.
"""

from __future__ import annotations

import functools
import string
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from framsyn.errors import PlanError
from framsyn.web.languages import LANGUAGES

__all__ = ["COMMON", "ChartSpec", "Fact", "Sentence", "Step", "Story", "read_stories", "stories_of"]

COMMON = frozenset({"first", "last", "scenario", "baseline", "money"})
"""What every text may name besides its facts."""
DIRECTIONS = ("up", "down", "unsure")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Words = dict[str, str]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Frozen):
    """A figure of the run, and what it is held against.

    One of ``quantity``, ``effect``, ``assumption``, ``realisation`` and ``today`` says what kind of figure it is.
    """

    quantity: str = ""
    """A kept line: "beds", "beds:change" (since the base year) or "population_65_plus:share"."""
    part: str = ""
    """Service area or profession."""
    place: str = "region"
    year: Literal["first", "last"] = "last"
    run: Literal["main", "baseline"] = "main"
    highest_of: Literal["", "trusts", "professions"] = ""
    lowest_of: Literal["", "trusts", "professions"] = ""
    against: Literal["first", "zero", "baseline", "beds_today", "floor"] = "first"
    """What up and down mean: since the base year, or above and below this."""
    size: bool | None = None
    """Say a fall without its minus. Left out: yes for changes, and for what is held against zero."""
    effect: str = ""
    """A cause in the explanation of ``quantity`` and ``part``, as a share of the base year."""
    assumption: str = ""
    """An assumption of the scenario: its effect in the end, realisation counted in."""
    realisation: str = ""
    """An assumption of the scenario: the share of its effect that comes true."""
    today: Literal["", "beds", "floor"] = ""
    """What is there in the base year, or what must be kept."""


class ChartSpec(_Frozen):
    """What a step draws."""

    kind: Literal["fan", "trusts", "compare", "professions", "why", "map", "assumptions"]
    quantity: str = ""
    part: str = ""
    history: bool = False
    target: Literal["", "beds_today", "floor"] = ""
    names: tuple[str, ...] = ()


class Sentence(_Frozen):
    """One sentence, or three of which the run chooses."""

    by: str = ""
    text: Words = {}
    up: Words = {}
    down: Words = {}
    unsure: Words = {}

    @property
    def variants(self) -> dict[str, Words]:
        """Every way of saying it."""
        return {name: getattr(self, name) for name in (DIRECTIONS if self.by else ("text",))}

    @model_validator(mode="after")
    def _whole(self) -> Sentence:
        for name, words in self.variants.items():
            _need_languages(words, name)
        return self


class Step(_Frozen):
    """A step: heading, sentences, a chart, and where the explorer goes on."""

    name: Name
    heading: Words
    chart: ChartSpec
    facts: dict[str, Fact] = {}
    say: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    explorer: dict[str, str] = {}
    levers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Step:
        _need_languages(self.heading, "heading")
        for sentence in self.say:
            if sentence.by and sentence.by not in self.facts:
                message = f'by = "{sentence.by}" names no fact of the step; there are {", ".join(self.facts) or "none"}'
                raise ValueError(message)
            for words in sentence.variants.values():
                for language, text in words.items():
                    unknown = named_in(text) - COMMON - set(self.facts)
                    if unknown:
                        message = f'the {language} text names "{min(unknown)}", which is no fact of the step: {text}'
                        raise ValueError(message)
        return self


class Story(_Frozen):
    """A story; its last step has levers."""

    slug: Name
    title: Words
    lead: Words
    step: Annotated[tuple[Step, ...], Field(min_length=4, max_length=6)]

    @model_validator(mode="after")
    def _whole(self) -> Story:
        _need_languages(self.title, "title")
        _need_languages(self.lead, "lead")
        names = [step.name for step in self.step]
        if len(set(names)) < len(names):
            message = f"two steps have one name: {', '.join(names)}"
            raise ValueError(message)
        if not self.step[-1].levers:
            message = "the last step has no levers; name two or three"
            raise ValueError(message)
        return self


def _need_languages(words: Words, name: str) -> None:
    if set(words) != set(LANGUAGES) or not all(words.values()):
        message = f"{name} is written in {', '.join(words) or 'no language'}; expected nb, nn and en"
        raise ValueError(message)


def named_in(text: str) -> set[str]:
    """Return the names in braces.

    >>> sorted(named_in("From {now} to {most.name}"))
    ['most', 'now']
    """
    return {field.partition(".")[0] for _, field, _, _ in string.Formatter().parse(text) if field}


def read_stories(path: Path) -> tuple[Story, ...]:
    """Read a file of stories.

    Raises
    ------
    PlanError
        ``bad-stories``: the file cannot be used; the message names the story and the step.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        stories = tuple(Story.model_validate(story) for story in found.get("story", ()))
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " › ".join(_places(found, first["loc"], error))
        raise _bad(path, f"{where}: {first['msg'].removeprefix('Value error, ')}") from error
    slugs = [story.slug for story in stories]
    if len(set(slugs)) < len(slugs):
        raise _bad(path, f"two stories have one slug: {', '.join(slugs)}")
    return stories


def _bad(path: Path, what: str) -> PlanError:
    message = f"{path.name}: {what}. See docs/how-to/tell-a-story.md."
    return PlanError("bad-stories", message, file=str(path))


def _places(found: dict[str, Any], loc: tuple[int | str, ...], error: ValidationError) -> list[str]:
    """Return where a fault stands, steps by their number."""
    refused = error.errors()[0].get("input")
    slug = next(
        (story.get("slug", "?") for story in found.get("story", ()) if _holds(story, refused)),
        "a story",
    )
    return [str(slug), *(f"{part + 1}" if isinstance(part, int) else part for part in loc)]


def _holds(thing: Any, part: Any) -> bool:
    """Tell whether something is a part of a thing, however deep."""
    if thing is part:
        return True
    inner = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    return any(_holds(one, part) for one in inner)


@functools.lru_cache(maxsize=4)
def _read(path: str, changed_at: int) -> tuple[Story, ...]:
    return read_stories(Path(path))


def stories_of(folder: Path) -> tuple[Story, ...]:
    """Return the stories of a region's folder; none where it has no ``stories.toml``."""
    path = Path(folder) / "stories.toml"
    return _read(str(path), path.stat().st_mtime_ns) if path.is_file() else ()
