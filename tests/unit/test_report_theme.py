"""Colours that all eyes can tell apart, and places for text that do not overlap."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from framsyn.report import layout, theme

# Full dichromacy after Machado, Oliveira and Fernandes (2009), IEEE TVCG 15(6), on linear sRGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(colour, matrix):
    share = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = matrix @ np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    ("palette", "least"),
    [
        (tuple(theme.TRUST_COLOURS.values()), 15),
        (tuple(theme.SCENARIO_COLOURS.values()), 12),
        (theme.SERIES, 15),
        ((theme.MAIN, theme.ACCENT), 30),
        (theme.SEQUENTIAL, 8),
        (theme.WARM, 8),
    ],
)
def test_colours_differ_for_every_eye(palette, least, vision):
    for first, second in combinations(palette, 2):
        distance = np.linalg.norm(lab(first, VISION[vision]) - lab(second, VISION[vision]))
        assert distance >= least, (first, second, distance)


def test_text_and_line_colours_have_contrast():
    for colour in (
        *theme.SERIES,
        *theme.TRUST_COLOURS.values(),
        theme.INK,
        theme.MUTED,
        theme.ACCENT,
        theme.WRONG,
    ):
        assert theme.contrast(colour) >= 4.5, colour
    assert min(theme.SIZE.values()) >= 12


def test_trusts_and_scenarios_keep_their_colour():
    assert (
        theme.colours_for(["sto", "hmr"])["hmr"]
        == theme.colours_for(["hmr"])["hmr"]
        == theme.TRUST_COLOURS["hmr"]
    )
    assert theme.colours_for(["x", "plan"])["x"] != theme.SCENARIO_COLOURS["plan"]
    many = theme.colours_for([f"s{n}" for n in range(9)])
    assert [colour for colour in many.values()].count(theme.GREY) == 3


def test_enable_makes_the_altair_theme_ours():
    altair = pytest.importorskip("altair")
    before = altair.theme.active
    try:
        theme.enable()
        assert altair.theme.active == "framsyn"
        assert altair.Chart().mark_point().to_dict()["config"]["font"] == theme.FONT
    finally:
        altair.theme.enable(before)


def test_spread_keeps_order_room_and_ends():
    places = layout.spread([50, 51, 52, 0, 100], [15] * 5, 0, 100)
    ordered = sorted(places)
    assert all(high - low >= 15 - 1e-9 for low, high in pairwise(ordered))
    assert ordered[0] >= 7.5 - 1e-9
    assert ordered[-1] <= 92.5 + 1e-9
    assert places[0] < places[1] < places[2]


def test_honest_range():
    values = layout.honest_ticks(1000, 1010).values
    assert values[-1] - values[0] >= 0.25 * 1010
    assert layout.honest_ticks(-3, 8).values[0] < 0 <= layout.honest_ticks(-3, 8).values[-1]
    assert layout.honest_ticks(5, 100).values[0] == 0
    assert layout.honest_ticks(1500, 1700, zero=True).values[0] == 0


def test_wrap_and_years():
    assert all(
        layout.text_width(line, 18) <= 200
        for line in layout.wrap("Flere senger trengs i hele regionen mot 2040", 200, 18)
    )
    assert layout.year_ticks(2025, 2040, 600) == [2025, 2030, 2035, 2040]
    assert layout.year_ticks(2010, 2040, 150) == [2010, 2020, 2030, 2040]
