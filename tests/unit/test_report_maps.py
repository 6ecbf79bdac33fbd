"""Maps drawn from a small invented region."""

import re
import xml.etree.ElementTree as ElementTree
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from framsyn.errors import PlanError
from framsyn.report.charts import About
from framsyn.report.geometry import Box, Projection, place_labels, read_borders
from framsyn.report.maps import choropleth, five_classes
from framsyn.report.theme import SEQUENTIAL, WARM

SVG = "{http://www.w3.org/2000/svg}"


def region(columns=4, rows=3):
    """Chequered municipalities between 62 and 65 degrees north."""
    features = []
    for row in range(rows):
        for column in range(columns):
            west, south = 6 + 2 * column, 62 + row
            ring = [[west, south], [west + 2, south], [west + 2, south + 1], [west, south + 1], [west, south]]
            code = f"{1500 + row * columns + column}"
            properties = {"area": code, "name": f"Sted {code}", "name_official": f"Stad – Sted {code}"}
            features.append(
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def values(count=12, low=0.02, high=0.24):
    return pd.DataFrame(
        {"area": [f"{1500 + n}" for n in range(count)], "value": np.linspace(low, high, count)}
    )


SITES = pd.DataFrame(
    {
        "name": ["Vest", "Aust", "Midt", "Midt psykiatri"],
        "lon": [8.0, 8.1, 10.0, 10.0],
        "lat": [63.0, 63.02, 63.5, 63.5],
    }
)


def draw(lang="nb", **options):
    frame = options.pop("frame", values())
    about = About("Endring i behov", "2025–2040", "Helse Midt-Norge", "Framsyn, Kartverket", lang, "percent")
    return choropleth(region(), frame, about, name="need-map", **options)


@pytest.mark.parametrize("width", [360, 720])
def test_map_names_every_municipality_and_counts_the_classes(width):
    chart = draw(frame=values(10), sites=SITES)
    root = ElementTree.fromstring(chart.svg(width))
    paths = [path for path in root.iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]
    assert len(paths) == 12
    assert [path.get("fill") for path in paths].count(f"url(#need-map-nb-{width}-hatch)") == 2
    assert root.find(f".//{SVG}pattern").get("id") == f"need-map-nb-{width}-hatch"
    assert paths[0].find(f"{SVG}title").text == "Stad – Sted 1500: 2\u202f%"
    assert "ingen tall" in paths[-1].find(f"{SVG}title").text
    texts = [element.text for element in root.iter(f"{SVG}text")]
    counts = [int(text.split()[0]) for text in texts if re.fullmatch(r"\d+ kommuner?", text)]
    assert sum(counts) == 12
    assert len(counts) == 6
    assert {"Vest", "Aust", "Midt", "Midt psykiatri", "sykehus"} <= set(texts)
    assert float(root.get("width")) == width


def test_table_description_and_languages():
    chart = draw("nn", frame=values(10))
    assert "kommunar" in chart.svg()
    assert "Størst: Sted 1509 24\u202f%" in chart.description
    assert "ingen tal: 2" in chart.description
    assert len(chart.table) == 12
    assert chart.table.iloc[-1, -1] == "ingen tal"
    assert "ingen tal" in chart.html_table()
    assert draw("en").title.startswith("Endring i behov is largest in")


def test_classes_are_round_rising_and_about_even():
    classes = five_classes(np.random.default_rng(1).gamma(2.0, 10.0, 66))
    counts = np.bincount(
        [classes.index(value) for value in np.random.default_rng(1).gamma(2.0, 10.0, 66)], minlength=5
    )
    assert (counts >= 5).all()
    assert classes.colours == SEQUENTIAL
    assert classes.index(classes.bounds[1]) == 2


def test_values_on_both_sides_of_zero_get_warm_colours_below():
    sample = np.linspace(-10, 20, 40)
    classes = five_classes(sample)
    assert 0.0 in classes.bounds
    for value in sample:
        assert (classes.colours[classes.index(value)] in WARM) == (value < 0)


def test_odd_values_still_give_five_classes():
    for sample in ([3.0, 3.0, 3.0], [0.0], [1, 1, 1, 1, 1, 1, 1, 2], [-5, -5, -5, -1]):
        classes = five_classes(sample)
        assert len(classes.bounds) == 4
        assert len(classes.colours) == 5


def test_own_bounds_make_maps_comparable():
    chart = draw(bounds=[0.05, 0.1, 0.15, 0.2])
    assert "5 til 10\u202f%" in chart.svg()
    with pytest.raises(PlanError) as wrong:
        draw(bounds=[0.2, 0.1, 0.15, 0.3])
    assert wrong.value.code == "map-bounds"


def test_trust_borders_are_the_edges_between_groups():
    groups = {f"{1500 + n}": "hmr" if n % 4 < 2 else "sto" for n in range(12)}
    svg = draw(groups=groups).svg()
    edges = re.search(r'<path d="([^"]+)" fill="none" stroke="#1d2a30" stroke-width="1.3"', svg)
    assert edges[1].count("M") == 3


def test_projection_keeps_areas_equal():
    points = np.array([[6.0, 62.0], [14.0, 65.0]])
    projection, _, _ = Projection.fitted(points, 700, 600)

    def area(west, south):
        steps = np.linspace(0, 0.2, 50)
        west_side = np.column_stack([np.full(50, west), south + steps])
        north = np.column_stack([west + steps, np.full(50, south + 0.2)])
        ring = np.concatenate(
            [west_side, north, west_side[::-1] + np.array([0.2, 0]), north[::-1] - np.array([0, 0.2])]
        )
        x, y = projection(ring).T
        flat = abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2
        sphere = np.radians(0.2) * (np.sin(np.radians(south + 0.2)) - np.sin(np.radians(south)))
        return flat / sphere

    assert area(6.0, 62.0) == pytest.approx(area(13.0, 64.7), rel=1e-4)
    assert projection(points).min() >= 0


def test_labels_of_sites_never_overlap():
    random = np.random.default_rng(5)
    points = [(float(x), float(y)) for x, y in random.uniform(120, 420, (14, 2))]
    boxes = place_labels(points, [[f"Sykehuset {n}"] for n in range(14)], width=700, height=600)
    for place, box in enumerate(boxes):
        assert box.within(700, 600)
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])
        assert not any(
            box.overlaps(Box(x - 4, y - 4, x + 4, y + 4)) for n, (x, y) in enumerate(points) if n != place
        )


def test_refusals():
    with pytest.raises(PlanError) as unknown:
        draw(frame=pd.DataFrame({"area": ["9999"], "value": [0.1]}))
    assert unknown.value.code == "map-areas"
    with pytest.raises(PlanError, match="property"):
        choropleth(region(), values(), About("a", "", "b", "c"), name="m", key="municipality_code")
    with pytest.raises(PlanError) as form:
        _ = draw().spec
    assert form.value.code == "no-specification"


def test_narrow_map_uses_the_short_names():
    chart = draw(sites=SITES.assign(short=["V", "A", "M", "M"]))
    assert ">V</text>" in chart.svg(360)
    assert ">Vest</text>" in chart.svg(720)


def test_borders_of_the_region_package_can_be_drawn():
    path = resources.files("framsyn") / "regions" / "midt-norge" / "borders.geojson"
    codes = list(read_borders(str(path), "area"))
    frame = pd.DataFrame({"area": codes, "value": np.linspace(0.1, 0.3, len(codes))})
    chart = choropleth(
        str(path), frame, About("Andel", "", "Helse Midt-Norge", "Kartverket", style="percent"), name="region"
    )
    for width in (360, 720):
        assert chart.svg(width).count("<title>") == len(codes)
    assert len(codes) == 66
