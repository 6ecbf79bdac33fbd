"""One call over the network: in its turn, again when the service is busy, whole or not at all.

The cache sits above this module: what it answers costs no turn.
"""

from __future__ import annotations

import random
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

__all__ = ["RATES", "Mail", "Rate", "Turns", "post_through"]

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rate:
    """How often and how long one service is asked.

    Attributes
    ----------
    calls : int
        Calls within ``seconds``.
    seconds : float [s]
    attempts : int
        Times that one call is tried in all.
    first_wait : float [s]
        Before the second attempt; doubled for each that follows, with up to a quarter added by chance.
    longest_wait : float [s]
        A service that asks for a longer pause is not waited for.
    bytes : int
        The largest answer, unpacked.
    timeout : float [s]
        Silence before a call is given up.
    """

    calls: int = 60
    seconds: float = 60.0
    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 120.0
    bytes: int = 200 * MEBIBYTE
    timeout: float = 60.0


# SSB: 30 calls a minute and address (SSB, "PxWebApi v2", the answer of /config: maxCallsPerTimeWindow 30, timeWindow 60).
# The others publish no limit; theirs are ours, so as not to be a burden.
RATES: Mapping[str, Rate] = {
    "ssb": Rate(calls=30, seconds=60.0),
    "klass": Rate(calls=60, seconds=60.0),
    "fhi": Rate(calls=60, seconds=60.0),
    "hdir": Rate(calls=60, seconds=60.0),
    "kartverket": Rate(calls=60, seconds=60.0),
}

# Asked again: the service is busy or in trouble. Everything else is an answer.
BUSY = (429, 500, 502, 503, 504)
POLICY = re.compile(r"(\d{1,6});\s*w=(\d{1,6})s?", re.ASCII)


class Turns:
    """Turns of one service: never more than so many calls in any stretch of so many seconds.

    Parameters
    ----------
    rate : Rate
    clock, sleep : callables, optional
        For a test that does not want to wait.

    >>> now = [0.0]
    >>> turns = Turns(Rate(calls=2, seconds=60), clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    >>> [(turns.take(), now[0])[1] for _ in range(5)]
    [0.0, 0.0, 60.0, 60.0, 120.0]
    """

    def __init__(
        self,
        rate: Rate,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._taken: deque[float] = deque()

    def keep_to(self, rate: Rate) -> None:
        """Count by another rate; the turns that were taken still count."""
        self._rate = rate

    def due(self) -> float:
        """Return how long the next call has to wait [s]."""
        if len(self._taken) < self._rate.calls:
            return 0.0
        return max(0.0, self._taken[-self._rate.calls] + self._rate.seconds - self._clock())

    def take(self) -> None:
        """Wait for the next turn and take it."""
        wait = self.due()
        if wait > 0:
            self._sleep(wait)
        self._taken.append(self._clock())
        while len(self._taken) > self._rate.calls:
            self._taken.popleft()


class Mail:
    """Sends one call after the other for one source at a time.

    Parameters
    ----------
    rates : Mapping of source to Rate
    tell : callable
        Told what is waited for.
    clock, sleep : callables, optional
    """

    def __init__(
        self,
        rates: Mapping[str, Rate],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rates = dict(rates)
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._turns: dict[str, Turns] = {}
        self._away: set[str] = set()
        self.source = ""

    def keep_to(self, source: str, calls: int, seconds: float) -> None:
        """Take the rate that a source has told."""
        rate = replace(self._rates.get(source, Rate()), calls=calls, seconds=seconds)
        self._rates[source] = rate
        if source in self._turns:
            self._turns[source].keep_to(rate)

    def deliver(self, request: PreparedRequest, send: Callable[[float], Response]) -> Response:
        """Send a call until it is answered whole, or say why it cannot be.

        Parameters
        ----------
        request : PreparedRequest
        send : callable
            Given the time limit [s]; sends the call and returns the answer with its body unread.

        Returns
        -------
        Response
            With its whole body; status 200, 304 or an answer that trying again would not change.

        Raises
        ------
        PlanError
            ``source-busy``, ``source-unreachable``, ``source-too-large``
        """
        import requests
        import urllib3

        rate = self._rates.get(self.source, Rate())
        turns = self._turns.setdefault(self.source, Turns(rate, self._clock, self._sleep))
        host = urlsplit(request.url or "").netloc
        attempts = 1 if host in self._away else rate.attempts
        attempt = 0
        while True:
            self._await_turn(turns)
            wait: float | None = rate.first_wait * 2**attempt * random.uniform(1.0, 1.25)
            attempt += 1
            try:
                response = send(rate.timeout)
                self._away.discard(host)
                rate = self._as_told(response, rate)
                if response.status_code not in BUSY:
                    return self._whole(request, response, rate)
                wait = _wait_before_next(response, rate, wait)
                why = f"answered {response.status_code}"
                failure = self._busy(request, response)
                response.close()
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                why = "cut the connection"
                failure = self._unreachable(request, error)
                failure.__cause__ = error
                if isinstance(error, ValueError):
                    raise failure from error  # the address is none; it will not be one later
                if _no_connection(error):
                    # Nobody answers at all: once more, and then no long wait for each table that is asked for.
                    why = "does not answer"
                    attempts = min(attempts, 2)
                    self._away.add(host)
            if attempt >= attempts or wait is None:
                raise failure
            self._tell(f"{self.source} {why}: asked again in {wait:.0f} s")
            self._sleep(wait)

    def _await_turn(self, turns: Turns) -> None:
        due = turns.due()
        if due > 1:
            self._tell(f"{self.source}: {due:.0f} s until the next call")
        turns.take()

    def _as_told(self, response: Response, rate: Rate) -> Rate:
        """Slow down to the rate that an answer names, such as ``x-ratelimit-policy: 40;w=60s``; never hurry by it."""
        told = POLICY.fullmatch(response.headers.get("x-ratelimit-policy", "").strip())
        if told is None or not int(told[1]) or not int(told[2]):
            return rate
        calls, seconds = int(told[1]), int(told[2])
        if calls * rate.seconds < rate.calls * seconds:
            self.keep_to(self.source, calls, seconds)
        return self._rates.get(self.source, rate)

    def _whole(self, request: PreparedRequest, response: Response, rate: Rate) -> Response:
        # Read here and not where the answer is used: a body that ends too early is a call that failed.
        parts: list[bytes] = []
        size = 0
        for part in response.raw.stream(64 * 1024, decode_content=True):
            size += len(part)
            if size > rate.bytes:
                response.close()
                message = (
                    f"{self.source}: the answer of {_address(request)} is larger than {rate.bytes // MEBIBYTE} MB. Ask "
                    "for fewer areas or years at a time."
                )
                raise PlanError(
                    "source-too-large", message, source=self.source, url=response.url, limit=rate.bytes
                )
            parts.append(part)
        response._content = b"".join(parts)
        response._content_consumed = True  # type: ignore[attr-defined]
        # One answer per address and body: which header it varies by does not matter here.
        response.headers.pop("Vary", None)
        return response

    def _busy(self, request: PreparedRequest, response: Response) -> PlanError:
        told = _retry_after(response)
        later = f"in {told:.0f} seconds" if told else "later"
        message = (
            f"{self.source}: {_address(request)} is busy (status {response.status_code}). What was fetched is kept; run the "
            f"same again {later}."
        )
        return PlanError(
            "source-busy",
            message,
            source=self.source,
            url=request.url,
            status=response.status_code,
            wait=told,
        )

    def _unreachable(self, request: PreparedRequest, error: Exception) -> PlanError:
        message = (
            f"{self.source}: {_address(request)} cannot be reached ({_plain(error)}). What was fetched is kept; look at the "
            "network and run the same again, or work from the cache with --offline."
        )
        return PlanError(
            "source-unreachable", message, source=self.source, url=request.url, problem=_plain(error)
        )


def _address(request: PreparedRequest) -> str:
    """Return an address without what was asked for, which may fill a page."""
    return (request.url or "").partition("?")[0]


def _no_connection(error: Exception) -> bool:
    """Whether a call never reached the service: no such name, refused, no answer, or a certificate that is not trusted."""
    from requests.exceptions import ConnectTimeout, ProxyError, SSLError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, (ConnectTimeout, ProxyError, SSLError)):
        return True
    inner = error.args[0] if error.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)


def _wait_before_next(response: Response, rate: Rate, usual: float | None) -> float | None:
    """Return how long to wait before a busy service is asked again [s], or None if it asks for too long."""
    told = _retry_after(response)
    if told is None:
        # Too many within the window, and not said for how long: the window passes.
        return rate.seconds if response.status_code == 429 else usual
    return told if told <= rate.longest_wait else None


def _retry_after(response: Response) -> float | None:
    """Read how long the service asks to be left alone [s]: seconds or a date, else nothing."""
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    header = response.headers.get("Retry-After")
    if header is None:
        return None
    try:
        return max(0.0, float(Retry().parse_retry_after(header)))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _plain(error: Exception) -> str:
    """Say the innermost reason of a failed call, without addresses of objects."""
    reason: Any = error
    for _ in range(6):
        inner = getattr(reason, "reason", None) or next(
            (part for part in getattr(reason, "args", ()) if isinstance(part, Exception)), None
        )
        if not isinstance(inner, Exception):
            break
        reason = inner
    text = str(reason).rsplit(">: ", 1)[-1]
    return text or type(reason).__name__


def post_through(session: Session, mail: Mail) -> None:
    """Let every call of a session go through the mail."""
    from requests.adapters import HTTPAdapter

    class Carrier(HTTPAdapter):
        def send(self, request: PreparedRequest, *args: Any, **settings: Any) -> Response:
            settings["stream"] = True

            def send(timeout: float) -> Response:
                settings["timeout"] = (min(10.0, timeout), timeout)
                return HTTPAdapter.send(self, request, *args, **settings)

            return mail.deliver(request, send)

    session.mount("https://", Carrier())
    session.mount("http://", Carrier())
