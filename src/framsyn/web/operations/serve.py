"""The web server: Granian, with one worker per processor."""

from __future__ import annotations

import errno
import os
import socket

from framsyn.errors import PlanError

__all__ = ["check_address", "serve"]

THREADS = 4  # requests that one process works on at once
BACKLOG = 512  # requests that may wait
PATIENCE = 5  # seconds that a worker has to finish what it is doing when the site is stopped


def check_address(host: str, port: int) -> None:
    """Raise a :class:`PlanError` when nobody can listen there, before long work begins.

    Parameters
    ----------
    host : str
    port : int
        1–65535.

    Raises
    ------
    PlanError
        ``bad-port``, ``port-taken``, ``bad-host``.
    """
    if not 1 <= port <= 65_535:
        message = f"port {port}: a port lies in 1–65535. Write --port 8000."
        raise PlanError("bad-port", message, got=port)
    try:
        family, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        message = (
            f"{host} is no address of this machine ({error}). Write --host 127.0.0.1, or 0.0.0.0 for all."
        )
        raise PlanError("bad-host", message, got=host) from error
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        if os.name != "nt":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
            trial.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                message = f"{host} is no address of this machine. Write --host 127.0.0.1, or 0.0.0.0 for all."
                raise PlanError("bad-host", message, got=host) from error
            message = (
                f"{host}:{port} cannot be listened on: {error.strerror or error}. Is the site already running there? "
                f"Choose another port: framsyn serve --port {port + 1 if port < 65_535 else 8000}"
            )
            raise PlanError("port-taken", message, got=port) from error


def serve(host: str, port: int, workers: int, threads: int = THREADS) -> None:
    """Answer requests until the process is told to stop (SIGINT, SIGTERM); SIGHUP starts the workers anew.

    Parameters
    ----------
    host, port
        Where to listen.
    workers : int
        Processes.
    threads : int
        Requests that one process works on at once.
    """
    from django.conf import settings
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from framsyn.web import wsgi  # noqa: F401
    from framsyn.web.followup.beside import watching

    # Where workers are forked from this process they share what it has imported; an open connection must not be shared.
    connections.close_all()
    with watching():
        Granian(
            "framsyn.web.wsgi:begin",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backlog=BACKLOG,
            websockets=False,
            log_level=LogLevels.warning,
            log_dictconfig={**settings.LOGGING, "loggers": {**settings.LOGGING["loggers"]}},
            respawn_failed_workers=True,
            workers_kill_timeout=PATIENCE,
        ).serve()
