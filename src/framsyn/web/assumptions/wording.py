"""Words of the cards: names of groups, and what a card says in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.quantities import quantity
from framsyn.report.numbers import number, percent, value_range
from framsyn.web.assumptions.queries import LARGE, share_said
from framsyn.web.assumptions.shares import RANKED
from framsyn.web.explorer.known import region_on_view

if TYPE_CHECKING:
    from framsyn.scenario import Scenario
    from framsyn.web.assumptions.queries import Card, Done

__all__ = ["group_name", "told_of"]


def group_name(group: str) -> str:
    """Return the name of a group of levers.

    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     group_name("care_levels")
    'Levels of care'
    """
    return {
        "population": _("Population"),
        "health": _("Health"),
        "care_levels": _("Levels of care"),
        "home_technology": _("Home and technology"),
        "work_processes": _("Ways of working"),
        "staff": _("Staff"),
        "economy": _("Economy"),
        "buildings": _("Buildings"),
    }[group]


@dataclass(frozen=True)
class ShareLine:
    """How much of the uncertainty of one result the assumption makes."""

    label: str
    value: float
    share: str
    span: str


@dataclass(frozen=True)
class DoneLine:
    """What the assumption did in a kept run."""

    done: Done
    stored_at: Any
    part: str
    effect: str


def told_of(card: Card, scenario: Scenario, lang: str) -> dict[str, Any]:
    """Return the sentences of a card in the language of the page."""
    one, a = card.subject, card.subject.assumption
    lever = one.lever
    return {
        "lever_text": lever.text[lang] if lever is not None else "",
        "idle": lever.idle[lang] if lever is not None and lever.idle is not None else "",
        "peer": lever.peer[lang] if lever is not None and lever.peer is not None else "",
        "reason": a.reason[lang],
        "set_to_meet": a.set_to_meet[lang] if a.set_to_meet is not None and one.held else "",
        "about": _("Scenario “%(name)s”. %(size)s; %(share)s of it comes true.")
        % {"name": scenario.label[lang], "size": card.size, "share": card.realisation},
        "shares": share_lines(card, lang),
        "verdict": verdict(card, lang),
        "runs": [done_line(done, lang) for done in card.runs],
    }


def share_lines(card: Card, lang: str) -> list[ShareLine]:
    """Return the share of each ranked result, with what is known of the share itself."""
    found = []
    for name in RANKED:
        share = card.row.effects.shares.get(name)
        label = quantity(name).labels[lang]
        if share is None:
            found.append(ShareLine(label, 0.0, share_said(0.0, lang), "–"))
            continue
        sign = percent(0.0, lang).removeprefix("0")
        ends = value_range(number(100 * share.low, lang), number(100 * share.high, lang), lang)
        found.append(ShareLine(label, share.total, share_said(share.total, lang), f"{ends}{sign}"))
    return found


def verdict(card: Card, lang: str) -> str:
    """Say what quality and effect mean together: where work on the assumption would pay."""
    largest = card.row.effects.largest
    if largest is None:
        return ""
    said = share_said(largest, lang)
    if card.subject.is_weak and largest >= LARGE:
        text = _(
            "Weak ground, much weight: it makes %(share)s of the uncertainty of a result. Look here first."
        )
    elif card.subject.is_weak:
        text = _(
            "Weak ground, little weight: it makes at most %(share)s of the uncertainty of a result. A better figure would "
            "change little."
        )
    elif largest >= LARGE:
        text = _(
            "Firm ground, much weight: it makes %(share)s of the uncertainty of a result. Follow how it goes."
        )
    else:
        text = _("Firm ground, little weight: it makes at most %(share)s of the uncertainty of a result.")
    return text % {"share": said}


def done_line(done: Done, lang: str) -> DoneLine:
    """Write what an assumption did to need [MNOK] in a kept run."""
    effect = _("%(effect)s NOK million by %(year)s") % {
        "effect": number(done.effect, lang, signed=True),
        "year": done.year,
    }
    part = region_on_view().label_of("service_area", done.part, lang) if done.part else ""
    return DoneLine(done, done.stored_at, part, effect)
