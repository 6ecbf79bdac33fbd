"""Streams: the same bits as NumPy's own seed sequence, and refusals."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.methods.streams import normals, uniform

WIDE = np.array([0, 1, 2, 999, 2**32 - 1, 2**32, 2**40 + 3, 2**64 - 1], dtype=np.uint64)


def numpy_uniform(seed: int, name: str, draw: int) -> float:
    sequence = np.random.SeedSequence([seed, crc32(name.encode()), draw])
    return max(int(sequence.generate_state(1, np.uint64)[0]) >> 11, 0.5) * 2.0**-53


@pytest.mark.parametrize("seed", [0, 1, 20_250_101, 2**32 - 1, 2**32, 2**63 + 5, 2**64 - 1])
def test_uniform_is_numpys_seed_sequence(seed: int):
    for name in ("assumption/home_hospital", "befolkning/øre"):
        assert uniform(seed, name, WIDE).tolist() == [numpy_uniform(seed, name, int(d)) for d in WIDE]


def test_normals_are_numpys_sfc64():
    sequence = np.random.SeedSequence([5, crc32(b"population/mortality"), 3])
    wanted = np.random.Generator(np.random.SFC64(sequence)).standard_normal((4, 2))
    assert (normals(5, "population/mortality", [1, 3], (4, 2))[1] == wanted).all()


def test_shapes():
    assert uniform(1, "a", np.zeros((2, 3), dtype=int)).shape == (2, 3)
    assert uniform(1, "a", []).shape == (0,)
    assert uniform(1, "a", 4).shape == ()
    assert normals(1, "a", [0, 1], 3).shape == (2, 3)
    assert normals(1, "a", [], (2, 2)).shape == (0, 2, 2)
    assert normals(1, "a", [0], ()).shape == (1,)


def test_look_of_the_numbers():
    numbers = uniform(1, "a", np.arange(20_000))
    assert 0 < numbers.min()
    assert numbers.max() < 1
    counts = np.histogram(numbers, bins=20, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 50  # χ² with 19 degrees of freedom, 0.01 %
    assert abs(np.corrcoef(numbers, uniform(1, "b", np.arange(20_000)))[0, 1]) < 0.03
    assert abs(np.corrcoef(numbers, uniform(2, "a", np.arange(20_000)))[0, 1]) < 0.03


@pytest.mark.parametrize(
    ("seed", "name", "draws", "code"),
    [
        (-1, "a", [0], "bad-seed"),
        (2**64, "a", [0], "bad-seed"),
        (1.5, "a", [0], "bad-seed"),
        (True, "a", [0], "bad-seed"),
        (1, "", [0], "stream-without-name"),
        (1, "a", [-1], "bad-draws"),
        (1, "a", [0.5], "bad-draws"),
    ],
)
def test_refusals(seed: int, name: str, draws: list[int], code: str):
    for call in (lambda: uniform(seed, name, draws), lambda: normals(seed, name, draws, 2)):
        with pytest.raises(PlanError) as refusal:
            call()
        assert refusal.value.code == code
