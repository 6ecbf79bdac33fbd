"""The sealer of a process: a thread that waits for commits, collects them for a moment and seals them.

A writer only tells it that there is something (``wake``), which costs nothing. Of several processes one seals at a time;
the others try again shortly after, so that nothing stays without a seal for long. What a process leaves behind when it is
killed is sealed by the next one, by the start of a site, or by ``framsyn audit seal``.
"""

from __future__ import annotations

import atexit
import logging
import os
import time
from threading import Event, Lock, Thread

from django.conf import settings
from django.db import DatabaseError, connections

__all__ = ["SEALER", "Sealer", "wake"]

log = logging.getLogger("framsyn.web.audit")
PAUSE = 0.5  # seconds in which commits are collected
LONGEST = 60.0  # seconds between two tries when the database cannot be reached


class Sealer:
    """Seals in a thread of its own, in whatever process it finds itself."""

    def __init__(self) -> None:
        self.wanted = Event()
        self.lock = Lock()
        self.process = 0

    def wake(self) -> None:
        """Tell that something was committed; the thread is started the first time, and anew after a fork."""
        if not settings.AUDIT_SEALING:
            return
        if self.process != os.getpid():
            with self.lock:
                if self.process != os.getpid():
                    self.process = os.getpid()
                    self.wanted = Event()
                    Thread(target=self.run, name="sealer", daemon=True).start()
                    atexit.register(self.finish)
        self.wanted.set()

    def run(self) -> None:
        """Seal whenever there is something, as long as the process lives."""
        wait = PAUSE
        while True:
            self.wanted.wait()
            time.sleep(wait)
            self.wanted.clear()
            wait = PAUSE
            try:
                if self.once():
                    self.wanted.set()
            except (DatabaseError, OSError) as error:
                log.warning("audit entries wait for their seals: %s", str(error).strip())
                wait = min(wait * 4, LONGEST)
                self.wanted.set()
            finally:
                connections.close_all()

    def once(self) -> bool:
        """Seal what waits; whether another sealer was at it, and one should look again."""
        from framsyn.web.audit.sealing import seal

        return seal().busy

    def finish(self) -> None:
        """Seal what this process has written before it ends."""
        if self.process != os.getpid() or not self.wanted.is_set():
            return
        self.wanted.clear()
        try:
            self.once()
        except (DatabaseError, OSError):
            log.info("audit entries are left for the next sealing")


SEALER = Sealer()


def wake() -> None:
    """Tell this process's sealer that something was committed."""
    SEALER.wake()
