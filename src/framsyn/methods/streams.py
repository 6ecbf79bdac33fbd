"""Named random streams: one number stream per named input and draw.

The stream of input ``name`` in draw ``d`` under seed ``s`` is seeded by ``SeedSequence([s, crc32(name),
d])``. Two scenarios with one seed therefore share their random numbers, a new assumption leaves the others'
numbers alone, and the numbers do not depend on how many draws are asked for, in what order, or by how many
workers.

:func:`uniform` needs one number per draw for many draws, where building NumPy's object for each would cost
more than everything else. It computes the same hash for all draws at once; the tests hold it to NumPy's own,
bit for bit.

References
----------
O'Neill, M. E. (2015). Developing a seed_seq alternative. pcg-random.org, blog of 30 April 2015 (the hash).
Kern, R. (2019). NumPy enhancement proposal 19 and ``numpy.random.SeedSequence`` (its constants and word
order).
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats

__all__ = ["key", "normals", "uniform"]

# Constants of numpy.random.SeedSequence (numpy/random/bit_generator.pyx).
INIT_A, MULT_A = 0x43B0D7E5, 0x931E8875
INIT_B, MULT_B = 0x8B51F9DD, 0x58F38DED
MIX_LEFT, MIX_RIGHT = 0xCA01F9DD, 0x4973F715
SHIFT = np.uint32(16)
POOL = 4
WORD = 0xFFFFFFFF
HIGHEST = 2**64 - 1

Words = NDArray[np.uint32]


def key(name: str) -> int:
    """The whole number that stands for a stream's name: CRC-32 of its UTF-8 bytes.

    Examples
    --------
    >>> key("population/fertility")
    3559866400
    """
    if not isinstance(name, str) or not name:
        message = (
            f"A stream needs a name, got {name!r}. Name it after the input it draws, such as "
            "'population/fertility'."
        )
        raise PlanError("stream-without-name", message, got=name)
    return crc32(name.encode("utf-8"))


def uniform(seed: int, name: str, draws: ArrayLike) -> Floats:
    """One uniform number in (0, 1) per draw from the stream of a name.

    u = max(w, ½) · 2⁻⁵³, where w is the upper 53 bits of ``SeedSequence([seed, crc32(name),
    draw]).generate_state(1, uint64)``

    The half keeps the one value 0 of 2⁵³ out, so that a distribution's inverse never returns minus infinity.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 to 2⁶⁴ − 1.
    name : str
        Name of the input.
    draws : array_like of int
        Numbers of the draws, each 0 to 2⁶⁴ − 1.

    Returns
    -------
    ndarray of float64 [1], shape of ``draws``

    Raises
    ------
    PlanError
        ``bad-seed``, ``bad-draws`` or ``stream-without-name``.

    Examples
    --------
    >>> uniform(1, "assumption/home_hospital", [0, 1, 2]).round(6)
    array([0.319577, 0.479418, 0.043476])
    >>> word = np.random.SeedSequence([1, key("assumption/home_hospital"), 2]).generate_state(1, np.uint64)[0]
    >>> float(uniform(1, "assumption/home_hospital", [2])[0]) == int(word >> np.uint64(11)) / 2**53
    True
    """
    head = _words_of(_checked_seed(seed)) + _words_of(key(name))
    numbers = _checked_draws(draws)
    state = np.empty(numbers.shape, dtype=np.uint64)
    wide = numbers > WORD
    # A draw above 2³² − 1 is two words to NumPy and a smaller one a single word, so the two are hashed apart.
    for chosen in (~wide, wide):
        if chosen.any():
            part = numbers[chosen]
            words = [np.full(part.shape, word, dtype=np.uint32) for word in head]
            words.append((part & np.uint64(WORD)).astype(np.uint32))
            if part[0] > WORD:
                words.append((part >> np.uint64(32)).astype(np.uint32))
            state[chosen] = _state(_pool(words))
    upper = (state >> np.uint64(11)).astype(np.float64)
    return np.maximum(upper, 0.5) * 2.0**-53


def normals(seed: int, name: str, draws: ArrayLike, shape: int | Sequence[int]) -> Floats:
    """Standard normal numbers for every draw from the stream of a name.

    ``Generator(SFC64(SeedSequence([seed, crc32(name), draw]))).standard_normal(shape)`` for each draw. The
    numbers fill the shape row by row: with shape (years, …) a longer horizon leaves the first years' numbers
    as they were.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 to 2⁶⁴ − 1.
    name : str
        Name of the input.
    draws : array_like of int, dims (draw)
        Numbers of the draws.
    shape : int or sequence of int
        Shape of one draw's numbers.

    Returns
    -------
    ndarray of float64 [1], dims (draw, *shape)

    Raises
    ------
    PlanError
        ``bad-seed``, ``bad-draws`` or ``stream-without-name``.

    Examples
    --------
    >>> short = normals(1, "population/mortality", [0, 1], (5, 2))
    >>> long = normals(1, "population/mortality", [1], (15, 2))
    >>> bool((long[0, :5] == short[1]).all())
    True
    """
    tail = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    start, name_key = _checked_seed(seed), key(name)
    numbers = _checked_draws(draws).ravel()
    result = np.empty((numbers.size, *tail), dtype=np.float64)
    for row, draw in enumerate(numbers.tolist()):
        sequence = np.random.SeedSequence([start, name_key, draw])
        result[row] = np.random.Generator(np.random.SFC64(sequence)).standard_normal(tail)
    return result


def _checked_seed(seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= int(seed) <= HIGHEST:
        message = (
            f"The seed is {seed!r}, expected a whole number from 0 to {HIGHEST}. Write for example seed=1."
        )
        raise PlanError("bad-seed", message, got=seed)
    return int(seed)


def _checked_draws(draws: ArrayLike) -> NDArray[np.uint64]:
    numbers = np.asarray(draws)
    if numbers.size == 0:
        return np.zeros(numbers.shape, dtype=np.uint64)
    if numbers.dtype.kind not in "iu" or (numbers.dtype.kind == "i" and numbers.min() < 0):
        message = (
            f"Draws are numbered 0, 1, 2 …; got {numbers.dtype} values such as {numbers.ravel()[0]!r}. Use "
            "np.arange(n)."
        )
        raise PlanError("bad-draws", message, dtype=str(numbers.dtype))
    return numbers.astype(np.uint64)


def _words_of(number: int) -> list[int]:
    """A whole number as 32-bit words, lowest first, at least one: NumPy's own coercion."""
    words = [number & WORD]
    while number := number >> 32:
        words.append(number & WORD)
    return words


def _pool(words: list[Words]) -> list[Words]:
    """NumPy's ``mix_entropy``: the entropy words stirred into a pool of four, for all draws at once."""
    constant = INIT_A

    def stirred(value: Words) -> Words:
        nonlocal constant
        value = value ^ np.uint32(constant)
        constant = constant * MULT_A & WORD
        value = value * np.uint32(constant)
        return value ^ (value >> SHIFT)

    def mixed(left: Words, right: Words) -> Words:
        value = np.uint32(MIX_LEFT) * left - np.uint32(MIX_RIGHT) * right
        return value ^ (value >> SHIFT)

    nothing = np.zeros_like(words[0])
    pool = [stirred(words[i] if i < len(words) else nothing) for i in range(POOL)]
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                pool[target] = mixed(pool[target], stirred(pool[source]))
    for word in words[POOL:]:
        for target in range(POOL):
            pool[target] = mixed(pool[target], stirred(word))
    return pool


def _state(pool: list[Words]) -> NDArray[np.uint64]:
    """NumPy's ``generate_state(1, uint64)``: two 32-bit words, the first one the lower."""
    constant = INIT_B
    halves = []
    for value in pool[:2]:
        half = value ^ np.uint32(constant)
        constant = constant * MULT_B & WORD
        half = half * np.uint32(constant)
        halves.append((half ^ (half >> SHIFT)).astype(np.uint64))
    return halves[0] | (halves[1] << np.uint64(32))
