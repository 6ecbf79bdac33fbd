"""The export of the national quality indicators: encodings, marks, signs, and headings that are gone."""

from __future__ import annotations

import math

import pytest
from tests.support.statistics_services import FIXTURES, Services

from framsyn.errors import PlanError
from framsyn.sources import quality_indicators
from framsyn.sources.fetching import Fetcher
from framsyn.sources.quality_indicators import COLUMNS, read_indicators

# The service ends lines with CR LF; a checkout may not keep them.
TEXT = (
    "\r\n".join((FIXTURES / "hdir" / "nki_eksport.csv").read_text(encoding="utf-8-sig").splitlines()) + "\r\n"
)
EXPORT = TEXT.encode("utf-8-sig")
HEAD = "Tidsperiode;Kvalitetsindikator;Måltall;Lokasjon;Verdi\n"


def test_an_export_is_read_with_periods_units_and_signs():
    found = read_indicators(EXPORT)
    assert list(found) == COLUMNS
    assert found["value"].tolist()[:2] == [61.5, 6.9]
    assert found["unit"].tolist() == ["", "%", "", "", "", ""]
    assert found["status"].tolist() == ["", "", "..", ":", "", ""]
    assert found["term"].tolist() == [0, 1, 2, 3, 0, 0]
    assert found["value"].tolist()[4:] == [1227.0, 0.0]
    assert found.loc[5, "location"] == "Klinikken på Ås"
    assert set(found["indicator_id"]) == {"901", "902", "903"}


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("cp1252"),
        TEXT.replace("\r\n", "\n").encode("utf-8-sig"),
        TEXT.replace(";", "\t").encode("utf-8"),
        "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(";")) for line in TEXT.split("\r\n") if line
        ).encode(),
        TEXT.replace("61,5", "61.5").replace("6,9", "6.9").replace("Verdi", " verdi ").encode(),
        TEXT.replace("1 227", "1\u00a0227").encode("cp1252"),
        (TEXT + "\r\n;;;;;;;;\r\n").encode(),
    ],
    ids=["utf-8", "windows-1252", "newlines", "tabs", "commas", "points", "hard space", "blank rows"],
)
def test_the_same_export_in_other_clothes_is_the_same(content):
    assert read_indicators(content).equals(read_indicators(EXPORT))


def test_a_heading_that_is_gone_is_named_with_what_may_have_taken_its_place():
    with pytest.raises(PlanError) as error:
        read_indicators(TEXT.replace("Måltall", "Måltalls").replace("Lokasjon", "Institusjon").encode())
    assert error.value.code == "source-changed"
    assert error.value.data["expected"] == ["Måltall", "Lokasjon"]
    assert "'Institusjon'" in error.value.message
    assert "is 'Måltalls' the new name of Måltall?" in error.value.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-unreadable"),
        (b"PK\x03\x04\x00\x00", "file-unreadable"),
        (TEXT.encode("utf-16"), "file-unreadable"),
        (b"Tidsperiode;\x81\x8d", "file-unreadable"),
        (HEAD.encode(), "source-changed"),
        ((HEAD + "2024;a;b;c;1\n2024;a;b;c;2\n").encode(), "row-twice"),
        ((HEAD + "2024;a;b;c\n").encode(), "source-changed"),
        ((HEAD + "2024;a;b;;1\n").encode(), "cell-empty"),
        ((HEAD + "24;a;b;c;1\n").encode(), "period-unfit"),
        ((HEAD + "2024T4;a;b;c;1\n").encode(), "period-unfit"),
        ((HEAD + "2024;a;b;c;=SUM(A1)\n").encode(), "number-unfit"),
        ((HEAD + "2024;a;b;c;inf\n").encode(), "number-unfit"),
        ((HEAD + "2024;a;b;c;1.234,5\n").encode(), "number-unfit"),
        ((HEAD + "2024;a;b;c;1,5\n2025;a;b;c;1.5\n").encode(), "number-unfit"),
        ((HEAD.strip() + ";Verdi\n2024;a;b;c;1;2\n").encode(), "source-changed"),
        ((HEAD + '2024;a;"b;c;1\n').encode(), "file-unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused(content, code):
    with pytest.raises(PlanError) as error:
        read_indicators(content)
    assert error.value.code == code


def test_a_minus_and_signs_of_hidden_values_are_read():
    found = read_indicators((HEAD + "2024;a;b;c;\u22121,5\n2024;a;b;d;k\n2024;a;b;e;-\n").encode())
    assert found["value"].tolist()[0] == -1.5
    assert found["status"].tolist() == ["", ":", "."]
    assert math.isnan(found["value"].tolist()[1])


def test_an_export_at_an_address_is_fetched_and_a_web_page_is_told(tmp_path):
    with Services() as services, Fetcher(tmp_path) as fetcher:
        assert quality_indicators.export(fetcher, base=services.hdir).equals(read_indicators(EXPORT))
        page = services.hdir.replace("nki_eksport.csv", "page")
        services.put("/hdir/page", b"<!DOCTYPE html>\n<html>")
        with pytest.raises(PlanError) as error:
            quality_indicators.export(fetcher, base=page)
    assert error.value.code == "source-changed"
    assert "Eksporter data" in error.value.message
