"""The site as a folder: whole or not at all, nothing of it leads outside, and its figures are the run's."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from site_pages import Node, parse

from framsyn.cli.export import read_languages
from framsyn.errors import PlanError
from framsyn.scenario import Scenario
from framsyn.web.actions import Actor
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.store import rounded, store_run
from framsyn.web.static_site import pages as static_pages
from framsyn.web.static_site import writing
from framsyn.web.static_site.links import Links
from framsyn.web.static_site.rewriting import offline
from framsyn.web.static_site.writing import check_folder, write_site

pytestmark = pytest.mark.slow  # exports whole folders

LANGUAGES = ("nb", "en")
SERVICES = ("", "SOM")
MUNICIPALITIES = ("1508", "5025", "5046")
LINKS = Links(
    {
        "/": "nb/index.html",
        "/outlook/": "nb/outlook/region.html",
        "/outlook/?place=hmr": "nb/outlook/hmr.html",
        "/outlook/x.csv?place=region": "data/outlook-region.csv",
    }
)


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any, plan_run: Any, people_run: Any) -> Iterator[str]:
    """Keep the plan as the main run, held against demography alone, for all tests of this file."""
    actor = Actor.system("tests")
    with django_db_blocker.unblock():
        baseline = store_run(actor, people_run)
        run = store_run(actor, plan_run, main=True, baseline=baseline.id)
    yield run.id
    with django_db_blocker.unblock():
        Run.objects.update(baseline=None)
        Run.objects.all().delete()


@pytest.fixture
def kept(once: str, db: None) -> Run:
    """Return the main run."""
    return Run.objects.select_related("baseline").get(pk=once)


@pytest.fixture(scope="module")
def folder(once: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a written site in two languages."""
    target = tmp_path_factory.mktemp("usb") / "site"
    told: list[tuple[int, int, str]] = []
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_pages, "SERVICES", SERVICES)  # the browser's test writes them all
        patch.setattr(static_pages.Site, "municipalities", MUNICIPALITIES)
        run = Run.objects.select_related("baseline").get(pk=once)
        written = write_site(target, run, LANGUAGES, progress=lambda *step: told.append(step))
    files = [path for path in target.rglob("*") if path.is_file()]
    assert written.files == len(files)
    assert written.size == sum(path.stat().st_size for path in files)
    assert written.pages == len([path for path in files if path.suffix == ".html"])
    assert [done for done, _total, _what in told] == sorted({done for done, _total, _what in told})
    assert told[-1][0] == told[-1][1]
    return target


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[Path, Node]:
    """Return every page of the folder."""
    return {path: parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}


# ---------------------------------------------------------------- what lies there
def test_every_kind_of_page_is_there_in_each_language(folder: Path, midt: Any) -> None:
    for lang in LANGUAGES:
        own = folder / lang
        assert (own / "index.html").is_file()
        for place in ("region", *midt.trusts):
            for ending in ("", "-som"):
                assert (own / f"outlook/{place}{ending}.html").is_file()
        assert {path.stem for path in (own / "places").iterdir()} == {"index", *MUNICIPALITIES}
        assert len(list((own / "stories").glob("*.html"))) == 11
        assert {path.stem for path in (own / "about").iterdir()} == {
            "assumptions",
            "data",
            "glossary",
            "licence",
        }
    assert not (folder / "nn").exists()


def test_every_link_leads_to_a_file_of_the_folder(folder: Path, pages: dict[Path, Node]) -> None:
    seen = set()
    for path, page in pages.items():
        names = {node.attributes.get("id") for node in page.walk()}
        for node in page.walk():
            for key in ("href", "src", "action", "xlink:href"):
                address = node.attributes.get(key)
                if address is None:
                    continue
                parts = urlsplit(address)
                assert not parts.scheme, (path, address)
                assert not address.startswith("/"), (path, address)
                if not parts.path:
                    assert not parts.fragment or parts.fragment in names, (path, address)
                    continue
                target = (path.parent / unquote(parts.path)).resolve()
                assert folder.resolve() in target.parents, (path, address)
                assert target.is_file(), (path, address)
                if parts.fragment:
                    others = {
                        one.attributes.get("id")
                        for one in pages[folder / target.relative_to(folder.resolve())].walk()
                    }
                    assert parts.fragment in others, (path, address)
                seen.add(target)
    lying = {one.resolve() for one in folder.rglob("*") if one.is_file()}
    first = {
        (folder / name).resolve() for name in ("index.html", "manifest.json")
    }  # where one begins, and what it is
    assert lying - seen <= first


def test_nothing_needs_a_server(folder: Path, pages: dict[Path, Node]) -> None:
    for path, page in pages.items():
        assert page.all("script", "form", "iframe", "base") == [], path
        assert [node for node in page.walk() if "style" in node.attributes] == [], path
        assert {node.attributes["rel"] for node in page.all("link")} == {"stylesheet", "icon"}, path
    style = (folder / "assets/framsyn.css").read_text(encoding="utf-8")
    assert "url(" not in style.replace("url(data:", "").replace('url("data:', "")
    assert "@import" not in style


def test_a_page_has_title_heading_language_and_a_way_back(pages: dict[Path, Node], folder: Path) -> None:
    for path, page in pages.items():
        lang = path.relative_to(folder).parts[0]
        if lang == "index.html":
            continue
        assert page.all("html")[0].attributes["lang"] == lang
        assert page.all("title")[0].text.endswith("· Framsyn")
        assert len(page.all("h1")) == 1
        if path.name != "index.html" or path.parent.name == "stories":
            assert (
                page.all("nav", class_="breadcrumb")[0].all("a")[0].attributes["href"].endswith("index.html")
            )
        for figure in page.all("figure"):
            assert figure.all("table"), path
            files = figure.all("span", class_="figure__files")[0].all("a")
            assert [link.text.partition(":")[0].strip() for link in files] == ["csv"], path
            assert not figure.all(class_="figure__end")


def test_every_municipality_has_its_page(kept: Run, midt: Any) -> None:
    site = static_pages.Site.of(kept, LANGUAGES)
    assert sorted(site.municipalities) == sorted(midt.areas)
    files = site.files("nb")
    assert [files[f"/places/{code}/"] for code in midt.areas] == [
        f"nb/places/{code}.html" for code in midt.areas
    ]


def test_a_municipality_says_what_it_says_on_the_site(
    folder: Path, pages: dict[Path, Node], kept: Run, client: Any
) -> None:
    for code in MUNICIPALITIES:
        site = parse(client.get(f"/places/{code}/", HTTP_ACCEPT_LANGUAGE="nb").content.decode())
        path = folder / f"nb/places/{code}.html"
        page = pages[path]
        assert page.all("h1")[0].text == site.all("h1")[0].text
        assert page.all("p", class_="lead")[0].text == site.all("p", class_="lead")[0].text
        own, theirs = (
            [[cell.text for cell in table.all("td")] for table in one.all("table", class_="table")]
            for one in (page, site)
        )
        assert own == theirs
        # To its trust and its region and to the list; and from the list, the map and the first page to it.
        links = {node.attributes["href"] for node in page.all("a") if "href" in node.attributes}
        assert {"../outlook/region.html", "index.html"} <= links
        for other, wanted in (
            ("nb/places/index.html", f"{code}.html"),
            ("nb/index.html", f"places/{code}.html"),
        ):
            leading = [node for node in pages[folder / other].walk() if node.attributes.get("href") == wanted]
            assert len(leading) >= 2, (other, code)
        assert path.stat().st_size < 60_000  # all of them fit on a stick beside what else lies there
    with (folder / "data/places.csv").open(encoding="utf-8", newline="") as file:
        assert {row["place"] for row in csv.DictReader(file)} >= set(MUNICIPALITIES)


# ---------------------------------------------------------------- the figures
@pytest.mark.parametrize("place", ["region", "hnt"])
@pytest.mark.parametrize("name", ["need", "beds"])
def test_the_figures_are_those_of_the_run(folder: Path, plan_run: Any, place: str, name: str) -> None:
    with (folder / f"data/outlook-{place}.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["quantity"] == name and row["part"] == "SOM"]
    assert {row["place"] for row in rows} == {place}
    by = ("year",) if place == "region" else ("year", "trust")
    found = plan_run.quantiles(name, (0.1, 0.5, 0.9), by, {"service_area": "SOM"})
    if place != "region":
        found = found.sel(trust=place)
    for number, band in enumerate(("p10", "p50", "p90")):
        assert [float(row[band]) for row in rows] == rounded(found.isel(quantile=number).values)
    assert {row["run"] for row in rows} == {plan_run.id}


def test_tables_and_pages_say_the_runs_figures(
    folder: Path, pages: dict[Path, Node], plan_run: Any, client: Any, kept: Run
) -> None:
    from framsyn.report.numbers import interval

    low, middle, high = (
        float(value)
        for value in plan_run.quantiles("beds", (0.1, 0.5, 0.9), ("year",), {"service_area": "SOM"})
        .sel(year=2040)
        .values
    )
    page = pages[folder / "en/outlook/region-som.html"]
    assert interval(middle, low, high, "en").text in page.all("table", class_="table")[-1].text
    sentence = parse(client.get("/?lang=nb").content.decode()).all("h1")[0].text
    assert pages[folder / "nb/index.html"].all("h1")[0].text == sentence


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_story_says_what_it_says_on_the_site(
    pages: dict[Path, Node], folder: Path, client: Any, kept: Run, lang: str
) -> None:
    theirs = parse(client.get(f"/stories/where-the-beds-go/?lang={lang}").content.decode())
    ours = pages[folder / f"{lang}/stories/where-the-beds-go.html"]
    said = [node.text for node in theirs.all("p", class_="story-step__say")]
    assert len(said) > 3
    assert [node.text for node in ours.all("p", class_="story-step__say")] == said
    assert [node.text for node in ours.all("figcaption")] == [node.text for node in theirs.all("figcaption")]
    assert "framsyn run plan --lever work_processes=" in ours.text


def test_the_scenario_runs_to_the_same_assumptions(folder: Path, plan: Any) -> None:
    again = Scenario.from_toml((folder / "data/scenario.toml").read_text(encoding="utf-8"))
    assert again.assumptions == plan.assumptions
    page = parse((folder / "nb/about/assumptions.html").read_text(encoding="utf-8"))
    for assumption in plan.assumptions:
        assert assumption.label["nb"] in page.text


def test_the_manifest_tells_what_it_is(folder: Path, plan_run: Any) -> None:
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert found["kind"] == writing.KIND
    assert found["run"]["id"] == plan_run.id
    assert found["languages"] == list(LANGUAGES)
    lying = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(found["files"]) | {"manifest.json"} == lying


# ---------------------------------------------------------------- where it may be written
@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a site be one page, so that a test of folders is quick."""

    def fill(folder: Path, _site: Any, _progress: Any) -> int:
        (folder / "nb").mkdir()
        (folder / "index.html").write_text("new", encoding="utf-8")
        (folder / "nb/index.html").write_text("new", encoding="utf-8")
        return 2

    monkeypatch.setattr(writing, "fill", fill)


def listing(folder: Path) -> dict[str, str]:
    """Return every file and what it says."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_an_earlier_site_is_replaced_whole(tmp_path: Path, kept: Run, small: None) -> None:
    target = tmp_path / "usb"
    write_site(target, kept, ["nb"])
    (target / "nb/index.html").write_text("old", encoding="utf-8")
    (target / "nb/gone.html").write_text("old", encoding="utf-8")
    write_site(target, kept, ["nb"])
    assert listing(target) == {"index.html": "new", "nb/index.html": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["usb"]


@pytest.mark.parametrize("foreign", ["letters.txt", "manifest.json"])
def test_a_folder_with_something_else_is_refused(
    tmp_path: Path, kept: Run, small: None, foreign: str
) -> None:
    (tmp_path / foreign).write_text("{}", encoding="utf-8")
    with pytest.raises(PlanError) as fault:
        write_site(tmp_path, kept, ["nb"])
    assert fault.value.code == "folder-not-ours"
    assert [path.name for path in tmp_path.iterdir()] == [foreign]


def test_force_writes_beside_and_replaces_only_its_own(tmp_path: Path, kept: Run, small: None) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    write_site(tmp_path, kept, ["nb"], force=True)
    (tmp_path / "nb/index.html").write_text("old", encoding="utf-8")
    write_site(tmp_path, kept, ["nb"], force=True)
    assert listing(tmp_path) == {"letters.txt": "mine", "index.html": "new", "nb/index.html": "new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "index.html",
        "letters.txt",
        "manifest.json",
        "nb",
    ]


def test_force_never_replaces_what_somebody_else_wrote(tmp_path: Path, kept: Run, small: None) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(PlanError) as fault:
        write_site(tmp_path, kept, ["nb"], force=True)
    assert fault.value.code == "name-taken"
    assert listing(tmp_path) == {"index.html": "mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.parametrize("force", [False, True])
def test_what_fails_leaves_everything_as_it_was(
    tmp_path: Path, kept: Run, small: None, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    target = tmp_path / "usb"
    write_site(target, kept, ["nb"])
    (target / "nb/index.html").write_text("old", encoding="utf-8")
    if force:
        (target / "letters.txt").write_text("mine", encoding="utf-8")
    before = listing(target)

    def fail(folder: Path, *_more: Any) -> int:
        (folder / "half.html").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "fill", fail)
    with pytest.raises(KeyboardInterrupt):
        write_site(target, kept, ["nb"], force=force)
    assert listing(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["usb"]
    assert not [path for path in target.iterdir() if path.name.startswith(".")]


def test_a_stop_while_names_change_puts_everything_back(
    tmp_path: Path, kept: Run, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    write_site(tmp_path, kept, ["nb"], force=True)
    (tmp_path / "nb/index.html").write_text("old", encoding="utf-8")
    before = listing(tmp_path)
    real = Path.replace

    def stop(self: Path, target: Path) -> Path:
        if self.name == "nb" and self.parent.name.startswith(".framsyn-site.") and target.parent == tmp_path:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_site(tmp_path, kept, ["nb"], force=True)
    assert listing(tmp_path) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "usb"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(PlanError) as fault:
        check_folder(file, force=True)
    assert fault.value.code == "not-a-folder"


# ---------------------------------------------------------------- pieces
@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<a href="/outlook/?year=2040&amp;place=hmr#beds">M</a>', '<a href="hmr.html#beds">M</a>'),
        ('<a class="x" href="/">Home</a>', '<a class="x" href="../index.html">Home</a>'),
        ('<a href="#top">Top</a>', '<a href="#top">Top</a>'),
        ('<a href="/goals/">Goals</a>', "Goals"),
        ("<form><a href='/'>x</a><form></form></form>after", "after"),
        ('<script src="/a.js"></script>x', "x"),
        ('Data · <a href="/report-error/?figure=a">Report</a>.', "Data."),
        (
            '<span class="figure__files"><a href="/outlook/x.csv?place=region">csv</a> · '
            '<a href="/outlook/x.xlsx">xlsx</a></span>',
            '<span class="figure__files"><a href="../../data/outlook-region.csv">csv</a></span>',
        ),
        (
            '<a href="https://example.org/a?b=1&amp;c=2">S</a>',
            'S <span class="muted">(https://example.org/a?b=1&amp;c=2)</span>',
        ),
        ('<link rel="alternate" href="/changes.atom">', ""),
        (
            '<svg viewBox="0 0 1 1"><a class="framsyn-place" href="/places/1508/"><path d="M0"/></a><clipPath/></svg>',
            '<svg viewBox="0 0 1 1"><g class="framsyn-place"><path d="M0"/></g><clipPath/></svg>',
        ),
        ("<p>&lt;a href&gt; æøå&nbsp;</p>\n<br>", "<p>&lt;a href&gt; æøå&nbsp;</p>\n<br>"),
    ],
)
def test_a_page_is_changed_where_it_must_be_and_nowhere_else(page: str, expected: str) -> None:
    assert offline(page, "nb/outlook/region.html", LINKS) == expected


@pytest.mark.parametrize("text", ["", "no", "nb;en"])
def test_an_unknown_language_is_told(text: str) -> None:
    with pytest.raises(PlanError) as fault:
        read_languages(text)
    assert fault.value.code == "unknown-language"
