"""Seals that hold, but not where they stand: what was moved, and what must be missing for the rest to have moved up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.web.audit.faults import Fault, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Displaced"]

MOST = 2_000  # rows of one stretch that are looked at one by one


class Displaced:
    """Stretches of a chain whose seals were made for other places than those at which they stand.

    Parameters
    ----------
    chain : str
    """

    def __init__(self, chain: str) -> None:
        self.chain = chain
        self.shift = 0  # made for this many places further on than they stand
        self.rows: list[tuple[int, int, Any]] = []  # place now, place then, entry
        self.length = 0

    def take(self, seal: Any, entry: Any, then: int) -> Iterator[Fault]:
        """Take a seal that was made for the place ``then``."""
        self.shift = then - seal.place
        if not self.shift:
            yield from self.end()
            return
        self.length += 1
        if len(self.rows) < MOST:
            self.rows.append((seal.place, then, fault_of("order", self.chain, seal, entry)))

    def end(self) -> Iterator[Fault]:
        """Say what happened to the stretch that ends here."""
        rows, length = self.rows, self.length
        self.rows, self.length = [], 0
        if not rows:
            return
        now, then = {row[0] for row in rows}, {row[1] for row in rows}
        steady = len({there - here for here, there, _ in rows}) == 1
        shift = rows[0][1] - rows[0][0]
        if steady and shift > 0:  # all moved up: what stood before them is gone
            first = rows[0][0]
            last = first + shift - 1
            words = (
                f"gone, with {'its seal' if shift == 1 else 'their seals'}; {length} later ones were moved up"
            )
            yield Fault("removed", self.chain, place=first, last=last, detail=words)
        elif steady and shift < 0:  # all moved down; what was put in before them is told by itself
            words = f"{length} entries stand {-shift} further down than they were sealed"
            yield Fault("order", self.chain, place=rows[0][0], last=rows[0][0] + length - 1, detail=words)
        else:
            for here, there, fault in rows:
                words = f"at place {here} stands what was sealed as place {there}"
                yield Fault(**{**vars(fault), "detail": words})
            gone = sorted(now - then)
            if gone and length <= MOST:
                yield Fault("removed", self.chain, place=gone[0], last=gone[-1], detail="gone, with its seal")
