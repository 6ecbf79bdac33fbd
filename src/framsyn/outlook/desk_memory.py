"""What a desk remembers: values by the hash of what they were made of, the least used forgotten first.

A value's token names its maker and everything that went into it, so a value that is found is never out of date, and one
that was forgotten is made again.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Memory", "Ref", "join_tokens", "token_of"]


def token_of(*parts: Any) -> bytes:
    """Return a short name for what a value is made of: equal parts, equal token.

    >>> token_of("beds", b"x") == token_of("beds", b"x"), token_of("beds", b"x") == token_of("beds", b"y")
    (True, False)
    """
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


def join_tokens(tokens: Iterable[bytes]) -> bytes:
    """Return one token for several in their order.

    >>> len(join_tokens([b"a", b"b"])), join_tokens([b"a"]) == join_tokens([b"a", b""])
    (16, False)
    """
    return hashlib.blake2b(b"\0".join(tokens) + b"\0", digest_size=16).digest()


class Ref(NamedTuple):
    """A value that is made when it is asked for.

    Attributes
    ----------
    token : bytes
    value : callable
        Returns the value, from memory or made anew.
    """

    token: bytes
    value: Callable[[], Any]


class Memory:
    """Values by token, up to a number of bytes.

    Parameters
    ----------
    limit : float
        Bytes.

    Examples
    --------
    >>> memory = Memory(20)
    >>> for name in (b"a", b"b", b"c"):
    ...     memory.put(name, np.zeros(1))
    >>> memory.get(b"a") is None, memory.get(b"c"), memory.size
    (True, array([0.]), 16)
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.size = 0
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, token: Hashable) -> Any:
        """Return a value, or None."""
        with self._lock:
            value = self._held.get(token)
            if value is not None:
                self._held.move_to_end(token)
            return value

    def put(self, token: Hashable, value: Any, briefly: bool = False) -> None:
        """Hold a value, and forget the least used until all that is held fits.

        Parameters
        ----------
        token : hashable
        value : object
        briefly : bool
            Forget it before all others.
        """
        with self._lock:
            if token in self._held:
                return
            self._held[token] = value
            if briefly:
                self._held.move_to_end(token, last=False)
            self.size += size_of(value)
            self._forget(0)

    def make_room(self, size: float) -> None:
        """Forget the least used before something large is made, so that old and new are not there at once.

        Parameters
        ----------
        size : float
            Bytes that will be held.
        """
        with self._lock:
            self._forget(size)

    def _forget(self, more: float) -> None:
        while self.size + more > self.limit and len(self._held) > 1:
            self.size -= size_of(self._held.popitem(last=False)[1])


def size_of(value: Any) -> int:
    """Bytes of the arrays in a value."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return sum(map(size_of, value)) if isinstance(value, list | tuple) else 0
