"""The command line.

The engine: ``framsyn demo | run | compare | explain | hindcast | reach | check | levers | region build |
cells example | cells build | cells export | schema``. The site:
``framsyn serve | createadmin | backup | restore | audit seal | audit head | audit verify |
followup remind | followup radar |
exchange export | exchange check | exchange import | export site | plan import``.

Commands are registered by name and imported when they are called, and the engine when a command needs it, so that help
answers at once. Every command returns its exit code: 0 well, 1 findings or over a threshold, 2 bad input, 130 cancelled.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, Parameter

__all__ = ["EXAMPLES", "app", "invoke", "main"]

BAD_INPUT, CANCELLED = 2, 130
COLLECT_AFTER = 50_000

# Shown under "Examples" in the help of each command, told in the reference, and run by the tests.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("framsyn demo", "framsyn demo --draws 200 --lang en --out out/demo"),
    "run": (
        "framsyn run plan",
        "framsyn run plan --level trust --quantity beds,staff_gap --years 2025,2035,2040",
        "framsyn run plan --switch bindal=false --control trust --month 2040 --out out/plan",
        "framsyn run demography --until 2050 --quantity need --json",
        "framsyn run plan --lever work_processes=-10 --quantity beds",
    ),
    "compare": (
        "framsyn compare demography plan",
        "framsyn compare trend plan --years 2030,2040 --quantity need,bed_days,beds --json",
    ),
    "explain": (
        "framsyn explain plan --quantity need --service-area SOM --year 2040",
        "framsyn explain demography plan --quantity bed_days --service-area SOM",
        "framsyn explain plan --quantity beds --service-area PHV --drivers",
    ),
    "reach": (
        "framsyn reach",
        "framsyn reach rup-2027.s10.g1 --over 0.6",
        "framsyn reach --scenario ambitious --json",
    ),
    "hindcast": ("framsyn hindcast", "framsyn hindcast --draws 200 --json"),
    "check": ("framsyn check", "framsyn check midt-norge --scenario plan --json"),
    "region build": ("framsyn region build raw --out my-region",),
    "levers": ("framsyn levers", "framsyn levers --scenario demography --json"),
    "cells example": ("framsyn cells example episodes.parquet --rows 20000",),
    "cells build": (
        "framsyn cells build --source episodes.parquet --out cells",
        "framsyn cells build --source episodes.parquet --out cells --people service,area,year",
    ),
    "cells export": (
        "framsyn cells export cells --by service,area,year --out stays.csv",
        "framsyn cells export cells --by age,sex --measure bed_days --method round --out ages.csv",
    ),
    "schema": ("framsyn schema", "framsyn schema > scenario.schema.json"),
    "serve": (
        "framsyn serve",
        "framsyn serve --demo --port 8010",
        "framsyn serve --data /srv/plan --workers 2",
    ),
    "createadmin": ("framsyn createadmin your-name",),
    "backup": ("framsyn backup plan-2027-01-15.zip",),
    "restore": ("framsyn restore plan-2027-01-15.zip --data another-folder",),
    "plan import": (
        "framsyn plan import plan.docx",
        "framsyn plan import plan.pdf --plan my-plan --out my-plan.toml",
        "framsyn plan import plan.docx --plan my-plan --organisation hmn --load",
    ),
    "followup remind": (
        "framsyn followup remind --dry-run",
        "framsyn followup remind --today 2027-01-15 --dry-run --json",
    ),
    "followup radar": ("framsyn followup radar", "framsyn followup radar --organisation sto --json"),
    "exchange export": (
        "framsyn exchange export plan.xlsx",
        "framsyn exchange export plan.xlsx --plan rup-2027 --language en",
    ),
    "exchange check": ("framsyn exchange check plan.xlsx", "framsyn exchange check plan.xlsx --json"),
    "exchange import": ("framsyn exchange import plan.xlsx",),
    "export site": (
        "framsyn export site usb",
        "framsyn export site usb --scenario trend --lang nb,en",
        "framsyn export site usb --data /srv/plan --force",
    ),
    "audit seal": ("framsyn audit seal",),
    "audit head": ("framsyn audit head", "framsyn audit head --out heads-2027-01-15.json"),
    "audit verify": ("framsyn audit verify", "framsyn audit verify --heads heads-2027-01-15.json --json"),
}

HELP = {
    "demo": """Run the plan against pure demography and write report, workbook and data.

    Prints the plan's own table beside ours, the headline, the main results with 80% intervals and how an earlier
    projection would have fared; then writes the folder of --out (HTML report, Excel workbook, Parquet, manifest.json),
    whole or not at all. Ends by serving the plan on 127.0.0.1:8000, kept in framsyn-demo/, until it is stopped;
    FRAMSYN_NO_SERVE=1 leaves that out.""",
    "run": """Run one scenario and show its results with 80% intervals.

    SCENARIO is the name of one that the region ships, or the path of a .toml file.""",
    "compare": """Compare two scenarios draw by draw.

    Both are run with one seed, so chance that they share does not widen the interval of the difference. With
    --threshold the exit code is 1 when a difference is larger.""",
    "explain": """Say why a number changes: a waterfall that adds up exactly.

    With one scenario, from the base year to --year; with two, from the first to the second. The effects are those of
    the central run, shared out by Das Gupta's rule.""",
    "hindcast": """Project 2015 to 2025 and hold it against the count and a naive forecast.

    Tells the scores, which municipalities the 80% interval misses, the trusts, activity, and what came of the figures
    of the strategy of 2016.""",
    "reach": """Ask which goals of the plan can be reached.

    GOAL is the id of one, which is then told with what moves it and the fewest measures that lift it over --over. The
    chance is the share of the draws that meet the target in the year of the deadline. With --keep the site's own plan
    is asked, and its pages show the answers.""",
    "check": """Check a region and its scenarios.

    REGION is the name of one that comes along, or a folder. The exit code is 1 when something would make a run wrong.""",
    "levers": """List the levers of the explorer: what planners move, where it stands and what it moves.

    A lever has the name of its assumption. `framsyn run plan --lever NAME=NUMBER` runs a moved one.""",
    "region build": """Build a region folder from a folder of raw tables.

    The folder of --out appears whole or not at all; what is in it and not built here, such as scenarios, stays.""",
    "cells example": """Write made-up episodes to try with.

    In the registry's form and seeded; one in a hundred people has a fifth of all use, as the plan
    says of real use.""",
    "cells build": """Add episodes of care up to cells, where the rows lie.

    Rows never leave the query: what is kept are counts by service, level, age, sex, municipality
    and month, in a folder that its owner alone can read, with a report on what was left out.""",
    "cells export": """Write a table out of cells, small counts protected.

    With all its totals. What is hidden is attacked before anything is written: when an entry can
    be worked out from the others, nothing is.""",
    "schema": """Print the JSON Schema of a scenario file.

    For editors that complete and check TOML.""",
    "serve": """Serve the plan as a web site until it is stopped.

    The database is brought up to date first. Everything that differs between machines comes from
    the environment: DATABASE_URL, FRAMSYN_HOSTS, FRAMSYN_HTTPS and more, see the how-to "Run the site".""",
    "createadmin": """Add an administrator who may log in to the site.

    The password is asked for, or read from FRAMSYN_ADMIN_PASSWORD.""",
    "backup": """Write everything that the site holds into one file.

    It is consistent, also while people work; only its owner may read it.""",
    "restore": """Fill an empty database from a backup.

    The file is checked first, and restored whole or not at all; one of an older version is brought up to date. It may
    be of either database, SQLite or PostgreSQL.""",
    "followup remind": """Write and send the letters of a day.

    For a timer of the system; a site that is being served does it by itself. Everybody gets one letter a day at most,
    and is never reminded twice of the same step. The exit code is 1 when the mail server took no letters.""",
    "followup radar": """Show whose things stand still.

    Counts what is overdue, was never updated, has an owner who has left, or has no owner, and lists what is overdue.""",
    "plan import": """Read a plan from Word, PDF, HTML, Markdown or text, and show what was found.

    Main goals, sections, goals, ambitions, challenges and tables, what to look at, and the text
    left over: no word is dropped. With --out it is written as a content file, with --load it
    becomes a draft on the site, whole or not at all.""",
    "exchange export": """Write goals, indicators, figures and measures into a workbook.

    It has drop-down lists, a data dictionary, and what the way back needs.""",
    "exchange check": """Show what a workbook would change, and every cell that is wrong.

    Nothing is changed. The exit code is 1 when a cell is wrong, or a row has been changed by others too.""",
    "exchange import": """Change in the plan what a workbook changes, all of it or nothing.

    Every row goes through the checks of the site's forms, and stands in the log.""",
    "export site": """Write the results of a scenario as a folder that opens without a server.

    Charts, tables, stories, assumptions, sources and data files in the chosen languages, with no address outside the
    folder: it opens from a USB stick. The folder appears whole or not at all.""",
    "audit seal": """Seal what the log of changes holds.

    A running site does so by itself, soon after every change; this looks at the whole log.""",
    "audit head": """Print the end of every chain of the log.

    Kept elsewhere, or printed in the papers of a board, it shows later that nothing was cut off.""",
    "audit verify": """Check that the log of changes is whole.

    Finds what was changed, removed, put in, moved or cut off, and tells its place. The exit code
    is 1 when something is wrong. Heads in the data folder are used, and those of --heads as well.""",
}


def version() -> str:
    """Return the version of the engine."""
    from framsyn.outlook.manifest import engine_version

    return engine_version()


def example_text(name: str) -> str:
    """Return the examples of a command as its help shows them."""
    lines = EXAMPLES[name]
    return f"Example{'s' if len(lines) > 1 else ''}:\n" + "\n".join(f"  $ {line}" for line in lines)


def add(parent: App, path: str, target: str, place: int) -> None:
    """Register a command that is imported when it is called, at a place in the list."""
    name = path.rpartition(" ")[2]
    text = "\n".join(line.strip() for line in HELP[path].splitlines())
    parent.command(
        f"framsyn.cli.{target}", name=name, help=text, help_epilogue=example_text(path), sort_key=place
    )


app = App(
    name="framsyn",
    help="Need, capacity, staff and money of a regional health authority, with uncertainty.",
    help_epilogue="Start with:\n  $ framsyn demo\n\nEvery command has its own help: framsyn run --help",
    help_format="plaintext",
    version=version,
    default_parameter=Parameter(negative=()),
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
)
regions = App(
    name="region", sort_key=11, help="Build the data of a region.", help_epilogue=example_text("region build")
)
for number, (path, target) in enumerate(
    (
        ("demo", "demo:demo"),
        ("run", "run:run"),
        ("compare", "compare:compare"),
        ("explain", "explain:explain"),
        ("hindcast", "hindcast:hindcast"),
        ("reach", "reach:reach"),
        ("check", "check:check"),
        ("levers", "levers:levers"),
        ("schema", "schema:schema"),
        ("serve", "site:serve"),
        ("createadmin", "site:createadmin"),
        ("backup", "site:backup"),
        ("restore", "site:restore"),
    )
):
    add(app, path, target, number)
add(regions, "region build", "region:build", 0)
app.command(regions)
cells = App(
    name="cells",
    sort_key=11,
    help="Add episodes up to cells, and take protected tables out.",
    help_epilogue=example_text("cells build"),
)
for number, name in enumerate(("example", "build", "export")):
    add(cells, f"cells {name}", f"cells:{name}", number)
app.command(cells)
exchanges = App(
    name="exchange",
    sort_key=14,
    help="Take the plan out as a workbook, and back.",
    help_epilogue=example_text("exchange export"),
)
for number, (path, target) in enumerate((("export", "export"), ("check", "check"), ("import", "take_in"))):
    add(exchanges, f"exchange {path}", f"exchange:{target}", number)
app.command(exchanges)
followups = App(
    name="followup",
    sort_key=13,
    help="Remind owners, and see who needs it.",
    help_epilogue=example_text("followup remind"),
)
for number, name in enumerate(("remind", "radar")):
    add(followups, f"followup {name}", f"followup:{name}", number)
app.command(followups)
audits = App(
    name="audit",
    sort_key=12,
    help="Seal and check the log of changes.",
    help_epilogue=example_text("audit verify"),
)
for number, name in enumerate(("seal", "head", "verify")):
    add(audits, f"audit {name}", f"audit:{name}", number)
app.command(audits)
copies = App(
    name="export",
    sort_key=14,
    help="Take the results along as files.",
    help_epilogue=example_text("export site"),
)
add(copies, "export site", "export:site", 0)
app.command(copies)
plans = App(name="plan", sort_key=13, help="Take a plan in.", help_epilogue=example_text("plan import"))
add(plans, "plan import", "plan:take_in", 0)
app.command(plans)


def invoke(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``framsyn``; those of the process if left out.

    Returns
    -------
    int
        0 well, 1 findings or over a threshold, 2 bad input, 130 cancelled.
    """
    from cyclopts.exceptions import CycloptsError

    from framsyn.cli import terminal
    from framsyn.errors import PlanError

    words = list(sys.argv[1:] if arguments is None else arguments)
    terminal.use_utf8()
    try:
        code = app(words, console=terminal.stdout(), error_console=terminal.stderr())
    except PlanError as error:
        terminal.show_error(error.code, error.message, error.data, as_json="--json" in words)
        return BAD_INPUT
    except CycloptsError as error:
        terminal.show_error(
            "bad-arguments", str(error), {}, as_json="--json" in words, hint=terminal.help_hint(words, app)
        )
        return BAD_INPUT
    except KeyboardInterrupt as stop:
        terminal.show_cancelled(str(stop))
        return CANCELLED
    except BrokenPipeError:
        terminal.leave_pipe()  # whoever read the output has seen enough
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        message = (
            f"{place}{error.strerror or error}. Nothing was half written. Check the path and its permissions."
        )
        terminal.show_error("file-system", message, {"file": error.filename}, as_json="--json" in words)
        return BAD_INPUT
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    # A command makes large arrays and few cycles. Looking for cycles seldom, and not at all among what is there at the
    # end, saves it a second or more; the memory goes back to the system either way. A site lives on and keeps the rule.
    if sys.argv[1:2] != ["serve"]:
        gc.set_threshold(COLLECT_AFTER, 50, 100)
    code = invoke()
    if "duckdb" not in sys.modules:  # it complains of what it holds when that is not collected
        gc.freeze()
    sys.exit(code)
