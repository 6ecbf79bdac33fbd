"""``framsyn serve | createadmin | backup | restore``: the site of the plan."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import DrawsOption, JsonOption
from framsyn.cli.progress import Work
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.outlook.result import Outlook

__all__ = ["backup", "createadmin", "may_serve", "open_demo", "restore", "serve"]

HOST, PORT, PORTS = "127.0.0.1", 8000, 20

DEMO_DATA = Path("framsyn-demo")
DEMO_SCENARIOS = ("plan", "demography")
DEMO_DESIGN = 64  # base size of the ranking: shares to within some percentage points, in a second or two
NO_SERVE = "FRAMSYN_NO_SERVE"

DataOption = Annotated[
    Path | None,
    Parameter(
        help="Folder of the database; FRAMSYN_DATA, or framsyn-data here, if left out.", show_default=False
    ),
]
HostOption = Annotated[str, Parameter(help="Address to listen on; 0.0.0.0 answers other machines too.")]
PortOption = Annotated[int, Parameter(help="Port to listen on.")]


def serve(
    *,
    host: HostOption = HOST,
    port: PortOption = PORT,
    workers: Annotated[
        int | None, Parameter(help="Processes; one per processor if left out.", show_default=False)
    ] = None,
    data: DataOption = None,
    demo: Annotated[
        bool,
        Parameter(help="Fill the site with the plan of Midt-Norge, its outlook and demo logins first."),
    ] = False,
    draws: DrawsOption = 1000,
) -> int:
    """Serve the site until it is stopped."""
    from framsyn.web.operations import serve as server
    from framsyn.web.operations import start

    start.need_web()
    server.check_address(host, port)
    if demo:
        data = data or demo_folder()
    choose_log()
    start.set_up(data, demo=demo)
    with Work() as work:
        with work.phase("Bringing the database up to date"):
            start.bring_up_to_date()
        if demo:
            fill_demo(None, work, draws)
        with work.phase("Sealing the audit log"):
            seal_what_waits()
    if demo:
        return start_afresh(host, port, workers)
    listen(host, port, workers)
    return 0


def seal_what_waits() -> None:
    """Seal what a process that was stopped has left, and write the ends of the chains down."""
    from framsyn.web.audit import heads, sealing

    sealing.seal(everything=True)
    heads.append(sealing.heads_now())


def open_demo(outlooks: Sequence[Outlook]) -> int:
    """Fill the demo's site with the content of the region and these outlooks, and serve it until it is stopped.

    What people have done in the site since the last time stays. Where port 8000 is taken, the next free one serves.

    Parameters
    ----------
    outlooks : sequence of Outlook
        The main run first, then the one that it is held against.

    Returns
    -------
    int
        The exit code.
    """
    from framsyn.web.operations import start

    port = free_port(PORT)
    choose_log()
    start.set_up(demo_folder(), demo=True)
    with Work() as work:
        with work.phase("Bringing the database up to date"):
            start.bring_up_to_date()
        fill_demo(outlooks, work, 0)
    return start_afresh(HOST, port, None)


def free_port(wanted: int) -> int:
    """Return a port that can be listened on: the wanted one, or the next of those after it."""
    from framsyn.web.operations import serve as server

    for port in range(wanted, wanted + PORTS):
        try:
            server.check_address(HOST, port)
        except PlanError as error:
            if port == wanted + PORTS - 1:
                raise
            terminal.stderr().print(Text(error.message), soft_wrap=True)
        else:
            break
    return port


def may_serve() -> bool:
    """Tell whether the demo ends by serving the site: unless FRAMSYN_NO_SERVE=1, or the extra ``web`` is missing."""
    if os.environ.get(NO_SERVE) == "1":
        return False
    from framsyn.web.operations import start

    try:
        start.need_web()
    except PlanError as error:
        terminal.stderr().print(Text(error.message), soft_wrap=True)
        return False
    return True


def demo_folder() -> Path:
    """Return the folder of the demo's site, which is kept from one demo to the next."""
    return Path(os.environ.get("FRAMSYN_DATA", DEMO_DATA))


def choose_log() -> None:
    """Write log lines for people where people read, and JSON elsewhere."""
    if sys.stderr.isatty():
        os.environ.setdefault("FRAMSYN_LOG", "text")


def fill_demo(outlooks: Sequence[Outlook] | None, work: Work, draws: int) -> None:
    """Load content, outlooks and logins into the demo's site; what is there already stays."""
    from framsyn.web.actions import Actor
    from framsyn.web.assumptions.shares import store_shares
    from framsyn.web.operations import demo
    from framsyn.web.outlooks.models import Run

    logging.getLogger("framsyn.web.actions").setLevel(logging.WARNING)  # the phases tell it already
    actor = Actor.system("demo")
    with work.phase("Loading the plan of Midt-Norge"):
        demo.load(actor)
    if outlooks is None and not Run.objects.exists():
        from framsyn.cli.options import RunOptions, run_scenario

        options = RunOptions(draws=draws)
        region = options.load()
        outlooks = [run_scenario(region, name, options, work) for name in DEMO_SCENARIOS]
    if outlooks and not Run.objects.filter(id=outlooks[0].id, is_main=True).exists():
        with work.phase("Storing the outlook"):
            demo.store(actor, outlooks)
        with work.phase("Ranking the assumptions", unit="runs") as step:
            store_shares(actor, outlooks[0], DEMO_DESIGN, step)
        with work.phase("Asking which goals can be reached", unit="goals") as step:
            demo.reach(actor, outlooks[0], step)


def start_afresh(host: str, port: int, workers: int | None) -> int:
    """Serve from a new process: this one holds a gigabyte of draws, and threads that do not survive a fork."""
    words = ["serve", "--host", host, "--port", str(port), *(["--workers", str(workers)] if workers else [])]
    command = [sys.executable, "-c", "from framsyn.cli import main; main()", *words]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # a process cannot be replaced there
        return subprocess.call(command)
    os.execv(command[0], command)


def listen(host: str, port: int, workers: int | None) -> None:
    """Tell the address, and answer until stopped."""
    from framsyn.web.operations import serve as server

    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    terminal.stdout().print(
        Text(f"\nThe plan is served at http://{shown}:{port}/ (stop with Ctrl+C)"), soft_wrap=True
    )
    server.serve(host, port, workers or os.cpu_count() or 1)


def createadmin(
    username: Annotated[str, Parameter(help="Name to log in with.")],
    /,
    *,
    email: Annotated[str, Parameter(help="Where reminders are sent.")] = "",
    data: DataOption = None,
) -> int:
    """Make the first administrator; the password is asked for, or read from FRAMSYN_ADMIN_PASSWORD."""
    from framsyn.web.operations import start

    start.set_up(data)
    start.bring_up_to_date()
    from framsyn.web.accounts.actions import add_user
    from framsyn.web.actions import Actor

    password = os.environ.get("FRAMSYN_ADMIN_PASSWORD") or ask_password()
    add_user(Actor.system("createadmin"), username, password, role="administrator", email=email)
    terminal.stdout().print(
        Text(f"{username} may now log in as administrator. Start the site: framsyn serve")
    )
    return 0


def ask_password() -> str:
    """Ask for a password twice."""
    first = getpass("Password (at least 12 characters): ")
    if getpass("The same again: ") != first:
        message = "the two passwords differ; nobody was added. Run the command again."
        raise PlanError("passwords-differ", message)
    return first


def backup(
    file: Annotated[Path, Parameter(help="The zip file to write.")],
    /,
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Write everything into one file, also while the site is running."""
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    from framsyn.web.operations.backup import back_up

    with Work() as work, work.phase(f"Writing {file}"):
        manifest = back_up(file)
    tell(file, manifest, "written", as_json=json)
    return 0


def restore(
    file: Annotated[Path, Parameter(help="A file that framsyn backup wrote.")],
    /,
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Fill an empty database from a backup, and bring it up to date."""
    from framsyn.web.operations import start

    start.set_up(data)
    from framsyn.web.operations.backup import restore as put_back

    with Work() as work, work.phase(f"Reading {file}"):
        manifest = put_back(file)
    tell(file, manifest, "restored", as_json=json)
    return 0


def tell(file: Path, manifest: dict[str, object], what: str, *, as_json: bool) -> None:
    """Tell how much was written or read."""
    tables: dict[str, dict[str, int]] = manifest["tables"]  # type: ignore[assignment]
    rows = sum(table["rows"] for table in tables.values())
    if as_json:
        terminal.write_json(
            {"file": str(file), "rows": rows, "tables": {name: t["rows"] for name, t in tables.items()}}
        )
        return
    terminal.stdout().print(Text(f"{file}: {rows} rows of {len(tables)} tables {what}."), soft_wrap=True)
