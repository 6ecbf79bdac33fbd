"""The look of the site: contrast of its colours, strictness of its templates, and the tool that builds it."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from framsyn.report.theme import contrast

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src" / "framsyn" / "web"
ASSETS = WEB / "assets"
THEME = (ASSETS / "css" / "theme.css").read_text(encoding="utf-8")
OWN = re.findall(r"--ds-color-(accent|neutral|warning|danger)-([a-z-]+): (#[0-9a-f]{6});", THEME)
COLOURS = {(scale, step): colour for scale, step, colour in OWN}
SCALES = ("accent", "neutral", "warning", "danger")
GROUNDS = ("background-default", "background-tinted", "surface-tinted")


def tool() -> ModuleType:
    """Load tools/build_assets.py, which is no package."""
    spec = importlib.util.spec_from_file_location("build_assets", ROOT / "tools" / "build_assets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_scale_is_whole() -> None:
    assert len(COLOURS) == len(SCALES) * 16


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_reads_on_every_ground(scale: str, ground: str) -> None:
    for step in ("text-subtle", "text-default", "base-default"):
        assert contrast(COLOURS[scale, step], COLOURS[scale, ground]) >= 4.5
    # Muted text and links stand on grounds of any scale.
    for text in (COLOURS["neutral", "text-subtle"], COLOURS["accent", "text-subtle"]):
        assert contrast(text, COLOURS[scale, ground]) >= 4.5


@pytest.mark.parametrize("scale", SCALES)
def test_white_reads_on_every_base(scale: str) -> None:
    for step in ("base-default", "base-hover", "base-active"):
        assert contrast(COLOURS[scale, step], COLOURS[scale, "base-contrast-default"]) >= 4.5


@pytest.mark.parametrize("scale", SCALES)
def test_borders_of_controls_are_seen(scale: str) -> None:
    for ground in GROUNDS:
        assert contrast(COLOURS[scale, "border-default"], COLOURS[scale, ground]) >= 3
        assert contrast(COLOURS[scale, "border-strong"], COLOURS[scale, ground]) >= 4.5


def test_links_and_focus_are_seen() -> None:
    visited = re.search(r"--ds-link-color-visited: (#[0-9a-f]{6})", THEME).group(1)
    outer = re.search(r"--ds-color-focus-outer: (#[0-9a-f]{6})", THEME).group(1)
    for scale in SCALES:
        for ground in GROUNDS:
            assert contrast(visited, COLOURS[scale, ground]) >= 4.5
            assert contrast(outer, COLOURS[scale, ground]) >= 3


def test_templates_hold_no_style_and_no_script_of_their_own() -> None:
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)")
    found = {
        path.relative_to(WEB).as_posix(): match.group()
        for path in (WEB / "templates").rglob("*.html")
        if path.name
        != "letter.html"  # a letter brings its look along: no page, and no policy of ours, is around it
        if (match := inline.search(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_the_lock_of_the_assets_pins_with_digests_and_names_no_address() -> None:
    text = (ASSETS / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(entry["integrity"].startswith("sha512-") for name, entry in packages.items() if name)
    wanted = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is not pinned"
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the sources of the assets and nothing built."""
    shutil.copytree(ASSETS, tmp_path / "src" / "framsyn" / "web" / "assets")
    return tmp_path


def test_a_build_that_fails_warns_and_leaves_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tool()

    def no_network(arguments: list[str], folder: Path, *, npm: bool = False) -> None:
        message = "npm error code ENOTFOUND"
        raise RuntimeError(message)

    monkeypatch.setattr(module, "run_node", no_network)
    with pytest.warns(module.NotBuiltWarning, match=r"ENOTFOUND[\s\S]*tools/build_assets.py"):
        assert module.build(project, quiet=True) is False
    assert not (project / module.BUILT).parent.exists()


def test_a_build_is_made_once_per_content(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tool()
    runs = []

    def pretend(arguments: list[str], folder: Path, *, npm: bool = False) -> None:
        runs.append(arguments[0])
        if not npm:
            out = folder / arguments[1]
            out.mkdir()
            (out / "framsyn-1.css").write_text("a{}", encoding="utf-8")
            manifest = {"stamp": arguments[2], "files": {"framsyn.css": "framsyn-1.css"}}
            (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    monkeypatch.setattr(module, "run_node", pretend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert module.build(project, quiet=True)
        assert module.build(project, quiet=True)
        assert runs == ["ci", "build.mjs"]
        (project / module.SOURCES / "css" / "page.css").write_text("p{}", encoding="utf-8")
        assert module.build(project, quiet=True)
    assert runs == ["ci", "build.mjs"] * 2
    built = project / module.BUILT
    assert sorted(path.name for path in built.iterdir()) == ["framsyn-1.css", "manifest.json"]
    assert [path.name for path in built.parent.iterdir()] == ["framsyn"]
    (built / "framsyn-1.css").unlink()
    assert not module.is_built(project)


def test_words_are_compiled_when_they_are_newer(project: Path) -> None:
    module = tool()
    words = project / module.WORDS / "nb" / "LC_MESSAGES" / "django.po"
    words.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    words.write_text(head + 'msgid "Beds"\nmsgstr "Senger"\n', encoding="utf-8")
    assert module.compile_words(project) == 1
    assert module.compile_words(project) == 0
    assert b"Senger" in words.with_suffix(".mo").read_bytes()
