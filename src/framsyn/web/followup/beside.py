"""The daily run beside a site that is being served: one process of its own, so that a slow mail server slows no page."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from framsyn.web.followup.mailbox import is_configured

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["watching"]

COMMAND = "import sys; from framsyn.cli.followup import watch; watch(parent=int(sys.argv[1]))"
PATIENCE = 5  # seconds that it has to end


@contextmanager
def watching() -> Iterator[subprocess.Popen[bytes] | None]:
    """Let a process do the daily work until the end of the block; none where no mail server is set, or it is turned off.

    It ends by itself when this process is killed. Several sites with one database may each have one: a row that one of
    them holds lets one work and the others wait.
    """
    if not (settings.REMINDERS and is_configured()):
        yield None
        return
    # In a session of its own: Ctrl+C is for the server, which then ends this.
    running = subprocess.Popen([sys.executable, "-c", COMMAND, str(os.getpid())], start_new_session=True)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
