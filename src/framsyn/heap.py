"""One heap for all threads of a process, for the command line and the server; nothing is changed for who imports Framsyn."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import lru_cache

__all__ = ["share_one_heap"]

# Numbers of the options in malloc.h: the most heaps, what is given back to the system at once, what is kept at a heap's end
# [bytes].
OPTIONS = {-8: 1, -3: 32 * 2**20, -1: 128 * 2**20}


@lru_cache(maxsize=1)
def share_one_heap() -> bool:
    """Let all threads take memory from one heap, so that what one chunk of draws frees serves the next.

    GNU's allocator gives each thread a heap of its own, and what is large back to the system at once. Every chunk then asks
    for the same pages anew, and a desk keeps a tenth more than it needs. To be called before threads are there, so before
    NumPy is imported. Where another allocator works, or the environment says how this one shall, nothing is done.

    Returns
    -------
    bool
        Whether it was done.
    """
    if sys.platform != "linux" or any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    return all([library.mallopt(option, value) == 1 for option, value in OPTIONS.items()])
