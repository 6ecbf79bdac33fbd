"""The text of a letter, made at the moment it is sent: what has been answered since is left out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.web.followup import tickets
from framsyn.web.followup.due import Due
from framsyn.web.followup.mailbox import letter_of
from framsyn.web.followup.models import Letter
from framsyn.web.followup.texts import KIND_WORDS, sentence
from framsyn.web.measures.models import Task

if TYPE_CHECKING:
    from email.message import EmailMessage

    from framsyn.web.followup.recipients import People
    from framsyn.web.followup.rules import Rules
    from framsyn.web.followup.things import Thing

__all__ = ["Line", "Mail", "compose", "message_id", "site_address"]


@dataclass
class Line:
    """One thing in a letter.

    Parameters
    ----------
    group : {"overdue", "due", "others"}
    sentences : list of str
    way_on : str
        Address of the one-minute report, or of the page where there is none.
    """

    group: str
    kind: str
    kind_word: str
    id: str
    title: str
    page: str
    sentences: list[str] = field(default_factory=list)
    way_on: str = ""
    quick: bool = False
    owner: str = ""
    since: datetime.date = datetime.date.max


@dataclass(frozen=True)
class Mail:
    """A letter that can be handed over, and what the books keep of it."""

    message: EmailMessage
    address: str
    subject: str


def site_address(path: str) -> str:
    """Return a whole address of the site."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def message_id(letter: Letter) -> str:
    """Return the Message-ID, the same at every try: a server or a reader that got it twice can tell."""
    host = settings.SITE_URL.partition("://")[2].split("/")[0].split(":")[0] or "localhost"
    return f"<letter-{letter.pk}-{int(letter.created_at.timestamp() * 1e6)}@{host}>"


def compose(
    letter: Letter,
    world: dict[tuple[str, str], Thing],
    people: People,
    rules: Rules,
    now: datetime.datetime,
    today: datetime.date,
) -> Mail | None:
    """Return a letter as it is to be sent now; None when nothing in it is needed any more.

    Raises
    ------
    ValueError
        When the address holds what no header may.
    """
    user = people.users.get(letter.person_id)
    if user is None or not user.email:
        return None
    language = people.language(user.pk)
    with translation.override(language):
        lines = _lines(letter, world, people, rules, today)
        if not lines:
            return None
        letter.tickets.filter(used_at=None).delete()  # of a try that did not reach anybody
        for line in lines:
            line.way_on = line.page
            if line.group != "others" and line.kind in tickets.KINDS:
                token = tickets.issue(user, line.kind, line.id, now=now, days=rules.link_days, letter=letter)
                line.way_on, line.quick = site_address(reverse("quick-report", args=[token])), True
        groups = [
            (title, [line for line in lines if line.group == name])
            for name, title in (
                ("overdue", _("Overdue")),
                ("due", _("Due now")),
                ("others", _("Others have not answered")),
            )
        ]
        context = {
            "letter": letter,
            "language": language,
            "name": user.get_full_name() or user.get_username(),
            "groups": [(title, found) for title, found in groups if found],
            "days": rules.link_days,
            "my_work": site_address(reverse("my-work")),
            "choices": site_address(reverse("letters")),
        }
        subject = subject_of(letter, lines)
        message = letter_of(
            to=user.email,
            subject=subject,
            text=render_to_string("followup/letter.txt", context).strip() + "\n",
            html=render_to_string("followup/letter.html", {**context, "subject": subject}),
            message_id=message_id(letter),
            language=language,
        )
    return Mail(message, user.email, subject)


def subject_of(letter: Letter, lines: list[Line]) -> str:
    """Return the subject: how many things wait, or which one where it is one."""
    if letter.kind == Letter.Kind.LINK:
        return _("New link: %(title)s") % {"title": lines[0].title}
    own = [line for line in lines if line.group != "others"]
    if len(lines) == 1:
        return _("Reminder: %(title)s") % {"title": lines[0].title}
    if not own:
        words = ngettext("%(n)s thing has no answer", "%(n)s things have no answer", len(lines))
        return words % {"n": len(lines)}
    return ngettext("%(n)s thing waits for you", "%(n)s things wait for you", len(own)) % {"n": len(own)}


def _lines(
    letter: Letter,
    world: dict[tuple[str, str], Thing],
    people: People,
    rules: Rules,
    today: datetime.date,
) -> list[Line]:
    """Return one line per thing, with all that is asked for; overdue things first."""
    found: dict[tuple[str, str], Line] = {}
    tasks = _task_titles(letter)
    for reminder in letter.reminders.all():
        thing = world.get((reminder.kind, reminder.thing))
        if thing is None:
            continue
        who = people.of(thing)
        own = letter.person_id in {*who["owner"], *who["deputy"]}
        if not own and letter.person_id not in who["editors"]:
            continue
        due = _still(thing, reminder.what, reminder.period, today, rules)
        if letter.kind == Letter.Kind.LINK:  # of whatever is asked for now
            due = next((one for one in thing.dues(today, rules) if one.what == reminder.what), None)
        if due is None and letter.kind != Letter.Kind.LINK:
            continue
        key = (thing.kind, thing.id)
        line = found.get(key) or Line(
            "due" if own else "others",
            thing.kind,
            str(KIND_WORDS[thing.kind]),
            thing.id,
            str(thing.title),
            site_address(reverse(thing.route, args=[thing.id])),
            owner="" if own else owner_words(thing),
        )
        found[key] = line
        if due is None:
            continue
        words = sentence(due, today, tasks.get(due.period, ""))
        if words not in line.sentences:
            line.sentences.append(words)
        line.since = min(line.since, due.since)
        if own and due.state == "overdue":
            line.group = "overdue"
    order = ("overdue", "due", "others")
    return sorted(found.values(), key=lambda line: (order.index(line.group), line.since, line.id))


def _still(thing: Thing, what: str, period: str, today: datetime.date, rules: Rules) -> Due | None:
    """Return what a reminder is of, if it is still asked for."""
    for due in thing.dues(today, rules):
        if due.what == what and any(period == asked for asked, _day in due.asked):
            return due
    return None


def _task_titles(letter: Letter) -> dict[str, str]:
    numbers = [int(one.period) for one in letter.reminders.all() if one.what == "task"]
    found = Task.objects.filter(pk__in=numbers) if numbers else ()
    return {str(one.pk): str(one.title) for one in found}


def owner_words(thing: Thing) -> str:
    """Return who owns a thing, as an editor is told."""
    for one in thing.owners:
        if one.person is not None:
            return str(one.person.get_full_name() or one.person.get_username())
    return next((str(one.unit) for one in thing.owners if str(one.unit)), "")
