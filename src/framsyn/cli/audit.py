"""``framsyn audit seal | head | verify``: the log of every change, and whether it is whole."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work
from framsyn.cli.site import DataOption

if TYPE_CHECKING:
    from framsyn.web.audit.verifying import Report

__all__ = ["head", "seal", "verify"]

BROKEN = 1
SHOWN = 100


def seal(*, data: DataOption = None, json: JsonOption = False) -> int:
    """Give every entry that waits its place in its chain."""
    open_site(data)
    from framsyn.web.audit import heads, sealing

    with Work() as work, work.phase("Sealing the log"):
        done = sealing.seal(everything=True)
        ends = sealing.heads_now()
        heads.append(ends)
    if json:
        terminal.write_json({"sealed": done.count, "heads": [vars(one) for one in ends]})
        return 0
    rest = "; another process is sealing as well" if done.busy else ""
    terminal.stdout().print(Text(f"{done.count} entries sealed, {len(ends)} chains{rest}."), soft_wrap=True)
    return 0


def head(
    *,
    out: Annotated[
        Path | None, Parameter(help="File to write them to, as verify --heads reads it.", show_default=False)
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Print the end of every chain, to be kept elsewhere."""
    open_site(data)
    from django.utils import timezone

    from framsyn.web.audit import sealing

    sealing.seal()
    ends = sealing.heads_now()
    found = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "heads": [vars(one) for one in ends],
    }
    if out is not None:
        fresh = out.with_name(f".{out.name}.partial")
        fresh.write_text(dumps(found, indent=1) + "\n", encoding="utf-8")
        fresh.replace(out)
    if json:
        terminal.write_json(found)
        return 0
    for one in ends:
        terminal.stdout().print(Text(f"{one.chain or '*'}  {one.place}  {one.hash}"), soft_wrap=True)
    return 0


def verify(
    *,
    heads: Annotated[
        Path | None,
        Parameter(help="Heads that were kept elsewhere, as head --out writes them.", show_default=False),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Check that nothing in the log was changed, removed, put in, moved or cut off."""
    folder = open_site(data)
    from framsyn.web.audit import heads as kept
    from framsyn.web.audit import verified, verifying
    from framsyn.web.audit.keys import known_keys

    own = kept.path_of(folder)
    promised = kept.read(own) if own.is_file() else []
    given = kept.read(heads) if heads else []
    with Work() as work, work.phase("Checking the log", unit="entries") as step:
        report = verifying.verify(known_keys(folder), [*promised, *given], step)
    verified.remember(report)
    if json:
        terminal.write_json(verified.facts(report))
    else:
        show(report, own.is_file() or heads is not None)
    return 0 if report.whole else BROKEN


def open_site(data: Path | None) -> Path:
    """Make the site ready; its database has to be there and in the form of this version."""
    from framsyn.web.operations import start

    folder = start.set_up(data, existing=True)
    start.bring_up_to_date()
    return folder


def show(report: Report, has_heads: bool) -> None:
    """Tell the faults, then what was checked."""
    out = terminal.stdout()
    for fault in report.faults[:SHOWN]:
        out.print(Text(fault.told), soft_wrap=True)
    more = sum(report.count.values()) - len(report.faults[:SHOWN])
    if more > 0:
        kinds = ", ".join(f"{count} {kind}" for kind, count in report.count.items())
        out.print(Text(f"and {more} more; in all {kinds}"), soft_wrap=True)
    lines = [f"{report.entries} entries in {len(report.heads)} chains are sealed"]
    if report.late:
        lines.append(
            f"{report.late} of them are older than the seals, so nothing is said about the time before"
        )
    if report.waiting:
        lines.append(f"{report.waiting} wait for their seal")
    if has_heads:
        lines.append(f"{report.held} heads kept elsewhere agree")
    else:
        lines.append("no heads are kept elsewhere, so a log that was cut off at its end would look whole")
    out.print(Text("; ".join(lines) + "."), soft_wrap=True)
    said, style = ("whole", "green") if report.whole else ("broken", "bold red")
    out.print(Text(f"The log is {said}.", style=style), soft_wrap=True)
