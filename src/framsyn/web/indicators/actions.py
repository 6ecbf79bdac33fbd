"""Changes to indicators: define, change, put a figure in, mark a break."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Act, action
from framsyn.web.indicators.models import Break, Indicator, Observation
from framsyn.web.indicators.sentences import read_words
from framsyn.web.indicators.small_numbers import hide_small
from framsyn.web.languages import Text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from framsyn.web.plan.models import Element

__all__ = ["Definition", "Figure", "UNITS", "change", "define", "mark_break", "observe"]

UNITS = tuple(key.removeprefix("unit.") for key in read_words() if key.startswith("unit."))
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST_DECIMALS = 4
_TEXTS = ("name", "definition", "numerator", "denominator", "source", "needs")


@dataclass(frozen=True)
class Definition:
    """What an indicator measures, and how."""

    name: Mapping[str, str]
    definition: Mapping[str, str]
    unit: str
    frequency: str
    direction: str
    source: Mapping[str, str]
    responsible: Organisation
    numerator: Mapping[str, str] = field(default_factory=dict)
    denominator: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    decimals: int = 0
    licence: str = ""
    small_number: int | None = None

    def check(self) -> None:
        """Refuse a definition that cannot be measured by."""
        for name in ("name", "definition", "source"):
            if not any(getattr(self, name).values()):
                message = _("An indicator needs a name, a definition and a source. %(field)s is empty.")
                raise PlanError("empty-text", message % {"field": name}, field=name)
        if self.unit not in UNITS:
            message = _("%(got)s is no known unit. Choose one of: %(units)s.")
            raise PlanError(
                "unknown-unit", message % {"got": self.unit, "units": ", ".join(UNITS)}, got=self.unit
            )
        if (
            self.frequency not in Indicator.Frequency.values
            or self.direction not in Indicator.Direction.values
        ):
            message = _("Say how often a figure comes and which way is better.")
            raise PlanError("unknown-kind", message, got=[self.frequency, self.direction])
        if not 0 <= self.decimals <= _MOST_DECIMALS:
            message = _("%(got)s decimals are too many. Choose 0 to 4.")
            raise PlanError("decimals", message % {"got": self.decimals}, got=self.decimals)

    def facts(self) -> dict[str, Any]:
        """Return what the log keeps."""
        found = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        found |= {name: dict(found[name]) for name in _TEXTS}
        return {**found, "responsible": self.responsible.pk}

    @classmethod
    def of(cls, indicator: Indicator) -> Definition:
        """Return the definition in force."""
        return cls(**{item.name: getattr(indicator, item.name) for item in dataclasses.fields(cls)})

    def write(self, indicator: Indicator) -> None:
        """Set the fields of an indicator."""
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            setattr(indicator, item.name, Text(value) if item.name in _TEXTS else value)


@action("indicator.define")
def define(
    act: Act, indicator_id: str, definition: Definition, *, elements: Iterable[Element] = ()
) -> Indicator:
    """Make a new indicator; it has no figures yet."""
    act.require(definition.responsible)
    if not _ID.fullmatch(indicator_id) or indicator_id == "new":
        message = _(
            "%(got)s cannot be an indicator's short name. Use lower-case letters, digits and hyphens, such as waiting-time."
        )
        raise PlanError("bad-name", message % {"got": indicator_id or "–"}, got=indicator_id)
    if Indicator.objects.filter(pk=indicator_id).exists():
        message = _("There is already an indicator %(got)s. Choose another short name, or change that one.")
        raise PlanError("duplicate-id", message % {"got": indicator_id}, got=indicator_id)
    definition.check()
    position = (Indicator.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    indicator = Indicator(pk=indicator_id, position=position)
    definition.write(indicator)
    indicator.save(force_insert=True)
    chosen = list(elements)
    indicator.elements.set(chosen)
    act.record(indicator, after={**definition.facts(), "elements": [one.pk for one in chosen]})
    return indicator


@action("indicator.change")
def change(
    act: Act,
    indicator: Indicator,
    definition: Definition,
    *,
    elements: Iterable[Element] | None = None,
    reason: str = "",
    seen: int | None = None,
) -> Indicator:
    """Change a definition. A new unit would make the figures wrong, so it is refused once there are any.

    ``seen`` is the :func:`~framsyn.web.locking.last_change` of the indicator when the user got the form.
    """
    act.require(indicator.responsible, thing=indicator)
    if definition.responsible != indicator.responsible:
        act.require(definition.responsible)
    locking.take(act, indicator, seen)
    definition.check()
    if definition.unit != indicator.unit and indicator.observations.exists():
        message = _(
            "The unit cannot change from %(old)s to %(new)s: there are figures in it. Define a new indicator instead."
        )
        names = {"old": indicator.unit, "new": definition.unit}
        raise PlanError("unit-in-use", message % names, got=definition.unit, expected=indicator.unit)
    before = {
        **Definition.of(indicator).facts(),
        "elements": sorted(indicator.elements.values_list("pk", flat=True)),
    }
    definition.write(indicator)
    indicator.save()
    if elements is not None:
        indicator.elements.set(list(elements))
    after = {**definition.facts(), "elements": sorted(indicator.elements.values_list("pk", flat=True))}
    changed = [name for name in after if after[name] != before[name]]
    hide_small(indicator)
    act.record(
        indicator,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reason=reason,
    )
    return indicator


@dataclass(frozen=True)
class Figure:
    """One figure as it is put in; of a share either the value or its two counts."""

    place: str
    period_start: datetime.date
    period_end: datetime.date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    data_through: datetime.date | None = None
    coverage: float | None = None
    provisional: bool = False
    source: str = ""
    licence: str = ""
    note: Mapping[str, str] = field(default_factory=dict)

    def valued(self, unit: str) -> float:
        """Return the value, calculated from its parts where only they are given."""
        counts = (self.numerator, self.denominator)
        if self.value is None and None in counts:
            raise PlanError(
                "no-value", _("A figure needs a value, or a numerator and a denominator."), got=None
            )
        value = self.value
        if self.numerator is not None and self.denominator is not None:
            if self.denominator <= 0:
                raise PlanError(
                    "nothing-counted", _("The denominator must be above 0."), got=self.denominator
                )
            scale = 1000.0 if unit == "per_1000" else 1.0
            ratio = scale * self.numerator / self.denominator
            if value is not None and not math.isclose(value, ratio, rel_tol=0.01, abs_tol=1e-9):
                message = _(
                    "The value is %(value)s, but numerator and denominator give %(ratio)s. Mend one of them."
                )
                raise PlanError(
                    "value-and-parts", message % {"value": value, "ratio": round(ratio, 4)}, got=value
                )
            value = ratio if value is None else value
        if value is None or not math.isfinite(value):
            raise PlanError("not-finite", _("The value must be a number."), got=str(value))
        if unit == "share" and not 0 <= value <= 1:
            message = _("%(got)s %% is no share. A share lies between 0 and 100 %%.")
            raise PlanError("share-out-of-range", message % {"got": round(value * 100, 2)}, got=value)
        return value

    def check(self) -> None:
        """Refuse periods and qualities that cannot be."""
        if self.period_end < self.period_start:
            message = _("The period begins %(first)s and ends %(last)s. Put the first day first.")
            raise PlanError("wrong-order", message % {"first": self.period_start, "last": self.period_end})
        through = self.data_through or self.period_end
        if through > timezone.localdate():
            message = _("The figure counts through %(day)s, which is still to come.")
            raise PlanError("future-date", message % {"day": through}, got=through.isoformat())
        if self.coverage is not None and not 0 <= self.coverage <= 1:
            message = _("Coverage is %(got)s %%. It lies between 0 and 100 %%.")
            raise PlanError("coverage-out-of-range", message % {"got": round(self.coverage * 100, 1)})


@action("indicator.observe")
def observe(
    act: Act, indicator: Indicator, figure: Figure, *, reason: str = "", seen: int | None = None
) -> Observation:
    """Put a figure in. Where there is one already it is corrected: a new revision, with a reason; the old one is kept.

    ``seen`` is the :func:`~framsyn.web.locking.last_change` of the indicator when the user got the form.
    """
    act.require(indicator.responsible, thing=indicator)
    locking.take(act, indicator, seen)
    figure.check()
    value = figure.valued(indicator.unit)
    same = Observation.objects.select_for_update().filter(
        indicator=indicator,
        place=figure.place,
        period_start=figure.period_start,
        period_end=figure.period_end,
    )
    old = same.filter(current=True).first()
    if old is not None and not reason.strip():
        message = _(
            "There is a figure for this place and period already. Say why it is corrected; the old one is kept."
        )
        raise PlanError("correction-without-reason", message, got="")
    last = same.aggregate(last=Max("revision"))["last"] or 0
    if old is not None:
        old.current = False
        old.save(update_fields=("current",))
    row = Observation.objects.create(
        indicator=indicator,
        place=figure.place,
        period_start=figure.period_start,
        period_end=figure.period_end,
        value=value,
        numerator=figure.numerator,
        denominator=figure.denominator,
        data_through=figure.data_through or figure.period_end,
        coverage=figure.coverage,
        state=Observation.State.PROVISIONAL if figure.provisional else Observation.State.FINAL,
        source=figure.source,
        licence=figure.licence,
        note=dict(figure.note),
        revision=last + 1,
        created_at=act.at,
        created_by=act.actor.user,
    )
    hide_small(indicator)
    row.refresh_from_db()
    hidden = row.hidden or (old is not None and old.hidden)
    what = {
        "place": figure.place,
        "from": figure.period_start,
        "to": figure.period_end,
        "revision": row.revision,
    }
    # The log is read by others than those who may see small numbers.
    act.record(
        indicator,
        before=None
        if old is None
        else {**what, "revision": old.revision, "value": None if hidden else old.value},
        after={**what, "value": None if hidden else value, "state": row.state},
        reason=reason,
    )
    return row


def _check_until(kind: str, date: datetime.date, until: datetime.date | None) -> None:
    """Refuse an end where the way of counting changed for good, and a time without one."""
    got = until.isoformat() if until else ""
    if kind == "level":
        if until is not None:
            message = _("A new way of counting has no last day. Leave it out, or choose another kind.")
            raise PlanError("break-until", message, got=got, field="until")
    elif until is None:
        raise PlanError("break-until", _("Give the last day of the time."), got=got, field="until")
    elif until < date:
        raise PlanError("break-until", _("The last day is before the first."), got=got, field="until")


@action("indicator.mark_break")
def mark_break(
    act: Act,
    indicator: Indicator,
    date: datetime.date,
    text: Mapping[str, str],
    *,
    kind: str = "level",
    until: datetime.date | None = None,
    place: str = "",
    seen: int | None = None,
) -> Break:
    """Mark a day from which a series means something else, or a time that a trend leaves out."""
    act.require(indicator.responsible, thing=indicator)
    locking.take(act, indicator, seen)
    if not any(text.values()):
        raise PlanError(
            "empty-text", _("Say what changed in the series, in one language form at least."), got=""
        )
    if kind not in Break.Kind.values:
        message = _("A break is one of %(kinds)s.") % {"kinds": ", ".join(Break.Kind.values)}
        raise PlanError("break-kind", message, got=kind, expected=list(Break.Kind.values), field="kind")
    _check_until(kind, date, until)
    if place and not Organisation.objects.filter(pk=place).exists():
        message = _("There is no organisation %(place)s.") % {"place": place}
        raise PlanError("unknown-place", message, got=place, field="place")
    if indicator.breaks.filter(date=date, place=place).exists():
        message = _("There is already a break on %(day)s.")
        raise PlanError("duplicate-break", message % {"day": date}, got=date.isoformat())
    made = Break.objects.create(
        indicator=indicator, date=date, until=until, kind=kind, place=place, text=dict(text)
    )
    told = {"until": until, "kind": kind, "place": place}
    act.record(
        indicator,
        after={"break": date, **{name: one for name, one in told.items() if one}, "text": dict(text)},
    )
    return made
