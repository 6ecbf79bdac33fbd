"""Every example in the documentation runs, and the reference holds all that it should."""

from __future__ import annotations

import csv
import doctest
import importlib.util
import json
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^( *)```(console|python|pycon)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
# Commands that set a machine up or watch over it; the house tests and .ci/run cover them.
NOT_RUN = {"pip", "py", "pre-commit", ".venv\\Scripts\\framsyn"}
# Commands of the site, which listen or ask until they are stopped: only parsed here, tested in tests/web.
OF_THE_SITE = {
    "audit",
    "catalogue",
    "exchange",
    "export",
    "followup",
    "plan",
    "serve",
    "createadmin",
    "backup",
    "restore",
}
# Folders that an example supposes and no page makes: such a command is only parsed.
SUPPOSED = {"raw", "my-region"}
# Scripts of these pages ask a site; tests/web runs them against one.
ASKING_A_SITE = {"use-the-api.md"}
FEW = "12"  # draws: an example shows how, not what


def examples(page: Path, *kinds: str) -> list[tuple[str, str]]:
    """Fenced examples of some kinds on a page, in order, as (kind, text without its indentation)."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [
        (name, re.sub(rf"^{indent}", "", body, flags=re.MULTILINE))
        for indent, name, body in found
        if name in kinds
    ]


def commands(text: str) -> list[list[str]]:
    """Commands in a console example, in order, without comments."""
    lines = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return [shlex.split(line, comments=True, posix="\\" not in line) for line in lines]


def with_examples(*kinds: str) -> list[Path]:
    return [page for page in PAGES if examples(page, *kinds)]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", with_examples("console"), ids=name_of)
def test_make_targets_on_a_page_exist(page: Path) -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    for command in [command for _, text in examples(page, "console") for command in commands(text)]:
        assert command[0] in NOT_RUN | {"make", "framsyn"}, command
        if command[0] == "make":
            assert {word for word in command[1:] if "=" not in word} <= targets, command


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, shipped_once: None) -> None:
    """Make examples cheap: few draws, few causes, and the regions that come along are read once."""
    monkeypatch.setenv("FRAMSYN_DRAWS", FEW)
    monkeypatch.setenv("FRAMSYN_NO_SERVE", "1")
    monkeypatch.setattr("framsyn.analyses.explain.MOST_FACTORS", 4)  # 2⁴ central runs instead of 2¹⁰
    monkeypatch.setattr("framsyn.analyses.drivers.ENSEMBLE", 16)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "page",
    [page for page in with_examples("console", "python") if page.name not in ASKING_A_SITE],
    ids=name_of,
)
def test_commands_and_scripts_on_a_page_run_in_their_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    for kind, text in examples(page, "console", "python"):
        if kind == "python":
            small = re.sub(r"\bdraws=[\d_]+", f"draws={FEW}", re.sub(r"\bn=\d+", "n=2", text))
            exec(compile(small, name_of(page), "exec"), names)
            continue
        for words in commands(text):
            if words[0] == "framsyn":
                run_command(words[1:])
    capsys.readouterr()


def run_command(words: list[str]) -> None:
    """Run a command of the program in this process, with few draws; it must end well."""
    from framsyn.cli import app, invoke

    words = [FEW if before == "--draws" else word for before, word in zip(["", *words], words, strict=False)]
    if SUPPOSED & set(words) or words[0] in OF_THE_SITE:
        app.parse_args(words, print_error=False, exit_on_error=False)
        return
    if words[0] == "demo":
        words = [*words, "--no-report"]  # the tests of the report write it
    if "--drivers" in words:
        words = [*words, "--size", "2"]
    assert invoke(words) == 0, f"framsyn {' '.join(words)}"


@pytest.mark.parametrize("page", with_examples("pycon"), ids=name_of)
def test_sessions_on_a_page_give_what_they_show(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = "\n".join(text for _, text in examples(page, "pycon"))
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


def test_the_reference_shows_the_help_of_every_command() -> None:
    from framsyn.cli import HELP

    page = hook("reference").command_page(ROOT)
    shown = re.findall(r"^## framsyn ?(.*)$", page, flags=re.MULTILINE)
    assert set(shown) == {"", *HELP, *(name.split()[0] for name in HELP if " " in name)}
    assert all(f"Usage: framsyn {name} ".rstrip() in page for name in shown)


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


def test_the_reference_holds_every_known_answer_and_the_page_of_answers_links_every_one_of_table_13() -> None:
    folder = ROOT / "tests" / "known_answers"
    page = hook("reference").answers_page(folder)
    told = (ROOT / "docs/explanation/known-answers.md").read_text(encoding="utf-8")
    for file in folder.glob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert f"{{ #{name} }}" in page
            assert file.stem != "test_table_13" or f"#{name})" in told


def test_navigation_follows_the_index_of_a_folder() -> None:
    pytest.importorskip("mkdocs", reason="the documentation tools are not installed (make setup-dev)")
    texts = {
        "a/index.md": "# A\n\n[Second](z.md#part) then [first](b.md)",
        **{f"a/{name}.md": f"# {name}" for name in ("b", "c", "z")},
    }
    assert hook("site")._section("a", "A", texts) == {
        "A": ["a/index.md", {"z": "a/z.md"}, {"b": "a/b.md"}, {"c": "a/c.md"}]
    }


def test_a_cell_cannot_break_its_table() -> None:
    made = hook("reference").table(("a", "b"), [("1 | 2", "x\ny")])
    assert made.splitlines()[-1] == r"| 1 \| 2 | x y |"
