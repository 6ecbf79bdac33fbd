"""What the parts of a scenario are made of: frozen, strict models, texts in three languages, one refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

__all__ = [
    "LANGUAGES",
    "Count",
    "FrozenModel",
    "Number",
    "Remembering",
    "Wording",
    "Year",
    "canonical_json",
    "refuse",
    "tidy",
]

LANGUAGES = ("nb", "nn", "en")

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number; text and true/false are refused, never converted."""

Count = Annotated[int, Field(strict=True)]
"""A whole number, refused when written as text or with decimals."""

Year = Annotated[int, Field(strict=True, ge=1990, le=2100)]
"""A calendar year that a regional plan can speak of."""


class FrozenModel(BaseModel):
    """A part of a scenario: unknown keys are refused and nothing changes after it is made."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_by_alias=True,
        validate_by_name=True,
        use_attribute_docstrings=True,
    )


class Remembering(FrozenModel):
    """A part that remembers how it is written in its one fixed form: a moved lever leaves all others as they were."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy, perhaps with other fields; how the old one was written is not carried along."""
        made = super().model_copy(update=update, deep=deep)
        for name in set(made.__dict__) - set(type(made).model_fields):
            del made.__dict__[name]
        return made

    @cached_property
    def canonical(self) -> str:
        """JSON of the part, the same for any order of keys and any way to write a number."""
        return canonical_json(tidy(self.model_dump(by_alias=True, exclude_none=True)))


class Wording(FrozenModel):
    """One text in the three language forms that a reader may choose.

    Examples
    --------
    >>> Wording(nb="Behov", nn="Behov", en="Need")["en"]
    'Need'
    """

    nb: Annotated[str, Field(min_length=1)]
    """Bokmål."""
    nn: Annotated[str, Field(min_length=1)]
    """Nynorsk."""
    en: Annotated[str, Field(min_length=1)]
    """English."""

    def __getitem__(self, language: str) -> str:
        if language not in LANGUAGES:
            raise KeyError(language)
        return str(getattr(self, language))


def refuse(code: str, key: str, got: Any, rule: str, way_out: str = "") -> PydanticCustomError:
    """Make the error that a validator raises; `framsyn.scenario.faults` turns it into a `PlanError`.

    Parameters
    ----------
    code : str
        Stable name of the fault in kebab case.
    key : str
        Key at fault below the model that refuses, dotted; empty for the model itself.
    got : Any
        The value that was met.
    rule : str
        What is expected, as a clause without a full stop.
    way_out : str
        What to do, as a full sentence.
    """
    return PydanticCustomError(code, "{rule}", {"key": key, "got": got, "rule": rule, "way_out": way_out})


def canonical_json(value: Any) -> str:
    """Write a value as JSON without choice: sorted keys, no spaces.

    >>> canonical_json({"b": 1.0, "a": "ø"})
    '{"a":"ø","b":1.0}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def tidy(value: Any) -> Any:
    """Write a fixed value as its number, and leave out empty lists and tables."""
    if isinstance(value, dict):
        if value.get("kind") == "fixed" and set(value) == {"kind", "value"}:
            return value["value"]
        found = {key: tidy(item) for key, item in value.items()}
        if "kind" in found:
            found = {"kind": found.pop("kind"), **found} if "name" not in found else found
        if found.get("length_ratio") == 1.0:
            del found["length_ratio"]
        return {key: item for key, item in found.items() if item not in ((), [], {})}
    if isinstance(value, list | tuple):
        return [tidy(item) for item in value]
    return value
