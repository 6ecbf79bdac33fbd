"""The command line.

The engine: ``framsyn demo | run | compare | explain | hindcast | reach | check | levers | sources | region build |
region refresh | region diff | region check | region template | region export | region import | region copy |
cells example | cells build | cells export | schema``. The site: ``framsyn serve | createadmin | backup | restore |
catalogue | audit seal | audit head | audit verify | followup remind | followup radar | exchange export | exchange check |
exchange import | exchange fhir | export site | plan import``.

Commands are registered by name and imported when they are called, and the engine when a command needs it, so that help
answers at once. Every command returns its exit code: 0 well, 1 findings or over a threshold, 2 bad input, 130 cancelled.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, Parameter

from framsyn.cli.texts import EXAMPLES, HELP
from framsyn.heap import share_one_heap

__all__ = ["EXAMPLES", "app", "invoke", "main"]

BAD_INPUT, CANCELLED = 2, 130
COLLECT_AFTER = 50_000


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
        ("sources", "sources:sources"),
        ("schema", "schema:schema"),
        ("catalogue", "catalogue:catalogue"),
        ("serve", "site:serve"),
        ("createadmin", "site:createadmin"),
        ("backup", "site:backup"),
        ("restore", "site:restore"),
    )
):
    add(app, path, target, number)
for number, name in enumerate(("build", "refresh", "diff", "check")):
    add(regions, f"region {name}", f"region:{name}", number)
for number, (name, target) in enumerate(
    (("template", "template"), ("export", "export"), ("import", "take_in"), ("copy", "copy")), start=10
):
    add(regions, f"region {name}", f"own_data:{target}", number)
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
for number, (path, target) in enumerate(
    (("export", "export"), ("check", "check"), ("import", "take_in"), ("fhir", "fhir"))
):
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
    share_one_heap()
    if sys.argv[1:2] != ["serve"]:
        gc.set_threshold(COLLECT_AFTER, 50, 100)
    code = invoke()
    if "duckdb" not in sys.modules:  # it complains of what it holds when that is not collected
        gc.freeze()
    sys.exit(code)
