"""One clear error out of everything that can be wrong with a scenario: file, line, got, expected, way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from framsyn.errors import PlanError
from framsyn.scenario.distributions import DISTRIBUTIONS
from framsyn.scenario.model import Wording
from framsyn.scenario.profiles import PROFILES
from framsyn.scenario.toml_text import line_of

__all__ = ["Origin", "fault", "nearest", "plan_error"]

_FIRST = ("extra_forbidden", "union_tag_invalid", "union_tag_not_found", "literal_error")
_TAGGED: dict[str, Mapping[str, type[BaseModel]]] = {
    "effect": DISTRIBUTIONS,
    "realisation": DISTRIBUTIONS,
    "conversion": DISTRIBUTIONS,
    "profile": PROFILES,
}
_TEXTS = ("label", "reason", "set_to_meet", "description", "measures")
_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a text",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "string_too_short": "a text that is not empty",
    "model_type": "a table",
    "dict_type": "a table",
    "model_attributes_type": "a table",
}


@dataclass(frozen=True)
class Origin:
    """Where a scenario was read: name of the file, and its text so that a line can be found."""

    file: str = ""
    text: str = ""

    def place(self, scenario: str, path: Iterable[str | int]) -> tuple[str, int | None]:
        """Say where a key stands: file and line, or the scenario's name when it came from no file."""
        keys = list(path)
        line = line_of(self.text, keys) if self.text else None
        where = f"scenario {self.file}" if self.file else f'scenario "{scenario}"' if scenario else "scenario"
        return (f"{where}, line {line}" if line else where), line


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, as a sentence; list them all when none is near and they are few.

    Examples
    --------
    >>> nearest("efect", ["effect", "reason"])
    'Did you mean "effect"?'
    >>> nearest("x", ["effect", "reason"])
    'Known: effect, reason.'
    """
    names = sorted(map(str, known))
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Known: {', '.join(names)}." if 0 < len(names) <= 30 else ""


def fault(
    code: str,
    origin: Origin,
    scenario: str,
    path: Iterable[str | int],
    assumption: str,
    key: str,
    *,
    got: Any,
    expected: str,
    way_out: str = "",
    more: int = 0,
) -> PlanError:
    """Word one error: place, assumption, key, got, expected, way out."""
    where, line = origin.place(scenario, path)
    subject = f'{where}, assumption "{assumption}"' if assumption else where
    subject = f"{subject}, {key}" if key else subject
    others = f" ({more} more fault{'s' if more > 1 else ''} after this one.)" if more else ""
    message = f"{subject}: got {_short(got)}; {expected}.{' ' + way_out if way_out else ''}{others}"
    return PlanError(
        code,
        message,
        file=origin.file,
        row=line,
        assumption=assumption,
        key=key,
        got=got,
        expected=expected,
        way_out=way_out,
    )


def _short(got: Any) -> str:
    if got is None:
        return "nothing"
    if isinstance(got, bool):
        return str(got).lower()
    if isinstance(got, str):
        text = got if " " in got else f'"{got}"'
    else:
        text = f"{got:g}" if isinstance(got, float) else str(got)
    return text if len(text) <= 60 else text[:57] + "…"


def plan_error(
    error: ValidationError, raw: Any, origin: Origin, models: Mapping[str, type[BaseModel]]
) -> PlanError:
    """Turn what pydantic found into one `PlanError`.

    Parameters
    ----------
    error : ValidationError
        All faults of one reading.
    raw : Any
        The document that was read, for the names of the assumptions.
    origin : Origin
        File and text.
    models : mapping
        Model per key: "" the scenario, "assumption", "target", "headline", "figure".
    """
    details = error.errors(include_url=False)

    def rank(detail: Any) -> int:
        kind = detail["type"]
        return _FIRST.index(kind) if kind in _FIRST else len(_FIRST) + (kind == "missing")

    worst = min(details, key=rank)
    path = _clean_path(worst["loc"], raw)
    context = worst.get("ctx") or {}
    if context.get("key") and "rule" in context:
        path += [int(part) if part.isdigit() else part for part in str(context["key"]).split(".")]
    scenario = str(raw.get("name", "")) if isinstance(raw, Mapping) else ""
    assumption, inner = _assumption_of(path, raw)
    code, got, expected, way_out = _described(worst, path, context, models)
    key = ".".join(str(part) for part in inner if not isinstance(part, int))
    return fault(
        code,
        origin,
        scenario,
        path,
        assumption,
        key,
        got=got,
        expected=expected,
        way_out=way_out,
        more=len(details) - 1,
    )


def _clean_path(loc: tuple[int | str, ...], raw: Any) -> list[str | int]:
    """Path of a fault without pydantic's own tags: a tag follows a key that holds a tagged union."""
    path: list[str | int] = []
    for part in loc:
        tags = _TAGGED.get(str(path[-1])) if path else None
        if tags is None or part not in tags:
            path.append(part)
    return path


def _assumption_of(path: list[str | int], raw: Any) -> tuple[str, list[str | int]]:
    """Name of the assumption that a path lies in, and the path below it."""
    if len(path) >= 2 and path[0] == "assumption" and isinstance(path[1], int):
        try:
            name = raw["assumption"][path[1]]["name"]
        except (KeyError, TypeError, IndexError):
            name = f"number {path[1] + 1}"
        return str(name), path[2:]
    if isinstance(raw, Mapping) and "assumption" not in raw and "kind" in raw:
        return str(raw.get("name", "")), path
    return "", path


def _described(
    worst: Any, path: list[str | int], context: Mapping[str, Any], models: Mapping[str, type[BaseModel]]
) -> tuple[str, Any, str, str]:
    """Code, got, expected and way out of one fault."""
    kind, got, last = worst["type"], worst["input"], str(path[-1]) if path else ""
    if "rule" in context:
        return kind, context["got"], str(context["rule"]), str(context["way_out"])
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1], worst["loc"], models)
        return "unknown-key", last, "this key is not known here", nearest(last, known) or "Remove it."
    if kind == "missing":
        if isinstance(path[-1], int):
            return (
                "wrong-type",
                f"{path[-1]} of them",
                "expected two numbers in a list",
                "Write age = [60, 105].",
            )
        return "key-missing", None, f'the key "{last}" is needed', f"Add {last} = …"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        known = list(_TAGGED.get(last, {}))
        tag = context.get("tag", None if isinstance(got, Mapping) else got)
        written = "" if last == "profile" else ", or a number alone"
        return (
            "unknown-kind",
            tag,
            f"expected a kind among {', '.join(known)}{written}",
            nearest(str(tag), known),
        )
    if kind in {"model_attributes_type", "dict_type", "model_type"} and last in _TAGGED:
        start = "expected a table" if last == "profile" else "expected a number, or a table"
        return "wrong-type", got, f"{start} with kind among {', '.join(_TAGGED[last])}", ""
    if kind == "literal_error":
        known = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ",").split(",")]
        if known == ["1"] and last == "format":
            return (
                "unknown-format",
                got,
                "this version reads format 1 of the scenario file",
                "Update Framsyn, or write format = 1.",
            )
        return f"unknown-{_noun(path)}", got, f"expected one of {', '.join(known)}", nearest(str(got), known)
    if kind == "finite_number":
        return (
            "not-a-number",
            got,
            "expected a finite number",
            "Leave the assumption out if its size is not known.",
        )
    if kind == "string_pattern_mismatch":
        return "bad-name", got, "a name has lower case letters, digits and underscores, a letter first", ""
    if kind in {"greater_than_equal", "less_than_equal"} and context.get("ge", context.get("le")) in {
        1990,
        2100,
    }:
        return "year-out-of-range", got, "expected a year within 1990–2100", ""
    if kind in _EXPECTED:
        return "wrong-type", got, f"expected {_EXPECTED[kind]}", ""
    return "bad-value", got, str(worst["msg"]).lower(), ""


def _noun(path: list[str | int]) -> str:
    words = [part for part in path if isinstance(part, str)]
    return words[-1].replace("_", "-") if words else "value"


def _known_keys(
    parent: list[str | int], loc: tuple[int | str, ...], models: Mapping[str, type[BaseModel]]
) -> list[str]:
    """Keys that may stand in a table, under the names that a file uses."""
    names = [part for part in parent if isinstance(part, str)]
    last = names[-1] if names else ""
    if last in _TAGGED:
        tag = next((part for part in loc if part in _TAGGED[last]), None)
        model: type[BaseModel] | None = _TAGGED[last].get(str(tag))
    elif last in _TEXTS:
        model = Wording
    else:
        model = models.get(last)
    return [] if model is None else [field.alias or key for key, field in model.model_fields.items()]
