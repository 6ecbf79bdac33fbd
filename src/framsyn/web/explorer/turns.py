"""Who goes first: answers to a hand that is moving, before what may come a moment after.

The workers of a site share the processors, and the threads of a worker share one interpreter. What is not hurried therefore
stops at certain points while anybody on this machine waits for what is; it goes on when nobody does, or when it has waited
long enough. Workers tell each other by a lock on a file, which the system takes back from a worker that is gone.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows: each worker keeps to its own
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Courtesy", "Turns", "file_of"]

PATIENCE = 2.0  # seconds that one piece of work gives way in all
LOOK = 0.004  # seconds between two looks


def file_of(name: str) -> Path:
    """Return the file by which the workers of one site tell each other.

    Parameters
    ----------
    name : str
        What they have in common, such as the folder of the site.
    """
    digest = hashlib.sha256(f"{name} {os.getuid() if hasattr(os, 'getuid') else ''}".encode()).hexdigest()[
        :16
    ]
    return Path(tempfile.gettempdir()) / f"framsyn-turns-{digest}"


class Turns:
    """Knows whether anybody is in a hurry, in this process or in another one with the same file.

    Parameters
    ----------
    path : Path, optional
        Made if it is not there. Without it only this process counts.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.hurry():
    ...     turns.is_anybody()
    True
    >>> turns.is_anybody()
    False
    """

    def __init__(self, path: Path | None = None) -> None:
        self.hurried = 0
        self._lock = Lock()
        self._mine = self._others = -1
        if path is not None and fcntl is not None:
            # Two openings: a lock belongs to the opening, and what is looked for is the others'.
            self._mine, self._others = opened(path), opened(path)

    @contextmanager
    def hurry(self) -> Iterator[None]:
        """Be in a hurry until the end of the block."""
        with self._lock:
            self.hurried += 1
            if self.hurried == 1 and self._mine >= 0:
                fcntl.flock(self._mine, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with self._lock:
                self.hurried -= 1
                if not self.hurried and self._mine >= 0:
                    fcntl.flock(self._mine, fcntl.LOCK_UN)

    def is_anybody(self) -> bool:
        """Tell whether anybody is in a hurry."""
        if self.hurried:
            return True
        if self._others < 0:
            return False
        try:
            fcntl.flock(self._others, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.flock(self._others, fcntl.LOCK_UN)
        return False

    def courtesy(self, patience: float = PATIENCE) -> Courtesy:
        """Return what a piece of work that is not hurried calls at each point where it may stop."""
        return Courtesy(self, patience)


def opened(path: Path) -> int:
    """Open a file to lock; −1 where it cannot be, or is somebody else's: each worker then keeps to its own."""
    try:
        found = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return -1
    if os.fstat(found).st_uid == os.getuid():
        return found
    os.close(found)
    return -1


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
        began = time.monotonic()
        until = began + self.left
        while time.monotonic() < until and self.turns.is_anybody():
            time.sleep(LOOK)
        self.left -= time.monotonic() - began
