"""Reference pages that are made from code: help texts, docstrings, and the tests against known answers."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

MADE = "<!-- Made from {source} by docs/hooks/reference.py; change that file, not this page. -->\n\n"


# ------------------------------------------------------------------ tests
def answers_page(folder: Path) -> str:
    """Page of the tests against known answers: what each says of itself, and its code."""
    parts = [
        MADE.format(source="tests/known_answers"),
        "# Known answers in the tests\n\nThe tests that hold the program to answers that others have published, or that "
        "can be derived. [Known answers](../explanation/known-answers.md) lists them with their sources.\n",
    ]
    for file in sorted(folder.glob("test_*.py")):
        source = file.read_text(encoding="utf-8")
        tree = ast.parse(source)
        parts.append(f"\n## {file.stem}\n\n{ast.get_docstring(tree) or ''}\n")
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            code = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
            title = node.name.removeprefix("test_").replace("_", " ").capitalize()
            parts.append(
                f"\n### {title} {{ #{node.name} }}\n\n{ast.get_docstring(node) or ''}\n\n```py\n{code}\n```\n"
            )
    return "".join(parts)


# ------------------------------------------------------------------ command line and Python
def command_page(root: Path) -> str:
    """Page of the command line: the help text of every command, as the program prints it."""
    parts = [MADE.format(source="`framsyn … --help`"), "# Command line\n"]
    for command in [[], *([name] for name in command_names(root))]:
        title = " ".join(["framsyn", *command])
        parts.append(f"\n## {title}\n\n```text\n{help_text(root, command)}\n```\n")
    return "".join(parts)


def _python(root: Path, code: str, *arguments: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": str(root / "src"),
        "PYTHONUTF8": "1",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        message = f"framsyn {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}"
        raise RuntimeError(message)
    return done.stdout


def command_names(root: Path) -> list[str]:
    """Names of the commands, groups with a blank before their sub-commands, as the program itself lists them."""
    code = (
        "from framsyn.cli import app\n"
        "def walk(app, before=()):\n"
        "    for name in app:\n"
        "        if not name.startswith('-'):\n"
        "            print(' '.join((*before, name)))\n"
        "            walk(app[name], (*before, name))\n"
        "walk(app)\n"
    )
    return _python(root, code).splitlines()


def help_text(root: Path, command: list[str]) -> str:
    """Help text of a command."""
    words = [word for part in command for word in part.split()]
    code = "import sys; sys.argv[0] = 'framsyn'; from framsyn.cli import main; main()"
    return "\n".join(line.rstrip() for line in _python(root, code, *words, "--help").strip().splitlines())


def api_pages(package: Path) -> dict[str, str]:
    """One page per module, drawn from its docstrings, and a list of them."""
    modules = []
    for file in sorted(package.rglob("*.py")):
        parts = ("framsyn", *file.relative_to(package).with_suffix("").parts)
        if any(part.startswith("_") and part != "__init__" for part in parts) or "regions" in parts:
            continue
        modules.append(".".join(part for part in parts if part != "__init__"))
    found = {
        f"reference/python/{module}.md": (
            MADE.format(source="docstrings")
            + f"# {module}\n\n::: {module}\n    options:\n      heading_level: 2\n"
        )
        for module in modules
    }
    lines = "\n".join(f"- [`{module}`]({module}.md)" for module in modules)
    found["reference/python/index.md"] = (
        MADE.format(source="docstrings")
        + "# Python\n\nThe public names are `framsyn.Region`, `framsyn.Scenario`, `framsyn.run`, `framsyn.Outlook` and "
        f"`framsyn.compare`. Everything else, floor by floor:\n\n{lines}\n"
    )
    return found
