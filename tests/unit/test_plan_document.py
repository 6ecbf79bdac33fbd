"""A plan is read from text, Word, PDF, HTML and Markdown: the same is found in all of them, and no word is lost."""

from __future__ import annotations

import copy
import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from plan_files import Piece, chromium, pieces_of, printed, to_docx, to_html, to_markdown, unwrapped

from framsyn.errors import PlanError
from framsyn.sources.plan_document import PlanDraft, draft_of, read_document, read_draft
from framsyn.sources.plan_document.blocks import Document, words
from framsyn.sources.plan_document.toml_out import draft_to_toml

COLUMNS = (
    "body{column-count:2;column-gap:12mm;font-size:10pt} h1,h2,h3{break-after:avoid} table{font-size:6pt}"
)
FORMS = ("txt", "docx", "docx-plain", "html", "html-plain", "markdown", "pdf", "pdf-plain", "pdf-columns")
SMALL = {
    "main_goal": 3,
    "goal": 11,
    "ambition": 4,
    "driver": 3,
    "vision": 1,
    "value": 3,
    "annex": 2,
    "table": 2,
}
HEARING = {
    "main_goal": 6,
    "goal": 44,
    "ambition": 10,
    "driver": 7,
    "vision": 1,
    "value": 3,
    "annex": 4,
    "table": 2,
}


def headings_in(text: str) -> Callable[[str], int | None]:
    """Tell the headings of a plan that has a table of contents: those that it names, and short lines between."""
    named = {
        re.sub(r"[\s.]*\t\d+$", "", line).strip()
        for line in text.split("\n")
        if re.search(r"[^\t]\t\d+$", line)
    }
    state = {"main": False, "over": False}

    begun = {"contents": False}

    def level(line: str) -> int | None:
        begun["contents"] = begun["contents"] or line == "Innhold"
        if re.match(r"Hovedmål \d", line) and "\t" not in line:
            state["main"] = True
            return 1
        if line in named:
            state["over"] = state["over"] or line.startswith("Oppfølging")
            return 2 if state["main"] and not state["over"] else 1
        if re.match(r"(Mål|Ambisjon) \(", line) or line == "Innhold":
            return 3
        between = begun["contents"] and not state["main"] and len(line) < 60 and "\t" not in line
        driver = between and not line.endswith((".", ":")) and not re.match(r"(Figur|Kilde|[\[\d-])", line)
        return 3 if driver else None

    return level


def made(text: str, folder: Path, name: str, pieces: list[Piece], source: Path) -> dict[str, Path]:
    """Write all forms but PDF."""
    files = {"txt": source}
    files["docx"] = to_docx(pieces, folder / f"{name}.docx")
    files["docx-plain"] = to_docx(pieces, folder / f"{name}-plain.docx", styled=False)
    for form, styled in (("html", True), ("html-plain", False)):
        files[form] = folder / f"{name}-{form}.html"
        files[form].write_text(to_html(pieces, styled=styled), encoding="utf-8")
    files["markdown"] = folder / f"{name}.md"
    files["markdown"].write_text(to_markdown(pieces), encoding="utf-8")
    return files


@pytest.fixture(scope="session")
def texts(root: Path) -> dict[str, Path]:
    """Own text and, where they are at hand, the source documents."""
    found = {"small": root / "tests/data/plan_small.txt"}
    given = os.environ.get("FRAMSYN_SEEDS")
    if given:
        found |= {path.name[:3]: path for path in sorted(Path(given).iterdir()) if path.is_file()}
    return found


@pytest.fixture(scope="session")
def files(texts: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """Every text in every form; PDF is printed where there is a browser."""
    folder = tmp_path_factory.mktemp("plans")
    found: dict[str, dict[str, Path]] = {}
    pages: dict[str, str] = {}
    for name, source in texts.items():
        text = source.read_text(encoding="utf-8")
        if name in ("small", "001"):
            pieces = pieces_of(text, headings_in(text))
        else:
            pieces = pieces_of(unwrapped(text), lambda _line: None)
        found[name] = made(text, folder, name, pieces, source)
        pages[f"{name}-pdf"] = to_html(pieces)
        pages[f"{name}-pdf-plain"] = to_html(pieces, styled=False)
        if name in ("small", "001"):
            pages[f"{name}-pdf-columns"] = to_html(pieces, style=COLUMNS)
    if chromium():
        for name, path in printed(pages, folder, numbered=True).items():
            text_name, form = name.split("-", 1)
            found[text_name][form] = path
    return found


@pytest.fixture(scope="session")
def document(files: dict[str, dict[str, Path]]) -> Callable[[str, str], Document]:
    kept: dict[tuple[str, str], Document] = {}

    def read(name: str, form: str) -> Document:
        if name not in files:
            pytest.skip("FRAMSYN_SEEDS does not name a folder with the source documents")
        if form not in files[name]:
            pytest.skip("no chromium on this machine to print with (Debian: apt-get install chromium)")
        if (name, form) not in kept:
            kept[name, form] = read_document(files[name][form])
        return kept[name, form]

    return read


@pytest.fixture(scope="session")
def draft(document: Callable[[str, str], Document]) -> Callable[[str, str], PlanDraft]:
    kept: dict[tuple[str, str], PlanDraft] = {}

    def made_of(name: str, form: str) -> PlanDraft:
        if (name, form) not in kept:
            kept[name, form] = draft_of(copy.deepcopy(document(name, form)), f"{name}.{form}")
        return kept[name, form]

    return made_of


def counts(found: PlanDraft, wanted: dict[str, int]) -> dict[str, int]:
    return {kind: found.counts().get(kind, 0) for kind in wanted}


def codes(found: PlanDraft) -> Counter[str]:
    return Counter(finding.code for finding in found.findings)


# ------------------------------------------------------------------ a plan of the usual shape
@pytest.mark.parametrize("form", FORMS)
def test_the_own_plan_is_found_in_every_form(form: str, draft: Callable[[str, str], PlanDraft]) -> None:
    found = draft("small", form)
    assert counts(found, SMALL) == SMALL
    assert found.counts()["parts_with_goals"] == 4
    assert (found.title, found.period, found.language) == (
        "Utviklingsplan for Fjordhelse",
        (2031, 2046),
        "nb",
    )
    goals = found.of_kind("goal")
    titles = {element.id: element.title for element in found.elements}
    assert [titles[goal.parent or ""] for goal in goals[:3]] == ["Nære tilbud"] * 3
    assert [titles[goal.parent or ""] for goal in goals[5:9]] == ["Ha folk nok"] * 4
    assert [goal.number for goal in found.of_kind("main_goal")] == ["1", "2", "3"]
    assert codes(found)["part-without-goals"] == codes(found)["ambition-of-paragraphs"] == 1
    about = {finding.code: finding.data for finding in found.findings}
    assert about["part-without-goals"]["title"] == "Penger"
    assert about["ambition-of-paragraphs"]["title"] == "Ha folk nok"
    assert codes(found)["same-text-twice"] == 1


@pytest.mark.parametrize("form", FORMS)
def test_the_own_table_of_people_is_read_with_its_numbers(
    form: str, draft: Callable[[str, str], PlanDraft]
) -> None:
    found = draft("small", form)
    (table,) = [table for table in found.tables if table.kind == "population"]
    people = {(figure.row, figure.year): figure.value for figure in table.figures if figure.what == "people"}
    assert people == {
        ("Nordvik", 2031): 61450, ("Nordvik", 2046): 63908, ("Sørvik", 2031): 38207, ("Sørvik", 2046): 37061,
        ("Midtdal", 2031): 15343, ("Midtdal", 2046): 14831, ("Fjordhelse", 2031): 115000, ("Fjordhelse", 2046): 115800,
    }  # fmt: skip
    shares = {(figure.row, figure.year): figure.value for figure in table.figures if figure.what == "share"}
    assert shares["Midtdal", 2046] == pytest.approx(0.30)
    assert {figure.value for figure in table.figures if figure.what == "change"} == {0.04, -0.03, 0.01}


@pytest.mark.parametrize("form", ("docx", "html", "pdf"))
def test_the_title_page_contents_and_page_numbers_are_kept_aside(
    form: str, draft: Callable[[str, str], PlanDraft]
) -> None:
    found = draft("small", form)
    reasons = Counter(piece.reason for piece in found.left_over)
    assert reasons["contents"] >= 15
    assert reasons["title-page"] == 3
    if form == "pdf":
        assert reasons["page-number"] >= 3
        assert reasons["header"] >= 3
        assert not any("Plan for helsetjenesten" in element.words for element in found.elements)
    # A sentence that a page broke is whole again.
    assert any("trenger lengre tid" in element.words for element in found.elements)


@pytest.mark.parametrize("form", FORMS)
def test_no_word_of_the_own_plan_is_lost(
    form: str,
    draft: Callable[[str, str], PlanDraft],
    document: Callable[[str, str], Document],
    files: dict[str, dict[str, Path]],
) -> None:
    found, read = draft("small", form), document("small", form)
    said: Counter[str] = Counter()
    for block in read.blocks:
        said.update(words(block.all_text()))
    for piece in read.furniture:
        said.update(words(piece.text))
    assert said - found.words_held() == Counter()
    assert read.lost() == Counter()
    if form != "pdf-columns":  # cells are broken at other places there
        source = Counter(words(files["small"]["txt"].read_text(encoding="utf-8")))
        assert source - found.words_held() == Counter()


# ------------------------------------------------------------------ the documents that the project is built for
@pytest.mark.parametrize("form", FORMS)
def test_the_hearing_draft(form: str, draft: Callable[[str, str], PlanDraft]) -> None:
    found = draft("001", form)
    wanted = {
        kind: count for kind, count in HEARING.items() if kind != "table" or form != "pdf-columns"
    }  # parted there
    assert counts(found, wanted) == wanted
    assert found.counts()["parts_with_goals"] == 10
    assert found.counts()["population_tables"] == 1
    assert found.period == (2027, 2040)
    about = codes(found)
    # 11 parts for 10 lists of goals, and one ambition of two paragraphs: both are told.
    assert about["part-without-goals"] == about["ambition-of-paragraphs"] == 1
    (told,) = [finding for finding in found.findings if finding.code == "part-without-goals"]
    assert (told.data["parts"], told.data["lists"]) == (11, 10)


@pytest.mark.parametrize("form", FORMS)
def test_the_hearing_draft_s_table_is_the_one_of_the_region(
    form: str, draft: Callable[[str, str], PlanDraft], root: Path
) -> None:
    import pandas as pd

    found = draft("001", form)
    (table,) = [table for table in found.tables if table.kind == "population"]
    known = pd.read_csv(root / "src/framsyn/regions/midt-norge/tables/controls.csv")
    theirs = known[known["source"] == "hmn_plan"]
    people = {(figure.year, figure.value) for figure in table.figures if figure.what == "people"}
    shares = {(figure.year, figure.value) for figure in table.figures if figure.what == "share"}
    for row in theirs.to_dict("records"):
        assert (row["year"], row["persons"]) in people
        assert (row["year"], row["share_65_plus"]) in shares
    assert len(theirs) >= 6
    assert len(people) == 8


FROM_TEXT = ("txt", "docx", "docx-plain", "html", "html-plain", "markdown", "pdf", "pdf-plain")


@pytest.mark.parametrize("form", FROM_TEXT)
def test_the_strategy_of_2030_has_its_statements_once(
    form: str, draft: Callable[[str, str], PlanDraft]
) -> None:
    found = draft("002", form)
    assert counts(found, {"main_goal": 4, "statement": 28}) == {"main_goal": 4, "statement": 28}
    assert [len(found.of_kind("statement", goal.id)) for goal in found.of_kind("main_goal")] == [5, 10, 7, 6]
    assert codes(found)["listed-twice"] == 4
    assert codes(found)["listed-twice-differs"] >= 2
    assert sum(piece.reason == "repeated" for piece in found.left_over) == 32


@pytest.mark.parametrize("form", FROM_TEXT)
def test_the_strategy_of_2020(form: str, draft: Callable[[str, str], PlanDraft]) -> None:
    wanted = {"challenge": 4, "main_goal": 5, "focus": 2, "means": 6}
    assert counts(draft("003", form), wanted) == wanted


@pytest.mark.parametrize("form", FROM_TEXT)
def test_the_memo_has_six_themes_and_two_proposed_conclusions(
    form: str, draft: Callable[[str, str], PlanDraft]
) -> None:
    found = draft("004", form)
    themes = found.of_kind("theme")
    wanted = {"theme": 6, "conclusion": 2, "challenge": 22}
    assert counts(found, wanted) == wanted
    listed = [
        (len(found.of_kind("challenge", one.id)), len(found.of_kind("priority", one.id))) for one in themes
    ]
    assert [one for one in listed if not one[1]] == [(4, 0), (4, 0), (5, 0), (9, 0)]
    assert [one for one in listed if one[1]][1] == (0, 8)


@pytest.mark.parametrize("form", FROM_TEXT)
def test_the_folder_has_four_means(form: str, draft: Callable[[str, str], PlanDraft]) -> None:
    assert draft("000", form).counts()["means"] == 4


@pytest.mark.parametrize("name", ("000", "001", "002", "003", "004"))
def test_no_word_of_the_source_documents_is_lost(
    name: str,
    draft: Callable[[str, str], PlanDraft],
    document: Callable[[str, str], Document],
    texts: dict[str, Path],
) -> None:
    found = draft(name, "txt")
    source = texts[name].read_text(encoding="utf-8")
    said = Counter(sign for sign in source if sign.isalnum())
    held = Counter("".join(word * count for word, count in found.words_held().items()))
    assert said - held == Counter()
    for form in ("txt", "docx", "html", "markdown", "pdf"):
        assert document(name, form).lost() == Counter(), form
        assert codes(draft(name, form))["not-placed"] == 0, form


# ------------------------------------------------------------------ other shapes, own words
STATEMENTS = """1. Bakgrunn

Strategien sier hva vi vil være om ti år, og den er kort med vilje.

2. Kort fortalt

Disse to målene peker ut veien:

• Vi er nær

Dette betyr:
• Vi svarer samme dag
• Vi kommer hjem til den som trenger det

• Vi er gode til å lære

Dette betyr:
• Vi spør når vi lurer
• Vi forteller om feil

3. Strategiske mål

Under står målene slik de skal leses.

3.1 Vi er nær

Nærhet er mer enn avstand.

Om ti år er vi nær. Dette betyr:
• Vi svarer samme dag
• Vi kommer hjem til alle som trenger det

3.2 Vi er gode til å lære

Den som lærer, blir aldri ferdig.

Om ti år er vi gode til å lære. Dette betyr:
• Vi spør når vi lurer
• Vi forteller om feil

5. Veien videre

Styret rullerer strategien hvert fjerde år.
"""

MEMO = """Notat

Til: Styret

Forslag til konklusjon

1. Styret tar notatet til orientering.
2. Styret ber om et nytt notat til våren.

Formål med notatet

Notatet sier hvor gruppene står.

Båter

Båtene er gamle, og to av dem er utrangert.

Gruppen ser følgende to uløste utfordringer:

• Motorene er slitt
• Mannskapet mangler
• Havnene er grunne

Hjemmesykehus

Det er prøvd ut i to kommuner med hell.

Gruppen trekker frem disse punktene for prioritering:

• Utstyr i bilen
• Vakt om natten
"""

ENGLISH = """Development Plan for Coastal Care 2031-2046

Introduction

Our vision is: Close to you in all weathers.

Strategic goals

1. Equal care wherever people live
2. Staff who stay

Main goal 1: Give the same care along the coast

People far out meet the same skill as those in town.

Goals (four-year period)

- Open a day unit in every hospital.
- Move a third of the controls home.

Ambition (15 years)

Nobody travels more than an hour for what they need monthly.

Follow-up

The board looks at the plan every spring.
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., PlanDraft]:
    def write(text: str, name: str = "plan.txt", encoding: str = "utf-8") -> PlanDraft:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_draft(path)

    return write


def test_statements_that_stand_twice_are_one_set_and_the_difference_is_told(written) -> None:
    found = written(STATEMENTS)
    assert counts(found, {"main_goal": 2, "statement": 4}) == {"main_goal": 2, "statement": 4}
    (told,) = [finding for finding in found.findings if finding.code == "listed-twice-differs"]
    assert (told.data["kept"], told.data["other"]) == (
        "Vi kommer hjem til alle som trenger det",
        "Vi kommer hjem til den som trenger det",
    )
    (gap,) = [finding for finding in found.findings if finding.code == "number-missing"]
    assert (gap.data["before"], gap.data["after"]) == ("3", "5")


def test_a_memo_has_themes_challenges_priorities_and_conclusions(written) -> None:
    found = written(MEMO)
    assert [one.title for one in found.of_kind("theme")] == ["Båter", "Hjemmesykehus"]
    wanted = {"challenge": 3, "priority": 2, "conclusion": 2}
    assert counts(found, wanted) == wanted
    (told,) = [finding for finding in found.findings if finding.code == "count-differs"]
    assert (told.data["said"], told.data["found"]) == (2, 3)


def test_an_english_plan(written) -> None:
    found = written(ENGLISH)
    wanted = {"main_goal": 3, "goal": 2, "ambition": 1, "vision": 1}
    assert counts(found, wanted) == wanted
    assert (found.language, found.period) == ("en", (2031, 2046))


@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"))
def test_every_usual_encoding_is_read(encoding: str, written) -> None:
    found = written(MEMO, encoding=encoding)
    assert [one.title for one in found.of_kind("theme")] == ["Båter", "Hjemmesykehus"]
    assert codes(found)["encoding-guessed"] == (encoding == "cp1252")


def test_text_without_headings_is_all_paragraphs_and_says_so(written) -> None:
    found = written(
        "Det er fint vær i dag. Det blir det i morgen også.\n\nVi går ut når det slutter å regne her.\n"
    )
    assert codes(found)["no-structure"] == 1
    assert counts(found, {"paragraph": 2}) == {"paragraph": 2}


def test_footnotes_text_boxes_and_content_controls_of_word_are_read(tmp_path: Path) -> None:
    from docx import Document
    from docx.oxml import parse_xml

    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = Document()
    document.add_heading("Innledning", 1)
    document.add_paragraph("Det første avsnittet.")
    body = document.element.body
    control = (
        f"<w:sdt {names}><w:sdtContent><w:p><w:r><w:t>I en ramme.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    box = (
        f"<w:p {names}><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>I en boks.</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r></w:p>"
    )
    gone = (
        f"<w:p {names}><w:del><w:r><w:delText>Strøket.</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>Nytt.</w:t></w:r></w:ins></w:p>"
    )
    for xml in (control, box, gone):
        body.insert(len(body) - 1, parse_xml(xml))
    document.sections[0].footer.paragraphs[0].text = "Bunntekst"
    document.save(str(tmp_path / "x.docx"))
    found = read_draft(tmp_path / "x.docx")
    said = " ".join(element.words for element in found.elements)
    assert all(text in said for text in ("I en ramme.", "I en boks.", "Nytt."))
    assert "Strøket" not in said
    assert [(piece.reason, piece.text) for piece in found.left_over] == [("footer", "Bunntekst")]


def test_scripts_and_styles_of_a_page_are_not_read(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text(
        "<html><head><title>En plan</title><style>p{}</style></head><body><script>alert('Skjult')</script>"
        "<h1>Innledning<p>Uten slutt<p>Enda et<ul><li>a<li>b</ul><template>Skjult</template></body>",
        encoding="utf-8",
    )
    found = read_draft(page)
    said = " ".join(element.words for element in found.elements) + found.title
    assert "Skjult" not in said
    assert all(text in said for text in ("Uten slutt", "Enda et", "a", "b"))


# ------------------------------------------------------------------ what is made of it
def test_the_content_file_holds_every_element_and_names_the_languages_that_lack(
    draft: Callable[[str, str], PlanDraft], tmp_path: Path, root: Path
) -> None:
    import shutil
    import tomllib

    from framsyn.web.plan.content import read_content

    found = draft("small", "txt")
    text = draft_to_toml(found, "fjord", organisation="hmn", kind="trust_plan")
    said = tomllib.loads(text)
    assert [element["kind"] for element in said["element"]].count("goal") == 11
    shutil.copy(root / "src/framsyn/regions/midt-norge/plan/organisations.toml", tmp_path)
    place = tmp_path / "fjord.toml"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        read_content(tmp_path)
    assert refused.value.code == "language-missing"
    # Whoever writes the two others beside each text has a content file that is read as it is.
    lines = []
    whole = re.sub(
        r'"""\\\n(.*?)"""', lambda match: '"""' + match[1].replace("\n", "\\n") + '"""', text, flags=re.DOTALL
    )
    for line in whole.split("\n"):
        lines.append(line)
        if re.match(r"(title|text)\.nb = ", line):
            lines += [line.replace(".nb", ".nn", 1), line.replace(".nb", ".en", 1)]
    place.write_text("\n".join(lines), encoding="utf-8")
    content = read_content(tmp_path)
    assert len(content.of_kind("fjord", "goal")) == 11
    assert len(content.of_kind("fjord", "ambition")) == 4
    assert content.plan("fjord").plan.period == (2031, 2046)


def test_elements_that_are_left_out_leave_what_stands_under_them(
    draft: Callable[[str, str], PlanDraft],
) -> None:
    from framsyn.sources.plan_document.plan_parts import plan_parts

    found = draft("small", "txt")
    (near,) = [element for element in found.elements if element.title == "Nære tilbud"]
    main = found.of_kind("main_goal")[0]
    parts = plan_parts(found, "x", left_out=[near.id], kinds={found.of_kind("driver")[0].id: "challenge"})
    by_draft = {part.draft_id: part for part in parts}
    assert near.id not in by_draft
    assert by_draft[found.of_kind("goal")[0].id].parent == by_draft[main.id].id
    assert [part.kind for part in parts].count("challenge") == 1
    assert len({part.id for part in parts}) == len(parts)
    taken = plan_parts(found, "x", taken=[part.id for part in parts])
    assert {part.id for part in taken}.isdisjoint(part.id for part in parts)
