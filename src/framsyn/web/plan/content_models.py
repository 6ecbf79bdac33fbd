"""What a plan's content files are made of: frozen, strict models, one per kind of entry.

The files lie in ``plan/`` of a region package: ``organisations.toml``, ``indicators.toml``, ``goals.toml``,
``measures.toml``, one file per plan, and ``wheel.toml`` (`framsyn.web.plan.content_events`). `framsyn.web.plan.content`
reads and checks them against each other.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from framsyn.scenario.model import FrozenModel, Wording, refuse

__all__ = [
    "Benefit",
    "Break",
    "Decision",
    "Element",
    "Identity",
    "Indicator",
    "IndicatorData",
    "IndicatorOutlook",
    "Link",
    "Measure",
    "Name",
    "Part",
    "Organisation",
    "Plan",
    "PlanFile",
    "Risk",
    "Source",
    "Task",
    "Text",
    "Version",
    "Year",
]

Identity = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
"""An id for ever: lower-case letters and digits, joined by dots and hyphens."""

Name = Annotated[str, Field(min_length=1)]
"""A text in one language or none: a title as it is printed, a case number, a unit code."""

Identities = Annotated[tuple[Identity, ...], Field(strict=False)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Grade = Annotated[int, Field(ge=1, le=5)]


class Part(FrozenModel):
    """An entry or a part of one: nothing is converted, unknown keys are refused, blank ends of texts are cut."""

    model_config = ConfigDict(strict=True, str_strip_whitespace=True)


class Text(Wording):
    r"""One text in bokmål, nynorsk and English; a blank line parts paragraphs.

    Examples
    --------
    >>> text = Text(nb="Ett.\n\nTo.", nn="Eitt.\n\nTo.", en="One.\n\nTwo.")
    >>> text["en"], text.paragraphs("nn")
    ('One.\n\nTwo.', ('Eitt.', 'To.'))
    """

    model_config = ConfigDict(strict=True, str_strip_whitespace=True)

    def paragraphs(self, language: str) -> tuple[str, ...]:
        """Paragraphs of the text in one language."""
        return tuple(part.strip() for part in self[language].split("\n\n") if part.strip())

    @model_validator(mode="after")
    def _same_paragraphs(self) -> Text:
        counts = {language: len(self.paragraphs(language)) for language in ("nb", "nn", "en")}
        if len(set(counts.values())) > 1:
            got = ", ".join(f"{language} {count}" for language, count in counts.items())
            rule = "the three languages have equally many paragraphs"
            raise refuse("unequal-paragraphs", "", got, rule, "Part them by a blank line at the same places.")
        return self


class Source(Part):
    """The document that a plan's content is taken from."""

    title: Name
    """Title as printed, in the document's own language."""
    date: datetime.date | Name | None = None
    """Day, or year or month as text where no day is known; absent where the document gives none."""
    note: Text | None = None
    url_note: Name | None = None
    """Where the document is published, as it says itself."""


class Organisation(Part):
    """A legal person or a unit that owns, decides or is responsible."""

    id: Identity
    kind: Literal["ministry", "health_authority", "trust", "enterprise", "municipality_group", "unit"]
    parent: Identity | None = None
    org_number: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    name: Text
    short: Text
    owner_note: Text | None = None
    """Role, size and owners."""
    source: Name | Source


class Plan(Part):
    """A plan, a strategy or a note, in any place of the hierarchy."""

    id: Identity
    kind: Literal[
        "national_plan",
        "regional_strategy",
        "regional_plan",
        "trust_plan",
        "sub_strategy",
        "status_note",
        "future_note",
        "folder",
    ]
    organisation: Identity
    period: Annotated[tuple[Year, Year], Field(strict=False)]
    """First and last year."""
    parent: Identity | None = None
    theme: Identity | None = None
    title: Text
    summary: Text
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> Plan:
        if self.period[0] > self.period[1]:
            raise refuse(
                "wrong-order",
                "period",
                list(self.period),
                "the first year is not after the last",
                "Swap them.",
            )
        return self


class Version(Part):
    """The state in which the content of a file stands."""

    label: Name
    state: Literal["draft", "consultation", "published"]
    date: datetime.date | Name | None = None
    """Day, or year as text; absent where the source gives none."""
    decided_by: Text | None = None
    case_number: Name | None = None


class Element(Part):
    """A part of a plan with an identity that it keeps for ever."""

    id: Identity
    kind: Literal[
        "chapter",
        "section",
        "paragraph",
        "driver",
        "main_goal",
        "goal",
        "ambition",
        "challenge",
        "priority",
        "statement",
        "vision",
        "value",
        "means",
        "focus",
        "annex",
        "reference",
        "choice",
    ]
    parent: Identity | None = None
    number: Name | None = None
    title: Text
    text: Text | None = None
    source: Name | None = None
    """Place in the source document: the heading as it stands there."""
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None


class Link(Part):
    """A relation from one element, measure or indicator to another."""

    source: Identity
    target: Identity
    kind: Literal["continues", "answers", "leads_to", "supports", "depends_on", "figure"]
    note: Text | None = None


class PlanFile(Part):
    """All that one plan file holds."""

    plan: Plan
    version: Version
    elements: Annotated[tuple[Element, ...], Field(strict=False, alias="element")]
    """In reading order."""
    links: Annotated[tuple[Link, ...], Field(strict=False, alias="link")] = ()


class Break(Part):
    """A day from which a series is counted in another way, or a time that its source warns of or an event marks."""

    date: datetime.date
    until: datetime.date | None = None
    """Last day of a time that is faulty or bears an event; a new way of counting has none."""
    kind: Literal["level", "faulty", "one_off"] = "level"
    place: Identity | None = None
    """Organisation that it is limited to; every place without it."""
    text: Text

    @model_validator(mode="after")
    def _span(self) -> Break:
        ends = self.until is not None and self.until >= self.date
        if (self.until is not None) if self.kind == "level" else not ends:
            got = self.until.isoformat() if self.until else None
            rule = "a day at or after date for faulty and one_off, and none for level: a new way of counting does not end"
            raise refuse("break-until", "until", got, rule, "Mend it, or choose the kind that is meant.")
        return self


class IndicatorData(Part):
    """Where the region package holds the figures of an indicator."""

    table: Name
    where: dict[str, Any] = Field(default_factory=dict)
    value: Name
    period: Name
    place: Name | None = None
    per: Any = None


class IndicatorOutlook(Part):
    """The quantity of an outlook that continues an indicator."""

    quantity: Name
    where: dict[str, Any] = Field(default_factory=dict)
    factor: float | None = None


class Indicator(Part):
    """Something that is measured again and again in the same way."""

    id: Identity
    name: Text
    definition: Text
    numerator: Text | None = None
    denominator: Text | None = None
    unit: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    decimals: Annotated[int, Field(ge=0, le=6)]
    frequency: Literal["year", "tertial", "quarter", "month"]
    direction: Literal["up", "down", "hold", "range", "none"]
    source: Text
    licence: Name | None = None
    small_number: Annotated[int, Field(ge=1)] | None = None
    responsible: Identity
    sections: Identities
    needs: Text | None = None
    """What it needs where there is no open figure yet."""
    breaks: Annotated[tuple[Break, ...], Field(strict=False)] = ()
    comparison: Annotated[tuple[Literal["trust", "country"], ...], Field(strict=False)] = ()
    data: IndicatorData | None = None
    outlook: IndicatorOutlook | None = None

    @model_validator(mode="after")
    def _filled_or_needy(self) -> Indicator:
        if self.data is None and self.needs is None:
            rule = "an indicator has data, or says in needs what it lacks"
            raise refuse("key-missing", "needs", None, rule, "Add needs = { nb = …, nn = …, en = … }.")
        return self


class Decision(Part):
    """What is decided, proposed or shown as an example of a goal."""

    goal: Identity
    indicator: Identity | None = None
    place: Identity
    type: Literal["reach_at_least", "reach_at_most", "hold", "range", "do"]
    standing: Literal["decided", "proposed", "illustration"]
    baseline: float | None = None
    baseline_date: datetime.date | None = None
    target: float | None = None
    target_low: float | None = None
    target_high: float | None = None
    tolerance: Annotated[float, Field(ge=0)] | None = None
    deadline: datetime.date | None = None
    decided_by: Text | None = None
    case_number: Name | None = None
    decided_on: datetime.date | None = None
    source: Text
    note: Text | None = None

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Decision:
        needed = {
            "reach_at_least": ("indicator", "target"),
            "reach_at_most": ("indicator", "target"),
            "range": ("indicator", "target_low", "target_high"),
            "hold": ("indicator",),
            "do": (),
        }[self.type]
        for key in needed + (("decided_by",) if self.standing == "decided" else ()):
            if getattr(self, key) is None:
                reason = (
                    "a decision that is decided"
                    if key == "decided_by"
                    else f'a decision of type "{self.type}"'
                )
                raise refuse("key-missing", key, None, f"{reason} needs {key}", f"Add {key} = …")
        if (
            self.target_low is not None
            and self.target_high is not None
            and self.target_low > self.target_high
        ):
            got = f"{self.target_low:g} and {self.target_high:g}"
            rule = "target_low is not above target_high"
            raise refuse("wrong-order", "target_low", got, rule, "Swap them.")
        return self


class Task(Part):
    """A step of a measure."""

    title: Text
    due: datetime.date
    done: datetime.date | bool | None = None


class Benefit(Part):
    """What a measure is to free in a year, and what it freed."""

    kind: Literal["hours", "fte", "mnok"]
    year: Year
    planned: float
    realised: float | None = None


class Risk(Part):
    """What may go wrong with a measure, on the scale 1–5 twice."""

    text: Text
    probability: Grade
    consequence: Grade
    mitigation: Text


class Measure(Part):
    """Work that is to move goals, with an owner, a time and a price."""

    id: Identity
    title: Text
    text: Text
    organisation: Identity
    unit_owner: Text
    """The function that owns it; never a person."""
    phase: Literal["idea", "planned", "under_way", "completed", "stopped"]
    start: datetime.date
    end: datetime.date
    cost_mnok: float | None = None
    fte: float | None = None
    goals: Identities
    assumption: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    """Name of the assumption of the scenario that it moves."""
    depends_on: Identities = ()
    plans: Identities = ()
    standing: Literal["decided", "illustration"]
    tasks: Annotated[tuple[Task, ...], Field(strict=False, alias="task")] = ()
    benefits: Annotated[tuple[Benefit, ...], Field(strict=False, alias="benefit")] = ()
    risks: Annotated[tuple[Risk, ...], Field(strict=False, alias="risk")] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Measure:
        if self.start > self.end:
            got = f"{self.start} and {self.end}"
            raise refuse(
                "wrong-order", "end", got, "the end is not before the start", "Mend one of the dates."
            )
        return self
