"""Charts drawn for real: text that stays text, one width as asked, words that say what is seen."""

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from framsyn.errors import PlanError
from framsyn.report.charts import (
    About,
    Break,
    Target,
    calibration,
    fan_chart,
    figure_css,
    grouped_bars,
    population_pyramid,
    ranking,
    scenario_lines,
    small_multiples,
    waterfall,
)

SVG = "{http://www.w3.org/2000/svg}"
TRUSTS = {"hmr": "Helse Møre og Romsdal", "hnt": "Helse Nord-Trøndelag", "sto": "St. Olavs hospital"}


def fan(start, end, spread, years=range(2025, 2041), **columns):
    """Invented quantiles that widen with the root of time."""
    rows = []
    for year in years:
        share = (year - 2025) / 15
        middle, width = start + (end - start) * share, spread * share**0.5
        quantiles = {
            f"q{p}": middle + z * width
            for p, z in ((10, -1.28), (25, -0.67), (50, 0), (75, 0.67), (90, 1.28))
        }
        rows.append({"year": year, **quantiles, **columns})
    return pd.DataFrame(rows)


HISTORY = pd.DataFrame({"year": range(2010, 2026), "value": np.linspace(1640, 1523, 16).round()})


def about(lang="nb", **changes):
    what, unit = ("Beds", "beds") if lang == "en" else ("Døgnsenger", "senger")
    return About(
        **(
            {"what": what, "unit": unit, "where": "Helse Midt-Norge", "source": "Framsyn", "lang": lang}
            | changes
        )
    )


def beds(lang="nb", **options):
    options = {"history": HISTORY, "target": Target(1600, 2030), "breaks": [Break(2020, "pandemi")]} | options
    return fan_chart(fan(1523, 1720, 90), about(lang), name="beds", **options)


def trusts(lang="nb", **options):
    frame = pd.concat(
        [fan(500, 560, 40, group="hmr"), fan(270, 300, 20, group="hnt"), fan(753, 860, 60, group="sto")]
    )
    return small_multiples(frame, about(lang), name="beds-by-trust", labels=TRUSTS, **options)


def effects(lang="nb", **options):
    frame = pd.DataFrame(
        {"label": ["Flere innbyggere", "Flere eldre", "Hjemmesykehus"], "effect": [76.0, 251.0, -130.0]}
    )
    return waterfall(frame, about(lang), name="why", start=("2025", 1523), end=("2040", 1720), **options)


def drivers(lang="nb"):
    frame = pd.DataFrame(
        {"label": ["Liggetid", "Nettoinnflytting", "Dødelighet"], "value": [0.08, 0.31, 0.11]}
    )
    frame = frame.assign(low=frame["value"] - 0.03, high=frame["value"] + 0.04)
    return ranking(frame, about(lang, style="percent", unit=""), name="drivers")


def gap(lang="nb"):
    names = {"nurse": "Sykepleiere", "other_doctor": "Andre leger"}
    rows = [
        {"row": row, "series": year, "q10": value * size - 60, "q50": value * size, "q90": value * size + 60}
        for row, value in (("nurse", 520), ("other_doctor", -40))
        for year, size in (("2030", 0.4), ("2040", 1.0))
    ]
    series = {"2030": "2030", "2040": "2040"}
    return grouped_bars(
        pd.DataFrame(rows),
        about(lang, what="Gapet"),
        name="gap",
        labels=names,
        series=series,
        sides=("overskudd", "mangel"),
    )


def pyramid(lang="nb", *, grouped=False):
    ages = np.arange(0, 100, 5) if grouped else np.arange(0, 106)
    parts = []
    for year, factor in ((2025, 1.0), (2040, 1.2)):
        for sex in ("male", "female"):
            persons = np.where(ages < 65, 4000.0, 3000.0 * factor) * np.where(ages > 90, 0.2, 1)
            parts.append(pd.DataFrame({"year": year, "sex": sex, "age": ages, "q50": persons}))
    frame = pd.concat(parts)
    if grouped:
        frame = frame.assign(q10=frame["q50"] * 0.95, q90=frame["q50"] * 1.05)
    return population_pyramid(
        frame, about(lang, what="Innbyggere", unit=""), name="pyramid", years=(2025, 2040)
    )


def hindcast(lang="nb", count=30):
    labels = {f"{1500 + n}": f"Kommune {n}" for n in range(count)}
    frame = pd.DataFrame(
        {"area": list(labels), "low": 950.0, "median": 1000.0, "high": 1060.0, "actual": 1010.0}
    )
    frame.loc[[0, 1], "actual"] = [1100.0, 900.0]
    return calibration(frame, about(lang, what="Folketall 2025", unit=""), name="hindcast", labels=labels)


def scenarios(lang="nb"):
    sizes = {"plan": 0.13, "demography": 0.19, "trend": 0.17, "ambitious": 0.17}
    frame = pd.concat([fan(0.0, size, 0.02, scenario=code) for code, size in sizes.items()])
    labels = dict(zip(sizes, ("Plan", "Bare demografi", "Trend", "Ambisiøst"), strict=True))
    return scenario_lines(
        frame, about(lang, style="percent", unit="", what="Behov"), name="scenarios", labels=labels
    )


CHARTS = {
    "fan": beds,
    "small-multiples": trusts,
    "own-scales": lambda lang="nb": trusts(lang, same_scale=False),
    "waterfall": effects,
    "waterfall-change": lambda lang="nb": effects(lang, from_zero=False),
    "ranking": drivers,
    "grouped-bars": gap,
    "pyramid": pyramid,
    "pyramid-band": lambda lang="nb": pyramid(lang, grouped=True),
    "calibration": hindcast,
    "calibration-two-columns": lambda lang="nb": hindcast(lang, 66),
    "scenarios": scenarios,
}


def words_of(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("width", [360, 720, 900])
@pytest.mark.parametrize("kind", CHARTS)
def test_svg_is_whole_named_and_as_wide_as_asked(kind, width):
    chart = CHARTS[kind]()
    svg = chart.svg(width)
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert float(root.get("width")) == width
    children = [child.tag for child in root]
    assert children[:2] == [f"{SVG}title", f"{SVG}desc"]
    labelled = root.get("aria-labelledby").split()
    assert [child.get("id") for child in list(root)[:2]] == labelled
    assert root[0].text == chart.title
    assert root[1].text == chart.description
    assert root.get("font-family").endswith("sans-serif")
    assert svg.count("font-family=") == 1
    sizes = {float(re.sub("px$", "", element.get("font-size"))) for element in root.iter(f"{SVG}text")}
    assert min(sizes) >= 12
    assert not re.search(r"NaN|undefined|null|Infinity", svg)


@pytest.mark.parametrize("width", [360, 720])
@pytest.mark.parametrize("kind", CHARTS)
def test_no_text_leaves_the_drawing_or_covers_another(kind, width):
    boxes = text_boxes(CHARTS[kind]().svg(width))
    for left, top, right, bottom, text in boxes:
        assert left >= -1, text
        assert right <= width + 1, text
        assert top >= -1, text
        assert bottom > top
    for place, first in enumerate(boxes):
        for second in boxes[place + 1 :]:
            apart = (
                first[2] <= second[0] + 1
                or second[2] <= first[0] + 1
                or first[3] <= second[1] + 3
                or second[3] <= first[1] + 3
            )
            assert apart, (first, second)


def text_boxes(svg):
    """Boxes of all texts, by the transforms above them; a white rim behind a text is the same text once more."""
    from framsyn.report.layout import text_width

    boxes = {}

    def walk(element, x, y):
        for u, v in re.findall(r"translate\(([-\d.e]+)[, ]*([-\d.e]*)\)", element.get("transform", "")):
            x, y = x + float(u), y + float(v or 0)
        if element.tag == f"{SVG}text":
            size = float(re.sub("px$", "", element.get("font-size")))
            wide = text_width(element.text, size, bold=element.get("font-weight") in ("600", "bold")) / 1.04
            left = (
                x
                + float(element.get("x", 0))
                - {"end": 1, "middle": 0.5}.get(element.get("text-anchor"), 0) * wide
            )
            base = y + float(element.get("y", 0))
            boxes[(round(left), round(base), element.text)] = (
                left,
                base - size * 0.75,
                left + wide,
                base + size * 0.2,
                element.text,
            )
        for child in element:
            walk(child, x, y)

    walk(ElementTree.fromstring(svg), 0.0, 0.0)
    return list(boxes.values())


@pytest.mark.parametrize("kind", CHARTS)
def test_specification_is_valid_vega_lite(kind):
    altair = pytest.importorskip("altair")
    spec = CHARTS[kind]().spec
    json.dumps(spec)
    altair.Chart.from_dict(spec, validate=True)
    assert spec["description"]


@pytest.mark.parametrize("kind", CHARTS)
def test_table_twin_and_texts_in_three_languages(kind):
    pages, descriptions = {}, {}
    for lang in ("nb", "nn", "en"):
        chart = CHARTS[kind](lang)
        assert len(chart.table) > 0
        assert chart.csv().count("\n") == len(chart.table) + 1
        assert chart.title
        assert len(chart.description) > 40
        page = chart.html_figure()
        assert page.count('role="img"') == 2
        assert page.count("<table") == 1
        assert len(set(re.findall(r'\bid="([^"]+)"', page))) == len(re.findall(r'\bid="([^"]+)"', page))
        pages[lang] = page
        descriptions[lang] = chart.description
    assert len(set(pages.values())) == 3
    assert descriptions["en"] != descriptions["nb"]


def test_drawing_twice_gives_the_same_bytes():
    assert beds().svg() == beds().svg()


def test_fan_tells_what_a_reader_sees():
    chart = beds("en")
    assert chart.title == "Beds: up from 1,520 in 2025 to 1,720 in 2040"
    assert "between 1,600 and 1,840" in chart.description
    assert "target for 2030 is 1,600" in chart.description
    assert "Break in the series in 2020: pandemi" in chart.description
    seen = words_of(chart.svg())
    for text in ("1,720", "1,600", "1,840", "last count 2025", "pandemi", "Target 2030: 1,600"):
        assert text in seen
    assert list(chart.table["Year"])[:2] == [2010, 2011]


def test_norwegian_axis_has_thin_spaces_and_commas():
    assert "1\u202f700" in words_of(beds("nb").svg())
    money = fan_chart(
        fan(420, -900, 600), about(style="money", what="Resultat", unit="mrd. kr (2025-kr)"), name="result"
    )
    seen = words_of(money.svg())
    assert "−0,5" in seen
    assert "Resultat, mrd. kr (2025-kr)," in money.subtitle
    assert not any(
        "." in text and any(letter.isdigit() for letter in text) and "kr" not in text for text in seen
    )


def test_fan_says_when_the_direction_is_uncertain_or_nothing_changes():
    unsure = fan_chart(fan(1500, 1510, 90), about(), name="unsure")
    assert "retningen er usikker" in unsure.title
    same = fan_chart(fan(1500, 1500, 0), about(), name="same")
    assert same.title == "Døgnsenger: 1\u202f500 i 2040, som i 2025"
    assert "80" not in same.description
    assert "80\u202f% av utfallene" not in words_of(same.svg())


def test_a_break_cuts_the_line():
    def pieces(chart):
        return len(re.findall(r'stroke="#1d2a30" stroke-width="2.4"', chart.svg()))

    # One of them is the sign in the key.
    assert pieces(beds(breaks=[])) == 2
    assert pieces(beds()) == 3
    gap_year = HISTORY[HISTORY["year"] != 2018]
    assert pieces(beds(breaks=[], history=gap_year)) == 3


def test_waterfall_marks_decreases_by_shape_and_sign():
    chart = effects()
    assert "−130" in words_of(chart.svg())
    shapes = [
        row["shape"]
        for layer in chart.spec["layer"]
        for row in layer.get("data", {}).get("values", [])
        if "shape" in row
    ]
    assert shapes.count("triangle-right") == 2
    assert shapes.count("triangle-left") == 1
    with pytest.raises(PlanError) as wrong:
        waterfall(
            pd.DataFrame({"label": ["a"], "effect": [5.0]}),
            about(),
            name="w",
            start=("2025", 1),
            end=("2040", 7),
        )
    assert wrong.value.code == "waterfall-sum"


def test_a_waterfall_of_no_change_is_drawn():
    frame = pd.DataFrame({"label": ["Hjemmesykehus"], "effect": [0.0]})
    for zero in (True, False):
        chart = waterfall(frame, about(), name="w", start=("2025", 7.0), end=("2040", 7.0), from_zero=zero)
        assert "nan" not in chart.svg()
    nothing = waterfall(frame, about(), name="w", start=("2025", 0.0), end=("2040", 0.0))
    assert "nan" not in nothing.svg()


def test_bars_start_at_zero():
    for chart in (effects(), drivers(), gap()):
        domains = [
            layer["layer"][-1]["encoding"]["x"]["scale"]["domain"]
            for layer in chart.spec["layer"]
            if "resolve" in layer
        ]
        assert all(low <= 0 <= high for low, high in domains)


def test_ranking_sorts_and_calibration_counts():
    assert list(drivers().table.iloc[:, 0]) == ["Nettoinnflytting", "Dødelighet", "Liggetid"]
    chart = hindcast()
    assert chart.title == "80\u202f%-intervallet traff i 28 av 30 kommuner"
    assert "Høyere enn ventet: Kommune 0." in chart.description
    assert "Lavere enn ventet: Kommune 1." in chart.description


def test_pyramid_counts_the_old():
    chart = pyramid(grouped=True)
    frame = chart.table
    old = frame.iloc[13:]
    share = (
        old[["Menn 2025", "Kvinner 2025"]].to_numpy().sum()
        / frame[["Menn 2025", "Kvinner 2025"]].to_numpy().sum()
    )
    assert f"{share * 100:.0f}\u202f% i 2025" in chart.title


def test_scenario_labels_make_room():
    tops = [
        bottom
        for _, _, _, bottom, text in text_boxes(scenarios().svg())
        if text.startswith(("Trend", "Ambisiøst"))
    ]
    assert abs(tops[0] - tops[1]) >= 15


def test_png_has_the_size_asked():
    data = beds().png(scale=2.0, width=360)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20], "big") == 720


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame.drop(columns="q25"), "chart-columns"),
        (lambda frame: frame.head(0), "chart-empty"),
        (lambda frame: frame.head(1), "chart-one-year"),
        (lambda frame: frame.assign(q50=frame["q50"].where(frame["year"] != 2030)), "chart-missing-value"),
        (lambda frame: pd.concat([frame, frame.tail(1)]), "chart-double-row"),
        (lambda frame: frame.assign(q90=frame["q10"] - 1), "chart-quantile-order"),
    ],
)
def test_bad_frames_are_refused(change, code):
    with pytest.raises(PlanError) as refused:
        fan_chart(change(fan(1523, 1720, 90)), about(), name="beds")
    assert refused.value.code == code


def test_names_that_cannot_be_ids_are_refused():
    with pytest.raises(PlanError, match="cannot be an id"):
        fan_chart(fan(1, 2, 0.1), about(), name="Senger i 2040")


def test_text_is_escaped():
    chart = fan_chart(fan(1523, 1720, 90), about(where="<b>A & B</b>"), name="escape", title="A < B")
    ElementTree.fromstring(chart.svg())
    assert "<b>" not in chart.html_figure().replace("<body", "")
    assert ".framsyn-wide" in figure_css()
