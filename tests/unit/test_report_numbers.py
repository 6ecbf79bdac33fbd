"""Numbers and words as people read them."""

import re

import pytest

from framsyn.errors import PlanError
from framsyn.report import numbers, words
from framsyn.report.numbers import NARROW_SPACE as S


@pytest.mark.parametrize(
    ("value", "lang", "decimals", "expected"),
    [
        (1234567, "nb", 0, f"1{S}234{S}567"),
        (1234567, "nn", 0, f"1{S}234{S}567"),
        (1234567, "en", 0, "1,234,567"),
        (1234.56, "nb", 1, f"1{S}234,6"),
        (1234.56, "en", 1, "1,234.6"),
        (-4.12, "nb", 1, "−4,1"),
        (999.5, "nb", 0, f"1{S}000"),
        (2.675, "en", 2, "2.68"),
        (-0.04, "nb", 1, "0,0"),
        (1718, "nb", -2, f"1{S}700"),
        (0, "en", 0, "0"),
    ],
)
def test_number(value, lang, decimals, expected):
    assert numbers.number(value, lang, decimals) == expected


def test_signs_and_percent():
    assert numbers.percent(0.135, "nb", 1) == f"13,5{S}%"
    assert numbers.percent(-0.041, "nb", 1) == f"−4,1{S}%"
    assert numbers.percent(0.135, "en", 1) == "13.5%"
    assert numbers.percent(0.041, "nn", 1, signed=True) == f"+4,1{S}%"
    assert numbers.number(0.04, "nb", 0, signed=True) == "0"


def test_money_names_the_price_year():
    assert numbers.money(13_500) == f"13,5{S}mrd.{S}kr (2025-kr)"
    assert numbers.money(13_500, "nn", price_year=None) == f"13,5{S}mrd.{S}kr"
    assert numbers.money(13_500, "en") == "NOK 13.5 billion (2025 prices)"


def test_ranges():
    assert numbers.year_range(2025, 2040) == "2025–2040"
    assert numbers.value_range("−3", "4", "nn") == "−3 til 4"


@pytest.mark.parametrize(
    ("median", "low", "high", "expected"),
    [
        (1718.4, 1612, 1843, f"1{S}720 (1{S}610–1{S}840)"),
        (13.52, 13.12, 13.92, "13,5 (13,1–13,9)"),
        (817_912, 801_000, 836_000, f"818{S}000 (801{S}000–836{S}000)"),
        (0.0312, 0.0308, 0.0316, "0,0312 (0,0308–0,0316)"),
    ],
)
def test_interval_never_shows_more_digits_than_its_width_justifies(median, low, high, expected):
    assert numbers.interval(median, low, high).text == expected


@pytest.mark.parametrize("width", [0.003, 0.04, 0.7, 1, 4, 39, 41, 230, 5_000, 1e6])
def test_interval_is_4_to_40_steps_wide(width):
    steps = width * 10.0 ** numbers.decimals_for(10.0, 10.0 + width)
    assert 4 - 1e-9 <= steps <= 40 + 1e-9


def test_refusals():
    with pytest.raises(PlanError, match="language"):
        numbers.number(1, "sv")
    with pytest.raises(PlanError, match="finite"):
        numbers.number(float("nan"))
    with pytest.raises(PlanError, match="low ≤ median ≤ high"):
        numbers.interval(1, 2, 3)


def test_every_word_is_complete_with_the_same_fields():
    for key, texts in words.read_words().items():
        assert set(texts) == {"nb", "nn", "en"}, key
        assert all(text.strip() for text in texts.values()), key
        fields = {lang: words.field_names(text) for lang, text in texts.items()}
        assert fields["nb"] == fields["nn"] == fields["en"], key


BOKMAL_ONLY = re.compile(
    r"\b(ikke|fra|hva|hvor|hvordan|hver|noe|noen|mer|uke|gjennom|kommuner|forutsetning(er)?|framskrevet|framskrivinger|"
    r"sykehus|\w*sykepleiere|øker|minsker|mulig|høyere|kilder?|leger|pasienter|opphold|ligger|tallet|usikker\w*|utfallene|"
    r"endrer|sted|tall|telling|brudd|innenfor|utenfor|sannsynlighet)\b",
    re.IGNORECASE,
)


def test_nynorsk_is_nynorsk():
    for key, texts in words.read_words().items():
        assert not BOKMAL_ONLY.search(texts["nn"]), f"{key}: bokmål in nynorsk: {texts['nn']}"
        if BOKMAL_ONLY.search(texts["nb"]):
            assert texts["nn"] != texts["nb"], key
    nn = " ".join(texts["nn"] for texts in words.read_words().values())
    for form in ("frå", "ikkje", "kommunar", "framskriving", "sjukehus", "føresetnad", "korleis"):
        assert form in nn.lower(), form


def test_norwegian_percent_has_a_thin_space_and_english_none():
    for key, texts in words.read_words().items():
        for lang in ("nb", "nn"):
            assert not re.search(r"[\d}] ?%", texts[lang]), key
        assert not re.search(r"\s%", texts["en"]), key


def test_word_refusals():
    with pytest.raises(PlanError) as unknown:
        words.word("chart.medien")
    assert unknown.value.code == "unknown-word"
    with pytest.raises(PlanError, match="needs year"):
        words.word("chart.last_count", "nb")
    assert words.join(["a", "b", "c"], "nb") == "a, b og c"
