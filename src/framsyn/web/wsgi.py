"""The application that a web server runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from framsyn.heap import share_one_heap

share_one_heap()  # before NumPy begins threads of its own

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

SWITCH = (
    0.001  # seconds that a thread may keep the others waiting: somebody's hand is on a lever in one of them
)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "framsyn.web.settings")
application = get_wsgi_application()

from framsyn.web.accounts.sign_on.providers import check_settings  # noqa: E402 - it reads models, which are ready now

check_settings()  # a fault in what the environment says of logins is told now, and not to who logs in
get_resolver().url_patterns  # noqa: B018 - every view is imported now, and not while the first reader waits


def begin() -> WSGIHandler:
    """Return the application, and begin to open the explorer's desk beside it: what a worker of the server calls first."""
    from framsyn.web.explorer.room import open_beforehand

    sys.setswitchinterval(SWITCH)
    open_beforehand()
    return application
