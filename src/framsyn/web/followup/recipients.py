"""Who is reminded of a thing on a day, and whom no letter should reach."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.followup.models import LetterChoice
from framsyn.web.languages import LANGUAGES

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AbstractUser

    from framsyn.web.followup.things import Thing

__all__ = ["People", "people_on"]


@dataclass
class People:
    """Everybody who may get a letter on a day, what each has chosen, and the editors of each organisation."""

    day: datetime.date
    users: dict[int, AbstractUser] = field(default_factory=dict)
    choices: dict[int, LetterChoice] = field(default_factory=dict)
    editors: dict[str | None, list[int]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)

    def is_away(self, person: int) -> bool:
        """Whether somebody has said to be away on the day."""
        choice = self.choices.get(person)
        if choice is None or choice.away_from is None or choice.away_from > self.day:
            return False
        return choice.away_to is None or choice.away_to >= self.day

    def wants_quiet(self, person: int) -> bool:
        """Whether somebody wants no letter on this weekday."""
        choice = self.choices.get(person)
        return choice is not None and self.day.weekday() in choice.quiet_days

    def language(self, person: int) -> str:
        """Return the language of a person's letters."""
        choice = self.choices.get(person)
        return choice.language if choice is not None and choice.language in LANGUAGES else "nb"

    def can_have(self, person: int) -> bool:
        """Whether a letter can reach somebody: active, with an address."""
        user = self.users.get(person)
        return user is not None and bool(user.email)

    def editors_of(self, organisation: str) -> list[int]:
        """Return the editors and approvers of an organisation, or of the nearest one above that has any."""
        at: str | None = organisation
        while at is not None:
            if self.editors.get(at):
                return self.editors[at]
            at = self.parents.get(at)
        return self.editors.get(None, [])

    def of(self, thing: Thing) -> dict[str, list[int]]:
        """Return who is reminded of a thing, by part: a deputy takes the place of an owner who is away."""
        named = {
            part: [one for one in numbers if one in self.users] for part, numbers in thing.people().items()
        }
        present = {part: [one for one in numbers if not self.is_away(one)] for part, numbers in named.items()}
        owners = present["owner"]
        if named["owner"] and not owners:
            owners = present["deputy"]
        editors = [one for one in self.editors_of(thing.organisation) if not self.is_away(one)]
        return {"owner": owners, "deputy": present["deputy"], "editors": editors}


def people_on(day: datetime.date) -> People:
    """Return the people of a day; four queries."""
    found = People(day)
    found.users = {user.pk: user for user in get_user_model().objects.filter(is_active=True)}
    found.choices = {one.person_id: one for one in LetterChoice.objects.all()}
    found.parents = dict(Organisation.objects.values_list("pk", "parent_id"))
    editors: dict[str | None, set[int]] = defaultdict(set)
    held = Membership.objects.valid_on(day).filter(plan=None, role__in=(Role.EDITOR, Role.APPROVER))
    for person, organisation in held.values_list("user_id", "organisation_id"):
        if person in found.users:
            editors[organisation].add(person)
    found.editors = {organisation: sorted(people) for organisation, people in editors.items()}
    return found
