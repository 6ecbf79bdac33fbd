"""Types that resources and requests share; each says in the reference what it is."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, StringConstraints, model_validator

from framsyn.web.api.etags import unwritable

__all__ = [
    "Day",
    "Figure",
    "Id",
    "In",
    "Links",
    "Listing",
    "Number",
    "Out",
    "Paging",
    "Ref",
    "Words",
    "WordsIn",
]

T = TypeVar("T")
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2200, 12, 31)
_HUGE = 1e15

Language = Literal["nb", "nn", "en"]
Words = Annotated[
    dict[Language, str],
    Field(
        description="A text by language form: `nb` (bokmål), `nn` (nynorsk), `en`. Forms that are missing are left out. "
        "With `?lang=` only that form; where it is missing, the nearest one under its own key.",
        examples=[{"nb": "Årsverk", "nn": "Årsverk", "en": "Full-time equivalents"}],
    ),
]
WordsIn = Annotated[
    dict[Language, Annotated[str, StringConstraints(max_length=50_000)]],
    Field(
        description="A text in one language form at least.",
        examples=[{"nb": "Årsverk", "en": "Full-time equivalents"}],
    ),
]
Line = Annotated[str, StringConstraints(max_length=300)]
Reason = Annotated[str, Field(max_length=2000, description="Why; the log keeps it.")]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-_HUGE, le=_HUGE)]
Whole = Annotated[int, Field(ge=0, le=100_000)]


def _likely(day: datetime.date) -> datetime.date:
    if not FIRST <= day <= LAST:
        message = f"{day} is no day of a plan; expected {FIRST} to {LAST}"
        raise ValueError(message)
    return day


def _written(day: Any) -> Any:
    if isinstance(day, int | float):  # which would be taken for seconds since 1970
        message = f"{day} is no day; write it as 2027-01-31"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns a ValueError into its own
    return day


Day = Annotated[datetime.date, BeforeValidator(_written), AfterValidator(_likely)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Out(Schema):
    """What is answered."""


class In(Schema):
    """What is sent: a name that nobody knows is refused, so that no typing error passes for a change."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def writable(cls, values: Any) -> Any:
        """Refuse characters that no database keeps."""
        given = getattr(values, "_obj", values)
        if unwritable(_all_words(given)):
            message = "a text holds a null character or half a character; take it out"
            raise ValueError(message)
        return values


def _all_words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(map(_all_words, [*value.keys(), *value.values()]))
    if isinstance(value, list | tuple):
        return "".join(map(_all_words, value))
    return ""


class Links(Out):
    """Permanent addresses of a thing."""

    self: str = Field(description="This resource.")
    page: str | None = Field(None, description="The page that people read.")
    files: dict[str, str] = Field(default_factory=dict, description="The same as files, by kind.")
    more: dict[str, str] = Field(default_factory=dict, description="What belongs to it, by name.")


class Ref(Out):
    """A thing that is named in another."""

    id: str
    title: Words
    href: str = Field(description="The resource.")


class Figure(Out):
    """A number with its flags. A value that is hidden (small numbers) is `null`."""

    value: float | None
    unit: str = Field(description="`share` is 0–1; `1` is a plain number.")
    hidden: bool = Field(False, description="There is a figure, and it rests on too few people to be shown.")
    source: Words
    licence: str
    quality: str = Field(
        description="official, derived, estimate, assumption, synthetic or faulty (the source warns of it)."
    )
    data_through: datetime.date | None = Field(description="Last day with data.")


class ListLinks(Out):
    """Ways through a list; the header Link says the same."""

    self: str
    next: str | None = None
    previous: str | None = None


class Listing(Out, Generic[T]):
    """A part of a list."""

    total: int = Field(description="How many there are in all parts.")
    limit: int
    offset: int
    links: ListLinks
    items: list[T]


class Paging(Schema):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=200, description="How many at a time.")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many are skipped.")
    lang: Language | None = Field(None, description="One language form of texts instead of all three.")


class One(Schema):
    """How one thing is told."""

    lang: Language | None = Field(None, description="One language form of texts instead of all three.")
