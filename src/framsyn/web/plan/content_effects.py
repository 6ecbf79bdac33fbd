"""What ``effects.toml`` and ``readings.toml`` are made of: effects of measures, and where the outlook has indicators."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from framsyn.quantities import quantities
from framsyn.region.schema import parameters
from framsyn.scenario.faults import nearest
from framsyn.scenario.model import refuse
from framsyn.web.plan.content_models import Identity, Name, Part, Text, Year

__all__ = ["Effect", "Reading"]

Share = Annotated[float, Field(ge=0, le=1)]
AssumptionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]


class Effect(Part):
    """What a measure gives of the full effect of an assumption, from when, and how surely."""

    measure: Identity
    assumption: AssumptionName
    low: Share
    """Least share of the full effect once the measure is in place."""
    mode: Share
    """Most likely share."""
    high: Share
    """Greatest share."""
    start: Year
    """Last year without effect."""
    end: Year
    """First year with all of it."""
    standing: Literal["decided", "illustration"]
    reason: Text
    source: Text

    @property
    def id(self) -> str:
        """Measure and assumption: a measure has one effect on each."""
        return f"{self.measure}.{self.assumption}"

    @model_validator(mode="after")
    def _in_order(self) -> Effect:
        if not self.low <= self.mode <= self.high or self.high == 0:
            got = f"{self.low:g}, {self.mode:g}, {self.high:g}"
            rule = "low, mode and high stand in this order, and high is above 0"
            raise refuse("wrong-order", "low", got, rule, "Write 0.3 for 30 %.")
        if not self.start < self.end:
            rule = "start is the last year without effect, and end comes after it"
            raise refuse("wrong-order", "start", f"{self.start} to {self.end}", rule, "Swap them.")
        return self


class Reading(Part):
    """The figure of the outlook that an indicator is read from, or what is needed before there is one."""

    indicator: Identity
    quantity: Name | None = None
    parameter: Name | None = None
    """An input of the model, which assumes the indicator and does not project it."""
    where: dict[str, Any] = Field(default_factory=dict)
    per: Name | None = None
    """Quantity that the first one is divided by."""
    per_where: dict[str, Any] = Field(default_factory=dict)
    factor: Annotated[float, Field(gt=0)] = 1.0
    needs: Text | None = None
    """Why no model reaches it, and what would."""

    @property
    def id(self) -> str:
        """An indicator is read in one way."""
        return self.indicator

    @model_validator(mode="after")
    def _one_way(self) -> Reading:
        given = [key for key in ("quantity", "parameter", "needs") if getattr(self, key) is not None]
        if len(given) != 1:
            rule = "a reading has one of quantity, parameter and needs"
            raise refuse("key-unfit", "quantity", " and ".join(given) or None, rule, "Keep one.")
        for key, known in (("quantity", quantities()), ("per", quantities()), ("parameter", parameters())):
            name = getattr(self, key)
            if name is not None and name not in known:
                code = f"unknown-{key}"
                raise refuse(code, key, name, "the outlook knows it", nearest(name, list(known)))
        if self.per is not None and self.quantity is None:
            raise refuse("key-unfit", "per", self.per, "per divides a quantity", "Remove it.")
        return self
