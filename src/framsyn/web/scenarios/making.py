"""A saved scenario made: its address, its file, its first manifest, and what the log keeps of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import NotAllowed
from framsyn.web.languages import Text
from framsyn.web.outlooks.queries import region_of
from framsyn.web.outlooks.terms import terms
from framsyn.web.scenarios.computing import first_manifest
from framsyn.web.scenarios.figures import table_digests
from framsyn.web.scenarios.models import SavedScenario
from framsyn.web.scenarios.queries import REGION_NAME, shipped_scenario

if TYPE_CHECKING:
    from framsyn.scenario import Scenario
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Act

__all__ = ["MOST_CHARACTERS", "TEXTS", "check_texts", "label", "made", "told"]

TEXTS = ("name", "description", "reason")
MOST = 200  # of one person, removed ones not counted
MOST_CHARACTERS = 300_000  # of the file of a scenario
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_UNNAMED = {"nb": "Upublisert scenario", "nn": "Upublisert scenario", "en": "Scenario that is not published"}


def new_slug() -> str:
    """Return an address that says nothing about what it names and that nobody guesses."""
    return "".join(secrets.choice(_LETTERS) for _place in range(12))


def told(saved: SavedScenario) -> dict[str, Any]:
    """Return what the log keeps: the texts only of what everybody may read."""
    facts: dict[str, Any] = {"visibility": saved.visibility, "run": saved.run_id, "origin": saved.origin}
    if saved.is_published:
        facts |= {name: dict(getattr(saved, name)) for name in TEXTS}
    if saved.is_locked:
        facts |= {
            "decided_by": dict(saved.decided_by),
            "case_number": saved.case_number,
            "decided_on": saved.decided_on,
        }
    return facts


def label(saved: SavedScenario) -> dict[str, str]:
    """Return how the log names it."""
    return dict(saved.name) if saved.is_published else _UNNAMED


def check_texts(given: dict[str, Text]) -> None:
    """Refuse a scenario without a name."""
    if not any(given["name"].values()):
        message = _("The scenario has no name yet. Write it in one language form at least.")
        raise PlanError("text-missing", message, field="name")


def made(
    act: Act,
    scenario: Scenario,
    name: Text,
    organisation: Organisation | None,
    description: Text | None,
    reason: Text | None,
    origin: str,
    query: str,
    *,
    as_it_is: bool,
) -> SavedScenario:
    """Make a scenario of the actor's own and record it; see :func:`framsyn.web.scenarios.actions.save`."""
    user = act.actor.user
    if user is None:
        message = _(
            "A saved scenario belongs to somebody. Log in and save it then; nothing of it is lost meanwhile."
        )
        raise NotAllowed("not-allowed", message, action=act.name)
    given = {"name": Text(name), "description": Text(description or {}), "reason": Text(reason or {})}
    check_texts(given)
    if SavedScenario.objects.filter(owner=user, removed_at=None).count() >= MOST:
        message = _("You have %(most)s scenarios. Remove one that is not needed, then save this one.")
        raise PlanError("too-many", message % {"most": MOST}, expected=MOST)
    slug = new_slug()
    while SavedScenario.objects.filter(pk=slug).exists():
        slug = new_slug()
    region = region_of(REGION_NAME)
    kept = scenario if as_it_is else named(scenario, f"s-{slug}", given)
    kept.check(region)
    text = kept.to_toml()
    if len(text) > MOST_CHARACTERS:
        message = _("The scenario is too long to be kept here. Take texts or assumptions out of its file.")
        raise PlanError("too-large", message, expected=MOST_CHARACTERS)
    saved = SavedScenario(
        slug=slug,
        owner=user,
        organisation=organisation,
        **given,
        toml=text,
        origin=origin,
        query=query[:2000],
        manifest=first_manifest(region, kept, terms()),
        tables=table_digests(region),
        created_at=act.at,
        updated_at=act.at,
    )
    saved.save(force_insert=True)
    act.record(saved, after=told(saved), label=label(saved))
    return saved


def named(scenario: Scenario, name: str, given: dict[str, Text]) -> Scenario:
    """Return a scenario whose file carries the name that it is saved under; one that is shipped stays what it is."""
    if scenario.digest() == _digest_of_shipped(scenario.name):
        return scenario
    words = given["name"]
    plain = {code: words.said_in(code)[0] for code in ("nb", "nn", "en")}
    said = given["description"]
    about = {code: said.said_in(code)[0] for code in plain} if any(said.values()) else None
    changes: dict[str, Any] = {"name": name, "label": type(scenario.label)(**plain)}
    if about is not None:
        changes["description"] = type(scenario.description)(**about)
    return type(scenario).from_toml(scenario.model_copy(update=changes).to_toml())


def _digest_of_shipped(name: str) -> str:
    try:
        return shipped_scenario(name).digest()
    except PlanError:
        return ""
