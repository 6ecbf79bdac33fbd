"""Taking a view away: pictures, tables, reports, a program that makes the figure again, and the citation."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import translation

from framsyn.scenario import Scenario
from framsyn.scenario.levers import move_levers
from framsyn.web.actions import Actor
from framsyn.web.explorer import replies, room
from framsyn.web.explorer.results import LATER, NOW
from framsyn.web.explorer.state import State
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.store import store_run
from framsyn.web.takeaway import pdf_file
from framsyn.web.takeaway.listing import listing

pytestmark = pytest.mark.slow  # writes reports of whole runs

TAKE = "/outlook/take/"
MOVED = "place=hmr&service=SOM&year=2035&work_processes=-10"


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any, plan_run: Any) -> Iterator[str]:
    """Keep the plan as the main run, so that desks are opened with its 100 draws."""
    with django_db_blocker.unblock():
        kept = store_run(Actor.system("tests"), plan_run, main=True)
        room.forget()
        until = time.monotonic() + 60
        while isinstance(found := room.desk(room.scenario_of("plan")), room.Opening):
            assert found.error is None and time.monotonic() < until
            time.sleep(0.05)
    yield kept.id
    with django_db_blocker.unblock():
        Run.objects.all().delete()
    room.forget()
    replies.forget()


@pytest.fixture
def site(once: str, db: None) -> Client:
    """Return a reader of English."""
    return Client(headers={"accept-language": "en"})


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# ---------------------------------------------------------------- tables
def test_the_table_of_a_view_has_the_numbers_of_the_run(site: Client, midt: Any, plan_run: Any) -> None:
    response = site.get(f"{TAKE}view.csv?place=hmr&service=SOM&year=2035")
    assert response.status_code == 200 and response["Content-Type"].startswith("text/csv")
    assert "no-cache" in response["Cache-Control"] and "private" in response["Cache-Control"]
    rows = rows_of(response.content.decode())
    beds = [row for row in rows if row["quantity"] == "beds" and row["run"] == plan_run.id]
    assert [int(row["year"]) for row in beds] == plan_run.years
    where = {"service_area": "SOM", "trust": "hmr"}
    expected = plan_run.quantiles("beds", (0.1, 0.5, 0.9), ("year",), where).sel(year=2035).values
    found = next(row for row in beds if row["year"] == "2035")
    assert [float(found[name]) for name in ("p10", "p50", "p90")] == pytest.approx(
        expected.tolist(), rel=1e-9
    )
    assert {row["scenario"] for row in rows} == {"Central plan", "Demography alone"}


def test_the_table_comes_in_every_form(site: Client) -> None:
    book = site.get(f"{TAKE}view.xlsx?{MOVED}")
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None
    cube = json.loads(site.get(f"{TAKE}view.stat.json?{MOVED}").content)
    assert cube["class"] == "dataset" and set(cube["id"]) >= {"scenario", "quantity", "place", "year"}
    told = json.loads(site.get(f"{TAKE}view.csv-metadata.json?{MOVED}").content)
    notes = " ".join(told["dc:description"])
    assert "Run " in notes and "−10" in notes and "in the scenario" in notes
    plain = json.loads(site.get(f"{TAKE}view.json?{MOVED}").content)
    assert plain["rows"] and plain["licence"]


def test_a_chart_leaves_with_the_numbers_that_it_shows(site: Client) -> None:
    text = site.get(f"{TAKE}explorer-beds.csv?{MOVED}").content.decode()
    assert len(rows_of(text)) == 16
    drawing = site.get(f"{TAKE}explorer-beds.svg?{MOVED}")
    assert drawing["Content-Type"] == "image/svg+xml" and "attachment" in drawing["Content-Disposition"]
    root = ElementTree.fromstring(drawing.content)
    assert root.tag.endswith("svg") and "Beds, somatic care" in drawing.content.decode()
    assert "script" not in drawing.content.decode()
    picture = site.get(f"{TAKE}explorer-beds.png?{MOVED}").content
    assert picture.startswith(b"\x89PNG") and len(picture) > 10_000


def test_every_chart_on_the_page_can_be_taken(site: Client) -> None:
    page = site.get(f"{TAKE}?month=2").content.decode()
    charts = dict.fromkeys(re.findall(r'href="(/outlook/take/explorer-[a-z]+\.svg[^"]*)"', page))
    assert len(charts) == len([name for name in (*NOW, *LATER) if name not in ("result-key", "result-table")])
    for address in charts:
        assert site.get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    "name", ["explorer-nothing.svg", "explorer-key.csv", "explorer-months.png", "view.pdf"]
)
def test_what_the_view_does_not_have_is_not_found(site: Client, name: str) -> None:
    assert site.get(f"{TAKE}{name}").status_code == 404


# ---------------------------------------------------------------- reports
def test_the_word_report_says_what_the_view_says(site: Client) -> None:
    from docx import Document

    response = site.get(f"{TAKE}report.docx?{MOVED}")
    assert response.status_code == 200
    book = Document(io.BytesIO(response.content))
    words = "\n".join(paragraph.text for paragraph in book.paragraphs)
    cells = {cell.text for table in book.tables for row in table.rows for cell in row.cells}
    run = room.answer(room.unmoved(State.read(dict(part.split("=") for part in MOVED.split("&")))[0])).id
    assert run in cells and run in words  # as a fact, and in the citation
    assert any(cell.startswith("−10") and "%" in cell for cell in cells)
    assert any("Healthier ageing" in cell for cell in cells)
    assert len(book.inline_shapes) >= 8
    for shape in book.inline_shapes:
        assert shape._inline.docPr.get("descr")  # what a sighted reader sees
    assert any("Sources" in cell or "table 13942" in cell for cell in cells) or "13942" in words


def test_the_report_as_a_page_holds_everything_and_fetches_nothing(once: str, db: None) -> None:
    from framsyn.web.takeaway.asked import answered
    from framsyn.web.takeaway.content import content_of

    for lang, word in (("nb", "Senger"), ("nn", "Senger"), ("en", "Beds")):
        with translation.override(lang):
            view = answered(State(place="hmr", service="SOM", year=2035))
            markup = pdf_file.report_markup(content_of(view, "https://example.org/outlook/"))
        assert f'<html lang="{lang}"' in markup and word in markup
        assert markup.count("<svg") >= 8 and view.answer.id in markup
        assert not re.findall(r'(?:src|href)="(?!#)', markup)


def test_pdf_is_made_or_its_absence_is_told(site: Client) -> None:
    response = site.get(f"{TAKE}report.pdf?{MOVED}")
    if pdf_file.pdf_can_be_made():
        assert response.status_code == 200 and response.content.startswith(b"%PDF")
        return
    assert response.status_code == 501
    page = response.content.decode()
    assert "framsyn[pdf]" in page and "Word document" in page


def test_without_its_library_a_pdf_is_refused_in_words(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_file, "pdf_can_be_made", lambda: False)
    response = site.get(f"{TAKE}report.pdf")
    assert response.status_code == 501 and "is not installed" in response.content.decode()


# ---------------------------------------------------------------- program and citation
@pytest.mark.parametrize("query", [MOVED, "place=1508&year=2033&home_hospital=-5"])
def test_the_program_makes_the_same_number(site: Client, query: str) -> None:
    text = site.get(f"{TAKE}reproduce.py?{query}").content.decode()
    path = os.pathsep.join(filter(None, sys.path))
    made = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert made.returncode == 0, made.stderr
    assert "Another version" not in made.stdout
    said = [float(number) for number in re.findall(r"-?[0-9]+(?:\.[0-9]+)?", made.stdout.split("[")[0])]
    name = made.stdout.split()[0]
    table = rows_of(site.get(f"{TAKE}view.csv?{query}").content.decode())
    year = query.split("year=")[1][:4]
    part = "SOM" if "service=SOM" in query else ""
    row = next(r for r in table if (r["quantity"], r["year"], r["part"]) == (name, year, part))
    assert said[-1] == pytest.approx(float(row["p50"]), rel=1e-5)
    low, high = re.findall(r"between (\S+) and (\S+)", made.stdout)[0]
    assert [float(low), float(high)] == pytest.approx([float(row["p10"]), float(row["p90"])], rel=1e-5)


def test_the_program_carries_a_saved_scenario_inside_it(
    once: str, db: None, monkeypatch: Any, midt: Any
) -> None:
    from framsyn.web.takeaway import snippet
    from framsyn.web.takeaway.asked import answered

    own = move_levers(Scenario.load("plan", region=midt), midt, {"work_processes": -12})
    view = answered(State(place="hmr"))
    monkeypatch.setattr(snippet, "scenario_of", lambda _name: own)
    text = snippet.snippet_text(
        type(view)(view.answer, None, State(scenario="s-mine", place="hmr"), view.lang, False)
    )
    written = re.search(r"from_toml\((.*)\)\n", text)
    assert written is not None
    import ast

    assert Scenario.from_toml(ast.literal_eval(written[1])).digest() == own.digest()


def test_the_citation_names_run_day_address_and_terms(site: Client) -> None:
    text = site.get(f"{TAKE}citation.txt?{MOVED}").content.decode()
    assert re.search(
        r"Run [0-9a-f]{16}\. Fetched \d{1,2} [A-Z][a-z]+ \d{4} from http://testserver/outlook/\?place=hmr",
        text,
    )
    assert "Free to use when Framsyn is named" in text


# ---------------------------------------------------------------- the page, and hostile addresses
def test_the_page_lists_everything_with_size_and_word(site: Client, once: str) -> None:
    response = site.get(f"{TAKE}?{MOVED}")
    page = response.content.decode()
    assert response.status_code == 200 and "<h1>Take the view with you</h1>" in page
    for name in ("report.docx", "view.csv", "view.xlsx", "view.stat.json", "reproduce.py", "citation.txt"):
        assert f"{TAKE}{name}?place=hmr&amp;service=SOM&amp;year=2035&amp;work_processes=-10" in page
    assert page.count("kB") > 20
    assert ("report.pdf" in page) == pdf_file.pdf_can_be_made()


def test_sizes_are_about_right(once: str, db: None, site: Client) -> None:
    from framsyn.web.takeaway.asked import answered

    view = answered(State(place="hmr", service="SOM", year=2035))
    for group in listing(view)[:4]:
        for file in group.files:
            if file.word in ("Word", "PDF"):
                continue
            size = len(site.get(file.address).content) / 1000
            said = float(re.sub(r"[^0-9]", "", file.size))
            assert said / 3 <= max(1.0, size) <= said * 3, (file, size)


@pytest.mark.parametrize(
    "query",
    [
        "work_processes=nan",
        "work_processes=1e400",
        "home_hospital=-999999",
        "place=9999",
        "place=<script>alert(1)</script>",
        "scenario=s-somebody-elses",
        "scenario=../../etc/passwd",
        "year=2999",
        "service=XYZ",
        "lever_that_is_not=3",
        "place=hmr&place=hnt",
    ],
)
def test_a_hostile_address_gives_words_and_no_file(site: Client, query: str) -> None:
    for name in ("view.csv", "explorer-beds.svg", "report.docx", "reproduce.py", "citation.txt"):
        response = site.get(f"{TAKE}{name}?{query}")
        assert response.status_code == 400, (name, response.status_code)
        page = response.content.decode()
        assert "Nothing to take away here" in page and "<script>alert" not in page
    page = site.get(f"{TAKE}?{query}")
    assert page.status_code == 200 and "<script>alert" not in page.content.decode()


def test_files_are_only_read(site: Client) -> None:
    for name in ("", "view.csv", "explorer-beds.svg", "report.docx", "reproduce.py", "citation.txt"):
        assert site.post(f"{TAKE}{name}").status_code == 405


def test_while_the_region_opens_nobody_is_left_without_a_word(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framsyn.web.takeaway import asked

    def not_yet(*_args: Any) -> Any:
        raise room.NotOpen(room.Opening(("", room.Terms())))

    monkeypatch.setattr(asked, "PATIENCE", 0.0)
    monkeypatch.setattr(room, "answer", not_yet)
    for name in ("", "view.csv"):
        response = site.get(f"{TAKE}{name}")
        assert response.status_code == 503 and response["Retry-After"] == "5"
        assert "still being opened" in response.content.decode()


def test_few_queries_are_made(site: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        site.get(f"{TAKE}?{MOVED}")
