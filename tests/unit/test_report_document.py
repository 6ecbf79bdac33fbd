"""The report of a small real run: what it says, how it is built, and that it appears whole or not at all."""

import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from framsyn import PlanError, Region, Scenario, run
from framsyn.analyses.explain import explain_change
from framsyn.analyses.hindcast import hindcast
from framsyn.outlook.store import replace_directory
from framsyn.report import bundle as bundle_module
from framsyn.report.blocks import Cards, Column, Entries, Figure, Fold, Paragraph, Table
from framsyn.report.bundle import write_bundle
from framsyn.report.document import render_report, report_name
from framsyn.report.evidence import Evidence, Triple, spell
from framsyn.report.numbers import percent
from framsyn.report.sections import chapters
from framsyn.report.sections.past import foreign
from framsyn.report.sections.summary import headline
from framsyn.report.summed import Summed
from framsyn.report.words import read_words, word

LANGUAGES = ("nb", "nn", "en")
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "circle", "line"}


@pytest.fixture(scope="module")
def region():
    return Region.load("midt-norge")


@pytest.fixture(scope="module")
def runs(region):
    return run(region, "plan", draws=50), run(region, "demography", draws=50)


@pytest.fixture(scope="module")
def drivers():
    return pd.DataFrame(
        {
            "input": ["people", "healthier_ageing", "healthier_ageing"],
            "part": ["people", "effect", "realisation"],
            "first": [0.6, 0.2, 0.0],
            "first_low": [0.5, 0.1, -0.1],
            "first_high": [0.7, 0.3, 0.1],
            "total": [0.7, 0.3, -0.01],
            "total_low": [0.6, 0.2, -0.05],
            "total_high": [0.8, 0.4, 0.05],
        }
    )


@pytest.fixture(scope="module")
def evidence(region, runs, drivers):
    plan, demography = runs
    explanation = explain_change(plan, "need", where={"service_area": "SOM"})
    return Evidence(plan, demography, explanation, hindcast(region, draws=50), drivers)


@pytest.mark.parametrize(
    ("name", "by", "where"),
    [
        ("need", ("year",), None),
        ("need", ("year", "trust"), {"service_area": ["PHV", "TSB"]}),
        ("beds", ("year", "service_area"), {"service_area": ["SOM", "PHV"]}),
        ("population", ("year", "trust"), None),
        ("population", ("year",), {"age": slice(80, None)}),
        ("patients", ("year",), {"service_area": "SOM"}),
        ("staff_gap", ("year", "profession"), {"trust": "sto"}),
        ("liquidity_breach", ("year",), None),
    ],
)
def test_summed_draws_are_those_of_the_outlook(runs, name, by, where):
    summed = Summed(runs[0])
    for ours, told in (
        (summed.draws(name, by, where), runs[0].draws(name, by, where)),
        (summed.central_value(name, by, where), runs[0].central_value(name, by, where)),
    ):
        assert ours.dims == told.dims
        np.testing.assert_allclose(ours.values, told.values, rtol=1e-12)
        assert all((ours[dim].values == told[dim].values).all() for dim in told.dims)


def test_summed_draws_refuse_what_the_outlook_refuses(runs):
    for name, where in (("beds", {"service_area": "XYZ"}), ("patients", None), ("result", {"trust": "sto"})):
        with pytest.raises(PlanError):
            Summed(runs[0]).draws(name, ("year",), where)


@pytest.fixture(scope="module")
def pages(evidence):
    return {lang: render_report(evidence, lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def sections(evidence):
    return {lang: chapters(evidence, lang) for lang in LANGUAGES}


class Reader(HTMLParser):
    """Reads a page as a browser's outline does: tags balanced, ids, headings, addresses, visible text by language."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.headings, self.links, self.loads = [], [], [], [], []
        self.languages, self.words, self.attributes = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.attributes.append((tag, values))
        if "id" in values:
            self.ids.append(values["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(values.get("href", ""))
        for key in ("src", "srcset", "data", "poster", "xlink:href"):
            if key in values:
                self.loads.append(values[key])
        if tag in ("link", "script", "iframe", "object", "embed", "use", "image"):
            self.loads.append(values.get("href", tag))
        if tag not in VOID:
            self.open.append(tag)
            self.languages.append(values.get("lang", self.languages[-1] if self.languages else ""))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open[-1] == tag, (tag, self.open[-5:])
        self.open.pop()
        self.languages.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style",) and data.strip():
            self.words.append((self.languages[-1], data))


@pytest.fixture(scope="module")
def readers(pages):
    return {lang: Reader(text) for lang, text in pages.items()}


# --- how it is built -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_is_well_formed_with_own_ids_and_ordered_headings(readers, pages, lang):
    reader = readers[lang]
    assert pages[lang].startswith("<!doctype html>")
    assert len(set(reader.ids)) == len(reader.ids), [i for i in reader.ids if reader.ids.count(i) > 1][:5]
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    assert all(
        after - before <= 1 for before, after in zip(reader.headings, reader.headings[1:], strict=False)
    )
    assert reader.attributes[0] == ("html", {"lang": lang})
    tags = {tag for tag, _ in reader.attributes}
    assert {"header", "nav", "main", "footer"} <= tags
    assert ("a", {"class": "skip", "href": "#main"}) in reader.attributes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_fetched_and_every_inner_link_arrives(readers, pages, lang):
    reader = readers[lang]
    assert reader.loads == []
    assert "<script" not in pages[lang]
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", pages[lang])
    for link in reader.links:
        assert link, "a link without address"
        if link.startswith("#"):
            assert link[1:] in reader.ids
        elif not link.startswith("https://"):
            assert link in {report_name(other) for other in LANGUAGES}
    for _, values in reader.attributes:
        for key in ("aria-labelledby", "aria-describedby"):
            assert all(name in reader.ids for name in values.get(key, "").split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_have_captions_scopes_and_a_scroll_box_of_their_own(readers, pages, lang):
    count = sum(tag == "table" for tag, _ in readers[lang].attributes)
    assert pages[lang].count("<caption") == count
    assert pages[lang].count('class="framsyn-scroll" tabindex="0" role="region"') == count
    assert all(
        values.get("scope") in ("col", "row") for tag, values in readers[lang].attributes if tag == "th"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_has_description_table_unit_and_source(sections, pages, lang):
    charts = [
        block.chart
        for section in sections[lang]
        for block in section.all_blocks()
        if isinstance(block, Figure)
    ]
    assert len(charts) >= 16
    assert len({chart.name for chart in charts}) == len(charts)
    for chart in charts:
        assert len(chart.description) > 40, chart.name
        assert len(chart.table) > 1, chart.name
        assert word("about.source", lang) in chart.subtitle, chart.name
        start = pages[lang].index(f'id="{chart.name}-{lang}"')
        figure = pages[lang][start : pages[lang].index("</figure>", start)]
        assert figure.count("<svg") == 2
        assert figure.count("<table") == 1
        assert 'class="framsyn-description"' in figure


def test_every_table_of_numbers_names_its_source(sections):
    without = {
        "parameters",
        "sources-table",
        "tables-table",
        "breaks-table",
        "run-table",
    }  # hold sources, or are ours
    for section in sections["nb"]:
        for block in section.all_blocks():
            if isinstance(block, Table) and block.name not in without:
                assert block.source, block.name


def test_pages_are_small_enough(pages):
    for lang, text in pages.items():
        assert len(text.encode()) < 3_000_000, lang


# --- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentence_agrees_with_the_draws_and_stands_first(evidence, sections, lang):
    plan = evidence.outlook
    need = plan.draws("need", ("year",), {"service_area": "SOM"}).values
    people, old = (
        plan.draws("population", ("year",)).values,
        plan.draws("population_65_plus", ("year",)).values,
    )
    expected = [
        percent(float(np.median(need[:, -1] / need[:, 0] - 1)), lang),
        percent(float(np.median(people[:, -1] / people[:, 0] - 1)), lang),
        percent(float(np.median(old[:, -1] / people[:, -1])), lang),
    ]
    sentence = headline(evidence, lang)
    assert re.findall(r"\d+[\u202f]?%", sentence) == expected
    assert "2040" in sentence
    first = sections[lang][0].blocks[0]
    assert isinstance(first, Paragraph)
    assert first.text == sentence


def test_the_sentence_says_fewer_where_people_become_fewer(evidence, monkeypatch):
    less = {"need": -0.031, "population": -0.072}
    monkeypatch.setattr(Evidence, "growth", lambda self, name, where=None, by=(): name)
    monkeypatch.setattr(Evidence, "share", lambda self, part, whole="population", by=(): "share")
    values = {**less, "share": 0.241}
    monkeypatch.setattr(Evidence, "triple", lambda self, name, year=None, **at: Triple(0, values[name], 0))
    assert headline(evidence, "en") == (
        "By 2040 the region needs 3% less somatic care for 7% fewer people, and 24% of them are 65 or older."
    )
    values.update(need=0.001, population=0.0)
    assert headline(evidence, "nb") == (
        "I 2040 trenger regionen like mye somatisk behandling for like mange innbyggere, "
        "og 24\u202f% av dem er 65 år eller eldre."
    )


def test_key_figures_agree_with_the_draws(evidence, sections):
    cards = next(block for block in sections["en"][0].blocks if isinstance(block, Cards)).cards
    assert len(cards) == 4
    beds = evidence.outlook.draws("beds", ("year",)).sel(year=2040).values
    low, median, high = np.quantile(beds, (0.1, 0.5, 0.9))
    year, value, interval = cards[1].values[-1]
    shown = [float(text.replace(",", "")) for text in (value, *interval.split("–"))]
    step = 10 ** (len(str(int(shown[0]))) - len(str(int(shown[0])).rstrip("0")))
    assert year == "2040"
    assert shown == pytest.approx([median, low, high], abs=step / 2 + 1)
    assert [year for year, _, _ in cards[0].values] == ["Now (2025)", "2030", "2040"]


def test_the_plans_table_stands_beside_ours(sections):
    people = next(
        block
        for block in sections["en"][0].blocks
        if isinstance(block, Table) and block.name == "plan-people"
    )
    rows = {row[0]: row for row in people.rows}
    assert rows["Nord-Trøndelag"][1:3] == ("138,556", "139,469")
    assert rows["St. Olavs hospital"][1:3] == ("349,633", "380,580")
    assert rows["Møre og Romsdal"][1:3] == ("272,413", "278,653")
    assert rows["The region"][1:3] == ("760,602", "798,702")
    assert "(" in rows["The region"][3]
    text = " ".join(block.text for block in sections["en"][0].blocks if isinstance(block, Paragraph))
    assert "not tuned" in text


def test_no_difference_between_places_that_only_an_assumption_made(sections):
    staff = next(section for section in sections["en"] if section.name == "staff")
    by_trust = next(
        b.chart for b in staff.blocks if isinstance(b, Figure) and b.chart.name == "staff-gap-trusts"
    )
    assert set(by_trust.table["Series"]) == {"Specialist doctors", "Specialist nurses", "Nurses"}
    capacity = next(section for section in sections["en"] if section.name == "capacity")
    charts = {b.chart.name for b in capacity.blocks if isinstance(b, Figure)}
    assert charts == {"beds-som", "beds-other"}
    money = next(section for section in sections["en"] if section.name == "money")
    for block in money.blocks:
        text = str(block.rows if isinstance(block, Table) else block)
        assert "Nord-Trøndelag" not in text


def test_beds_are_held_against_todays_official_beds(region, sections):
    capacity = next(section for section in sections["en"] if section.name == "capacity")
    somatic = next(b.chart for b in capacity.blocks if isinstance(b, Figure) and b.chart.name == "beds-som")
    beds = (
        region.table("beds")
        .query("year == 2025 and service_area == 'SOM'")
        .set_index("trust")["beds"]
        .astype(int)
    )
    for trust in region.trusts:
        assert f"today {beds[trust]:,}" in somatic.svg()
    assert f"{beds.sum():,} available today" in somatic.title


def test_accounts_and_capacity_tables_have_all_their_rows(sections):
    tables = {
        block.name: block
        for section in sections["en"]
        for block in section.all_blocks()
        if isinstance(block, Table)
    }
    assert [row[0] for row in tables["accounts"].rows][:2] == ["Block grant", "Activity-based funding"]
    assert len(tables["accounts"].rows) == 18
    assert len(tables["capacity-region"].rows) == 6
    assert len(tables["emissions-table"].rows) == 4
    assert all(len(table.rows) > 0 for table in tables.values())


def test_misses_of_the_hindcast_are_named_plainly(evidence, sections):
    missed = [str(name) for name in evidence.hindcast.missed["name"]]
    assert missed
    for lang in LANGUAGES:
        section = next(section for section in sections[lang] if section.name == "past")
        text = " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))
        assert all(name in text for name in missed)
        assert f"{len(missed)} " in text


def test_every_assumption_is_told_with_its_mark(evidence, sections):
    listed = evidence.outlook.scenario.assumptions
    for lang in LANGUAGES:
        section = next(section for section in sections[lang] if section.name == "assumptions")
        entries = [entry for block in section.blocks if isinstance(block, Entries) for entry in block.entries]
        assert {entry.title for entry in entries} == {a.label[lang] for a in listed}
        assert sum(bool(entry.mark) for entry in entries) == sum(a.set_to_meet is not None for a in listed)
        table = next(block for block in section.all_blocks() if isinstance(block, Table))
        frame = evidence.outlook.region.table("parameters")
        assert len(table.rows) == int(frame["quality"].isin(["assumption", "estimate"]).sum())


def test_every_source_with_its_licence(region, sections):
    for lang in LANGUAGES:
        section = next(section for section in sections[lang] if section.name == "sources")
        table = next(
            block for block in section.blocks if isinstance(block, Table) and block.name == "sources-table"
        )
        assert len(table.rows) == len(region.sources)
        assert all(str(row[1]) for row in table.rows)
        fold = next(block for block in section.blocks if isinstance(block, Fold))
        assert len(fold.blocks[0].rows) == len(region.descriptor["resources"])


def test_the_run_can_be_made_again_from_the_page(evidence, pages):
    assert evidence.outlook.id in pages["nb"]
    assert (
        "framsyn.run(region, &#34;plan&#34;, draws=50, seed=1, until=2040, control=&#34;none&#34;)"
        in pages["nb"]
    )
    assert (
        "framsyn run plan --region midt-norge --draws 50 --seed 1 --until 2040 --control none" in pages["nb"]
    )


# --- languages -------------------------------------------------------------------------------------------------------

ENGLISH = re.compile(
    r"\b(the|and|of|with|from|are|is|by|which|that|this|than|between|against|beds|staff|year|years|care|need|share|people|"
    r"population|trust|trusts|health|hospital of)\b",
    re.IGNORECASE,
)
NAMES = ("World Population Prospects", "St. Olavs hospital", "CC-BY", "CC BY")
BOKMAL = re.compile(
    r"\b(ikke|fra|hvor|hva|hvordan|noe|mer|sykehus|innbyggere|framskrivning|forutsetning(er)?|uten|deres|flere)\b"
)


@pytest.mark.parametrize("lang", ["nb", "nn"])
def test_no_english_in_norwegian_pages(readers, lang):
    for own, text in readers[lang].words:
        if own != lang:
            continue
        for name in NAMES:
            text = text.replace(name, "")
        found = ENGLISH.search(text)
        assert not found, (found, text[:200])


def test_nynorsk_pages_are_nynorsk(readers):
    for own, text in readers["nn"].words:
        if own == "nn":
            assert not BOKMAL.search(text), text[:200]


def test_pages_say_the_same_in_three_languages(sections):
    names = [[section.name for section in sections[lang]] for lang in LANGUAGES]
    assert names[0] == names[1] == names[2]
    for parts in zip(*(sections[lang] for lang in LANGUAGES), strict=True):
        assert len({tuple(type(block).__name__ for block in part.all_blocks()) for part in parts}) == 1
    titles = [{section.title for section in sections[lang]} for lang in LANGUAGES]
    assert titles[0] != titles[1] != titles[2]


def test_every_label_of_the_tables_has_words(region):
    words = read_words()
    for name in set(region.table("parameters")["parameter"]):
        assert f"parameter.{name}" in words, name
    for unit in set(region.table("parameters")["unit"]):
        assert f"unit.{unit}" in words, unit
    for key in region.sources:
        assert f"source.{key}" in words, key
    for resource in region.descriptor["resources"]:
        assert f"table_name.{resource['name']}" in words, resource["name"]


def test_every_reason_shown_has_words(region):
    """A new reason or source needs its two Norwegian forms under [note] in words_region.toml."""
    frame = region.table("parameters")
    shown = set(frame[frame["quality"].isin(["assumption", "estimate"])]["reason"])
    shown |= {note for note in region.table("past_projections")["note"] if note}
    shown |= {a.source for name in ("plan", "trend", "ambitious") for a in Scenario.load(name).assumptions}
    assert sorted(text for text in shown if not isinstance(foreign(text, "nn"), str)) == []


def test_numbers_beside_each_other_share_their_digits():
    assert spell([Triple(100, 100, 100), Triple(1610, 1723, 1840)], "en") == ["100", "1,720 (1,610–1,840)"]
    assert spell([Triple(0.2345, 0.2345, 0.2345)], "nb", "percent", most=1) == ["23,5\u202f%"]
    with pytest.raises(PlanError, match="2 cells for 1 columns"):
        Table("x", "x", (Column("a"),), (("a", "b"),))


# --- the folder ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory, runs, evidence):
    told = []
    path = write_bundle(
        tmp_path_factory.mktemp("out") / "bundle",
        *runs,
        hindcast=evidence.hindcast,
        drivers=evidence.drivers,
        explanation=evidence.explanation,
        progress=lambda done, total, what: told.append((done, total, what)),
    )
    assert [done for done, _, _ in told] == list(range(1, told[0][1] + 1))
    return path


def test_folder_holds_all_and_the_manifest_fits(folder, evidence):
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    expected = {"index.html", "manifest.json"}
    expected |= {f"report.{lang}.html" for lang in LANGUAGES} | {
        f"workbook.{lang}.xlsx" for lang in LANGUAGES
    }
    expected |= {
        f"results/{name}" for name in ("areas.parquet", "trusts.parquet", "scenario.toml", "manifest.json")
    }
    assert files == expected
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["id"] == evidence.outlook.id
    assert {entry["path"] for entry in manifest["files"]} == files - {"manifest.json"}
    for entry in manifest["files"]:
        content = (folder / entry["path"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
    assert {source["name"] for source in manifest["sources"]} == set(evidence.outlook.region.sources)
    Reader((folder / "index.html").read_text(encoding="utf-8"))


def test_one_language_alone_and_no_hindcast(tmp_path, runs, evidence):
    path = write_bundle(tmp_path / "nn", *runs, languages=("nn",), explanation=evidence.explanation)
    assert sorted(p.name for p in path.glob("report.*")) == ["report.nn.html"]
    page = (path / "report.nn.html").read_text(encoding="utf-8")
    assert "report.nb.html" not in page
    assert "ikkje rekna ut i denne køyringa" in page


def test_a_failure_midway_leaves_the_old_folder_untouched(tmp_path, runs, evidence, monkeypatch):
    target = tmp_path / "out"
    with replace_directory(target) as fresh:
        (fresh / "manifest.json").write_text('{"id": "old"}', encoding="utf-8")

    def fail(path, evidence, lang):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(bundle_module, "write_workbook", fail)
    with pytest.raises(OSError, match="disk full"):
        write_bundle(target, *runs, explanation=evidence.explanation)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in target.iterdir()] == ["manifest.json"]
    assert "old" in (target / "manifest.json").read_text(encoding="utf-8")


def test_cancelling_leaves_nothing(tmp_path, runs, evidence):
    class Cancelled(Exception):
        pass

    def stop(done, total, what):
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_bundle(tmp_path / "out", *runs, explanation=evidence.explanation, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_refusals(tmp_path, runs, region):
    with pytest.raises(PlanError, match='language "se" is unknown'):
        write_bundle(tmp_path / "out", *runs, languages=("se",))
    with pytest.raises(PlanError, match="no language"):
        write_bundle(tmp_path / "out", *runs, languages=())
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(PlanError, match="did not write"):
        write_bundle(tmp_path, *runs)
    other = run(region.with_switches(bindal=False), "demography", draws=2)
    with pytest.raises(PlanError, match="differ in"):
        write_bundle(tmp_path / "out", runs[0], other)


def test_short_horizon_and_scenario_without_assumptions(tmp_path, region):
    short = run(region, "demography", draws=4, until=2029)
    path = write_bundle(tmp_path / "out", short, short, languages=("en",))
    page = (path / "report.en.html").read_text(encoding="utf-8")
    assert "By 2029 the region needs" in page
    assert "The scenario has no assumptions" in page
