"""Every example in the documentation runs, and the reference holds all that it should."""

from __future__ import annotations

import csv
import doctest
import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^( *)```(console|python|pycon)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
# Commands that set a machine up or watch over it; the house tests and .ci/run cover them.
NOT_RUN = {"pip", "py", "pre-commit", ".venv\\Scripts\\framsyn"}


def examples(page: Path, kind: str) -> list[str]:
    """Fenced examples of one kind on a page, without their indentation."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [
        re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, name, body in found if name == kind
    ]


def commands(page: Path) -> list[list[str]]:
    """Commands in a page's console examples, in order, without comments."""
    lines = [
        line[2:] for body in examples(page, "console") for line in body.splitlines() if line.startswith("$ ")
    ]
    return [shlex.split(line, comments=True, posix="\\" not in line) for line in lines]


def with_examples(*kinds: str) -> list[Path]:
    return [page for page in PAGES if any(examples(page, kind) for kind in kinds)]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", with_examples("console"), ids=name_of)
def test_make_targets_on_a_page_exist(page: Path) -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    for command in commands(page):
        assert command[0] in NOT_RUN | {"make", "framsyn"}, command
        if command[0] == "make":
            assert {word for word in command[1:] if "=" not in word} <= targets, command


@pytest.mark.parametrize("page", with_examples("console", "python"), ids=name_of)
def test_commands_and_scripts_on_a_page_run(page: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    start = "import sys; sys.argv[0] = 'framsyn'; from framsyn.cli import main; main()"
    todo = [[sys.executable, "-c", start, *words[1:]] for words in commands(page) if words[0] == "framsyn"]
    if script := "\n".join(examples(page, "python")):
        todo.append([sys.executable, "-c", script])
    for command in todo:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"{' '.join(command[3:]) or 'python'}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", with_examples("pycon"), ids=name_of)
def test_sessions_on_a_page_give_what_they_show(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = "\n".join(examples(page, "pycon"))
    parsed = doctest.DocTestParser().get_doctest(session, {}, name_of(page), str(page), 0)
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).run(parsed)
    assert result.failed == 0
    assert result.attempted > 0


def hook(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / "hooks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_names_every_quantity() -> None:
    file = ROOT / "src" / "framsyn" / "quantities.csv"
    page = hook("reference").quantities_page(file)
    with file.open(encoding="utf-8", newline="") as lines:
        assert [row["name"] for row in csv.DictReader(lines) if f"| `{row['name']}` |" not in page] == []


def test_the_reference_names_every_key_of_a_scenario() -> None:
    file = ROOT / "src" / "framsyn" / "scenario" / "scenario.schema.json"
    page = hook("reference").schema_page(file)
    schema = json.loads(file.read_text(encoding="utf-8"))
    keys = {key for model in (schema, *schema["$defs"].values()) for key in model.get("properties", {})}
    assert {key for key in keys if f"| `{key}` |" not in page} == set()
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links <= {name.lower() for name in schema["$defs"]}


@pytest.mark.parametrize(
    "folder", sorted((ROOT / "src/framsyn/regions").glob("*/")), ids=lambda path: path.name
)
def test_the_reference_names_every_table_column_and_source_of_a_region(folder: Path) -> None:
    page = hook("reference").region_page(folder)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert f"\n## {resource['name']}\n" in page
        assert all(f"`{field['name']}`" in page for field in resource.get("schema", {}).get("fields", ()))
    assert all(f"| `{source['name']}` |" in page for source in package["sources"])


def test_a_cell_cannot_break_its_table() -> None:
    made = hook("reference").table(("a", "b"), [("1 | 2", "x\ny")])
    assert made.splitlines()[-1] == r"| 1 \| 2 | x y |"


def test_the_documentation_builds_without_a_warning_or_a_foreign_script(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    pytest.importorskip("mkdocs", reason="the documentation tools are not installed (make setup-dev)")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**environment, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    foreign = re.compile(
        r"<(?:script|img|iframe)[^>]+src=[\"']?(?:https?:)?//|<link[^>]+stylesheet[^>]+href=[\"']?(?:https?:)?//"
    )
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 20
    assert [page.name for page in pages if foreign.search(page.read_text(encoding="utf-8"))] == []
