"""One content file: what it says, and how a fault in it is worded, with file, line, entry, got and way out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from framsyn.errors import PlanError
from framsyn.scenario.faults import nearest
from framsyn.scenario.model import FrozenModel
from framsyn.scenario.toml_text import line_of
from framsyn.web.plan import content_models as models
from framsyn.web.plan.content_effects import Effect, Reading
from framsyn.web.plan.content_events import Event

__all__ = [
    "EFFECTS",
    "GOALS",
    "INDICATORS",
    "LINKS",
    "MEASURES",
    "ORGANISATIONS",
    "READINGS",
    "WHEEL",
    "ContentFile",
]

ORGANISATIONS = "organisations.toml"
INDICATORS = "indicators.toml"
GOALS = "goals.toml"
MEASURES = "measures.toml"
LINKS = "links.toml"
WHEEL = "wheel.toml"
EFFECTS = "effects.toml"
READINGS = "readings.toml"

# Model of the table under a key, for the known keys of a message; every other table is a text.
_MODELS: dict[str, type[FrozenModel]] = {
    "plan": models.Plan,
    "version": models.Version,
    "element": models.Element,
    "link": models.Link,
    "organisation": models.Organisation,
    "indicator": models.Indicator,
    "breaks": models.Break,
    "data": models.IndicatorData,
    "outlook": models.IndicatorOutlook,
    "decision": models.Decision,
    "measure": models.Measure,
    "task": models.Task,
    "benefit": models.Benefit,
    "risk": models.Risk,
    "event": Event,
    "effect": Effect,
    "reading": Reading,
    "plan source": models.Source,
    "organisation source": models.Source,
}


@dataclass(frozen=True)
class ContentFile:
    """One TOML file: its name, its text, to find a line in, and what it says."""

    name: str
    text: str
    said: dict[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> ContentFile:
        """Read a file, or say which line is not TOML."""
        text = path.read_text(encoding="utf-8")
        try:
            return cls(path.name, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            message = f"{path.name}: not TOML: {error}. Mend the line."
            raise PlanError("not-toml", message, file=path.name, got=str(error)) from error

    def entries(self, key: str, kind: Any) -> tuple[Any, ...]:
        """Entries of a file that is one list of ``[[key]]`` blocks."""
        for other in self.said:
            if other != key:
                raise self.fault(
                    "unknown-key", [other], other, f"this file holds [[{key}]] blocks alone", "Remove it."
                )
        return tuple(self._checked(tuple[kind, ...], self.said.get(key, []), [key]))

    def plan(self) -> models.PlanFile:
        """Plan of a plan file; the file is named by its plan's id."""
        file: models.PlanFile = self._checked(models.PlanFile, self.said, [])
        if f"{file.plan.id}.toml" != self.name:
            rule = f'a plan lies in the file of its own id, "{file.plan.id}.toml"'
            raise self.fault("wrong-file", ["plan", "id"], file.plan.id, rule, "Rename one of them.")
        return file

    def _checked(self, kind: Any, said: Any, start: list[str | int]) -> Any:
        try:
            return TypeAdapter(kind).validate_python(said)
        except ValidationError as error:
            raise self._worded(error, start) from error

    def _worded(self, error: ValidationError, start: list[str | int]) -> PlanError:
        """One error out of all that pydantic found."""
        details = error.errors(include_url=False)
        # A key that is spelled wrong is told before the key that is missing because of it.
        worst = min(
            details, key=lambda detail: (detail["type"] != "extra_forbidden", detail["type"] == "missing")
        )
        kind, got, context = worst["type"], worst["input"], worst.get("ctx") or {}
        path = self._written(start, worst["loc"])
        last = str(path[-1]) if path else ""
        rule, way_out = str(worst["msg"]).lower(), ""
        if "rule" in context:
            path += [part for part in str(context["key"]).split(".") if part]
            got, rule, way_out = context["got"], str(context["rule"]), str(context["way_out"])
        elif kind == "extra_forbidden":
            kind, got, rule = "unknown-key", last, "this key is not known here"
            way_out = nearest(last, _known(path)) or "Remove it."
        elif kind == "missing":
            language = last in ("nb", "nn", "en")
            kind, got = ("language-missing" if language else "key-missing"), None
            rule = "every text is given in nb, nn and en" if language else f'the key "{last}" is needed'
            way_out = f"Add {last} = …"
        elif kind == "literal_error":
            kind, rule = f"unknown-{last}", f"expected one of {context['expected']}"
        elif kind == "string_pattern_mismatch":
            kind, rule = "bad-name", f"expected a text of the form {context['pattern']}"
        elif kind == "string_too_short":
            kind, rule, way_out = (
                "empty-text",
                "expected a text that is not empty",
                "Write it, or leave the key out.",
            )
        elif kind.startswith("date"):
            kind, rule, way_out = "wrong-type", "expected a day", "Write 2026-12-31 without quotes."
        elif kind in ("model_type", "model_attributes_type"):
            kind, rule = "wrong-type", "expected a table"
            way_out = "Write { nb = …, nn = …, en = … }." if _known([*path, ""]) == ["nb", "nn", "en"] else ""
        return self.fault(kind, path, got, rule, way_out)

    def _written(self, start: list[str | int], loc: tuple[int | str, ...]) -> list[str | int]:
        """Path of a fault in the file's own keys, without the names that pydantic gives to members of a union."""
        path = list(start)
        here: Any = self.said
        for part in start:
            here = here[part]
        for number, part in enumerate(loc):
            inside: Any = here
            if isinstance(part, str) and isinstance(inside, dict) and part in inside:
                here = inside[part]
            elif isinstance(part, int) and isinstance(inside, list) and part < len(inside):
                here = inside[part]
            elif number < len(loc) - 1 or not isinstance(inside, dict):
                continue
            path.append(part)
        return path

    def _entry(self, path: list[str | int]) -> str:
        """Name of the entry that a path lies in."""
        if len(path) < 2 or not isinstance(path[1], int):
            return str(path[0]) if path else ""
        try:
            said = self.said[str(path[0])][path[1]]
            name = said.get("id") or said.get("goal") or f"{said['source']} → {said['target']}"
        except (KeyError, TypeError, IndexError, AttributeError):
            name = f"number {path[1] + 1}"
        return f'{path[0]} "{name}"'

    def fault(
        self, code: str, path: Iterable[str | int], got: Any, rule: str, way_out: str = ""
    ) -> PlanError:
        """Word one error: file and line, entry and key, got, expected, way out."""
        keys = list(path)
        entry = self._entry(keys)
        line = line_of(self.text, keys)
        inner = ".".join(str(key) for key in keys[1:] if not isinstance(key, int))
        subject = ", ".join(
            part for part in (f"{self.name}, line {line}" if line else self.name, entry, inner) if part
        )
        said = "nothing" if got is None else f'"{got}"' if isinstance(got, str) else str(got)
        said = said if len(said) <= 80 else said[:77] + "…"
        message = f"{subject}: got {said}; {rule}.{' ' + way_out if way_out else ''}"
        return PlanError(
            code,
            message,
            file=self.name,
            row=line,
            entry=entry,
            key=inner,
            got=got,
            expected=rule,
            way_out=way_out,
        )


def _known(path: list[str | int]) -> list[str]:
    """Keys that may stand in the table that holds the last key of a path."""
    names = [part for part in path[:-1] if isinstance(part, str)]
    if not names:
        model: type[FrozenModel] = models.PlanFile
    else:
        model = _MODELS.get(" ".join(names[-2:])) or _MODELS.get(names[-1]) or models.Text
    return [part.alias or key for key, part in model.model_fields.items()]
