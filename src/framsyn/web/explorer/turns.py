"""Who goes first: answers to a hand that is moving, before what may come a moment after.

One interpreter runs one thread at a time. What is not hurried therefore stops at certain points while anybody in the same
process waits for what is; it goes on when nobody does, or when it has waited long enough.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Turns"]

PATIENCE = 2.0  # seconds that one piece of work gives way in all


class Turns:
    """Counts who is in a hurry.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.hurry():
    ...     turns.hurried
    1
    >>> turns.hurried
    0
    """

    def __init__(self) -> None:
        self.hurried = 0
        self._changed = Condition()

    @contextmanager
    def hurry(self) -> Iterator[None]:
        """Be in a hurry until the end of the block."""
        with self._changed:
            self.hurried += 1
        try:
            yield
        finally:
            with self._changed:
                self.hurried -= 1
                self._changed.notify_all()

    def courtesy(self, patience: float = PATIENCE) -> Courtesy:
        """Return what a piece of work that is not hurried calls at each point where it may stop."""
        return Courtesy(self, patience)

    def wait(self, seconds: float) -> None:
        """Wait until nobody is in a hurry, so many seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self.hurried, seconds)


class Courtesy:
    """Gives way at each call, until its patience is spent.

    Parameters
    ----------
    turns : Turns
    patience : float [s]
    """

    def __init__(self, turns: Turns, patience: float) -> None:
        self.turns = turns
        self.left = patience

    def __call__(self) -> None:
        """Wait while anybody is in a hurry."""
        if self.left > 0 and self.turns.hurried:
            began = time.monotonic()
            self.turns.wait(self.left)
            self.left -= time.monotonic() - began
