"""The workbook, opened again as a planner would: numbers that are numbers, heads that stay, every quantity explained."""

import numpy as np
import openpyxl
import pytest

from framsyn import Region, run
from framsyn.analyses.explain import explain_change
from framsyn.quantities import quantities
from framsyn.report.evidence import Evidence
from framsyn.report.sections.summary import headline
from framsyn.report.words import word
from framsyn.report.workbook import workbook_name, write_workbook

LANGUAGES = ("nb", "nn", "en")
SHEETS = ("overview", "region", "trusts", "areas", "assumptions", "parameters", "sources", "dictionary")


@pytest.fixture(scope="module")
def evidence():
    region = Region.load("midt-norge")
    plan, demography = run(region, "plan", draws=50), run(region, "demography", draws=50)
    return Evidence(plan, demography, explain_change(plan, "need", where={"service_area": "SOM"}))


@pytest.fixture(scope="module")
def books(evidence, tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    found = {}
    for lang in LANGUAGES:
        path = folder / workbook_name(lang)
        write_workbook(path, evidence, lang)
        found[lang] = openpyxl.load_workbook(path)
    return found


def rows_of(sheet):
    rows = list(sheet.iter_rows(values_only=True))
    return rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sheets_have_names_and_frozen_heads(books, lang):
    names = [word(f"workbook.{key}", lang) for key in SHEETS]
    assert books[lang].sheetnames == names
    for key in SHEETS[1:]:
        sheet = books[lang][word(f"workbook.{key}", lang)]
        assert sheet.freeze_panes is not None, key
        if key != "sources":
            assert sheet.auto_filter.ref, key
            heads = [cell.value for cell in sheet[1]]
            assert len(set(heads)) == len(heads), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_dictionary_covers_every_quantity_in_the_language(books, lang):
    _, rows = rows_of(books[lang][word("workbook.dictionary", lang)])
    name, unit, definition = (word(f"head.{key}", lang) for key in ("name", "unit", "definition"))
    assert [row[name] for row in rows] == list(quantities())
    assert all(row[unit] and row[definition] for row in rows)
    if lang != "en":
        english = {rule.text for rule in quantities().values()}
        assert not english & {row[definition] for row in rows}


def test_region_numbers_agree_with_the_draws(books, evidence):
    _, rows = rows_of(books["en"]["Region"])
    row = next(row for row in rows if row["Name in files"] == "bed_days" and row["Part"] == "Somatic care")
    draws = evidence.outlook.draws("bed_days", ("year",), {"service_area": "SOM"}).sel(year=2040).values
    low, median, high = np.quantile(draws, (0.1, 0.5, 0.9))
    assert row["2040 median"] == pytest.approx(median)
    assert row["2040 10%"] == pytest.approx(low)
    assert row["2040 90%"] == pytest.approx(high)
    central = evidence.outlook.central_value("bed_days", ("year",), {"service_area": "SOM"}).sel(year=2040)
    assert row["2040 central run"] == pytest.approx(float(central))
    assert row["Unit"] == "bed days a year"
    assert {row["Name in files"] for row in rows} == set(quantities())


def test_probability_is_the_mean_of_the_draws(books, evidence):
    _, rows = rows_of(books["en"]["Region"])
    row = next(row for row in rows if row["Name in files"] == "liquidity_breach")
    assert row["2040 median"] == pytest.approx(float(evidence.breach()[2040]))
    assert row["2040 10%"] is None


def test_by_trust_only_what_open_data_tell_apart(books):
    _, rows = rows_of(books["en"]["Trusts"])
    staff = {row["Part"] for row in rows if row["Name in files"] == "staff_gap"}
    assert staff == {"Specialist doctors", "Specialist nurses", "Nurses"}
    for name in (
        "treated_bed_days",
        "beds",
        "bed_gap",
        "beds_service_level",
        "day_places",
        "outpatient_rooms",
    ):
        assert {row["Part"] for row in rows if row["Name in files"] == name} == {
            "Somatic care",
            "Mental health and substance use care",
        }
    assert not any(row["Name in files"] == "result" for row in rows)
    assert {row["Health trust"] for row in rows} == {
        "Møre og Romsdal",
        "Nord-Trøndelag",
        "St. Olavs hospital",
    }


def test_trusts_add_up_to_the_region_in_the_central_run(books):
    _, trusts = rows_of(books["nb"]["Foretak"])
    _, region = rows_of(books["nb"]["Regionen"])
    for name in ("population", "need", "theatres"):
        for row in (row for row in region if row["Navn i filene"] == name):
            parts = [r for r in trusts if r["Navn i filene"] == name and r["Del"] == row["Del"]]
            assert len(parts) == 3
            total = sum(part["2040 sentral kjøring"] for part in parts)
            assert total == pytest.approx(row["2040 sentral kjøring"])


def test_one_row_per_municipality(books, evidence):
    heads, rows = rows_of(books["nn"]["Kommunar"])
    assert [row["Kode"] for row in rows] == evidence.outlook.region.areas
    assert all(isinstance(value, int | float) for row in rows for value in list(row.values())[3:])
    column = next(head for head in heads if head.startswith("Innbyggjarar (personar) 2025"))
    assert sum(row[column] for row in rows) == pytest.approx(760_602)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_overview_says_the_sentence_and_the_run(books, evidence, lang):
    cells = [cell for row in books[lang].worksheets[0].iter_rows(values_only=True) for cell in row if cell]
    assert headline(evidence, lang) in cells
    assert evidence.outlook.id in cells
    assert "760,602" in cells if lang == "en" else "760\u202f602" in cells


def test_assumptions_carry_sizes_and_marks(books, evidence):
    _, rows = rows_of(books["en"]["Assumptions"])
    listed = evidence.outlook.scenario.assumptions
    assert [row["Name in files"] for row in rows] == [a.name for a in listed]
    for row, a in zip(rows, listed, strict=True):
        assert row["Full size: median"] == pytest.approx(a.effect.central)
        assert bool(row["Set to meet a published figure"]) == (a.set_to_meet is not None)


def test_numbers_have_formats(books):
    sheet = books["en"]["Region"]
    formats = {
        cell.number_format
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, float)
    }
    assert "#,##0" in formats
    assert "0.0%" in formats
    assert "General" not in formats
