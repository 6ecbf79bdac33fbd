"""What the parts of a scenario are made of: frozen, strict models, texts in three languages, one refusal."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

__all__ = ["LANGUAGES", "Count", "FrozenModel", "Number", "Wording", "Year", "refuse"]

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
