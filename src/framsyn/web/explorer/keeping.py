"""Things that are costly to make: made once for all who ask at the same time, and kept while there is room for them."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Keeper"]

Thing = TypeVar("Thing")


class Keeper(Generic[Thing]):
    """Keeps things by key; those that nobody has asked for longest go first.

    Parameters
    ----------
    room : int
        How much may be kept, in the unit that ``weigh`` gives.
    weigh : callable, optional
        What a thing takes; one each if left out.

    Examples
    --------
    >>> keeper = Keeper(2)
    >>> [keeper.get(key, lambda key=key: key.upper()) for key in "aba"], keeper.made
    (['A', 'B', 'A'], 2)
    >>> keeper.get("c", lambda: "C"), sorted(keeper.kept)
    ('C', ['a', 'c'])
    """

    def __init__(self, room: int, weigh: Callable[[Thing], int] = lambda _thing: 1) -> None:
        self.room = room
        self.weigh = weigh
        self.kept: OrderedDict[Hashable, Thing] = OrderedDict()
        self.making: dict[Hashable, Future[Thing]] = {}
        self.held = self.made = 0
        self.lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return the thing of a key; who asks first makes it, and who asks meanwhile waits and gets the same.

        An error is told to all of them, and not kept.
        """
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
            underway = self.making.get(key)
            if underway is None:
                ours: Future[Thing] = Future()
                self.making[key] = ours
        if underway is not None:
            return underway.result()
        try:
            thing = make()
        except BaseException as error:
            with self.lock:
                del self.making[key]
            ours.set_exception(error)
            raise
        with self.lock:
            del self.making[key]
            self.made += 1
            self._put(key, thing)
        ours.set_result(thing)
        return thing

    def find(self, key: Hashable) -> Thing | None:
        """Return the thing of a key if it is kept."""
        with self.lock:
            if key not in self.kept:
                return None
            self.kept.move_to_end(key)
            return self.kept[key]

    def put(self, key: Hashable, thing: Thing) -> None:
        """Keep a thing that was made elsewhere."""
        with self.lock:
            self._put(key, thing)

    def forget(self) -> None:
        """Let go of everything."""
        with self.lock:
            self.kept.clear()
            self.held = 0

    def _put(self, key: Hashable, thing: Thing) -> None:
        before = self.kept.pop(key, None)
        self.kept[key] = thing
        self.held += self.weigh(thing) - (0 if before is None else self.weigh(before))
        while self.held > self.room and len(self.kept) > 1:
            _, oldest = self.kept.popitem(last=False)
            self.held -= self.weigh(oldest)
