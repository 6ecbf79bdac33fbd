"""``framsyn followup remind | radar``: the letters of a day, and whose things stand still."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.site import DataOption
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.web.followup.daily import Day

__all__ = ["radar", "remind", "watch"]


def remind(
    *,
    today: Annotated[
        str | None, Parameter(help="Day to act for, such as 2027-01-15.", show_default="the present day")
    ] = None,
    dry_run: Annotated[bool, Parameter(help="Only tell what would be sent.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Write and send the letters of a day; a second time the same day nothing is sent."""
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    start.bring_up_to_date()
    from framsyn.web.followup.daily import run_day

    day = read_day(today)
    done = run_day(day, dry_run=dry_run)
    people = {} if done.plan.people is None else done.plan.people.users
    rows: list[dict[str, Any]] = [
        {
            "person": people[person].get_username(),
            "kind": call.due.kind,
            "id": call.due.id,
            "what": call.due.what,
            "period": call.period,
            "due": str(call.day),
            "step": call.step,
        }
        for person, listed in done.plan.calls.items()
        for _thing, call in listed
    ]
    unreachable = {people[person].get_username(): number for person, number in done.plan.unreachable.items()}
    if json:
        terminal.write_json(
            {
                "day": str(done.plan.day),
                "reminders": rows,
                "without_address": unreachable,
                "letters": dict(done.outcome.counts),
                "trouble": done.outcome.trouble,
                "resting": done.plan.resting,
                "busy": done.busy,
            }
        )
    else:
        tell(done, rows, unreachable, dry_run=dry_run)
    return 1 if done.outcome.trouble else 0


def read_day(words: str | None) -> datetime.date | None:
    """Return the day that was named.

    Raises
    ------
    PlanError
        ``bad-day``.
    """
    if words is None:
        return None
    try:
        return datetime.date.fromisoformat(words)
    except ValueError as error:
        message = f"{words} is no day. Write it like 2027-01-15."
        raise PlanError("bad-day", message, got=words) from error


def tell(done: Day, rows: list[dict[str, Any]], unreachable: dict[str, int], *, dry_run: bool) -> None:
    """Print a table of the reminders, and what became of the letters."""
    console = terminal.stdout()
    if done.busy:
        console.print(Text("Another process is at the letters just now; nothing was done."))
        return
    if rows:
        table = Table("Person", "Kind", "Thing", "What", "Period", "Due", "Step", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(row[name] for name in ("person", "kind", "id", "what", "period", "due", "step")))
        console.print(table)
    people = len({row["person"] for row in rows})
    verb = "would be" if dry_run else "are"
    console.print(Text(f"{done.plan.day}: {len(rows)} reminders to {people} people {verb} written."))
    if done.plan.resting:
        console.print(Text(f"Nobody is reminded today: {done.plan.resting}."))
    for name, number in unreachable.items():
        console.print(Text(f"{name} has no e-mail address; {number} reminders cannot be sent."))
    if done.outcome.counts:
        told = ", ".join(f"{number} {state}" for state, number in sorted(done.outcome.counts.items()))
        console.print(Text(f"Letters: {told}."))
    if done.outcome.trouble:
        terminal.stderr().print(Text(done.outcome.trouble), soft_wrap=True)


def radar(
    *,
    organisation: Annotated[
        str | None, Parameter(help="Id of an organisation; those below it count too.", show_default="all")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Show whose things stand still: overdue, never updated, owner gone, no owner."""
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.followup.radar import radar as look

    if organisation is not None and not Organisation.objects.filter(pk=organisation).exists():
        known = ", ".join(Organisation.objects.values_list("pk", flat=True))
        message = f'there is no organisation "{organisation}". Choose one of: {known}.'
        raise PlanError("unknown-organisation", message, got=organisation)
    seen = look(organisation)
    lists = {
        "overdue": seen.overdue,
        "never updated": seen.never_updated,
        "owner has left": seen.departed,
        "no owner": seen.without_owner,
        "no person": seen.without_person,
    }
    if json:
        terminal.write_json(
            {
                name.replace(" ", "_"): [
                    {
                        "kind": row.kind,
                        "id": row.id,
                        "owner": row.owner,
                        "due": str(row.due or ""),
                        "days": row.days,
                    }
                    for row in rows
                ]
                for name, rows in lists.items()
            }
            | {"followed": seen.followed, "owners": len(seen.owners), "updated_share": seen.updated_share}
        )
        return 0
    console = terminal.stdout()
    table = Table("What", "Number", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, rows in lists.items():
        table.add_row(name, str(len(rows)))
    console.print(table)
    console.print(Text(f"{seen.followed} things are followed up by {len(seen.owners)} owners."))
    for row in seen.overdue:
        console.print(
            Text(f"{row.days} days overdue: {row.kind} {row.id} ({row.owner or row.unit or 'nobody'})"),
            soft_wrap=True,
        )
    return 0


def watch(
    *, parent: Annotated[int, Parameter(help="Process that must be alive.")], data: DataOption = None
) -> int:
    """Do the daily work beside a site that is being served; ``framsyn serve`` starts it."""
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    from framsyn.web.followup.daily import keep_watch

    keep_watch(parent=parent)
    return 0
