"""Ask a statistics service, through a cache on disk that also answers with the network off."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any
from urllib.parse import urljoin

from framsyn.errors import PlanError
from framsyn.sources.fetching.answers import Fetched, Status, read_json, read_text, shown
from framsyn.sources.fetching.transport import RATES, Mail, Rate, post_through

__all__ = ["Fetcher", "Progress", "cache_folder"]

Progress = Callable[[int, int, str], None]
CACHE_FILE = "http.sqlite"
MOST_PAGES = 1000
# A build that was broken off finds what it had; after that every answer is asked for again.
FRESH_FOR = 3600.0


def cache_folder() -> Path:
    """Return where answers are kept: ``$FRAMSYN_CACHE``, or the user's cache folder of this platform."""
    given = os.environ.get("FRAMSYN_CACHE")
    if given:
        return Path(given) / "http"
    import platformdirs

    return platformdirs.user_cache_path("framsyn", appauthor=False) / "http"


class Fetcher:
    """Answers of statistics services, each fetched once and asked for again when it is old.

    Parameters
    ----------
    cache : Path, optional
        Folder of the cache; :func:`cache_folder` if not given.
    offline : bool
        Answer from the cache alone, however old, and never touch the network.
    progress : callable, optional
        Called with ``(done, total, what)``.
    limits : Mapping of source to Rate, optional
        In place of those of :data:`~framsyn.sources.fetching.transport.RATES`.
    fresh_for : float [s]
        So long an answer is used unasked; 0 asks the service every time.

    Attributes
    ----------
    fetched : list of Fetched
        What was used, in order.

    Raises
    ------
    PlanError
        ``package-missing`` without the extra ``sources``, ``cache-unusable``
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        offline: bool = False,
        progress: Progress | None = None,
        limits: Mapping[str, Rate] | None = None,
        fresh_for: float = FRESH_FOR,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            import requests_cache
        except ImportError as error:
            message = "fetching statistics needs the extra sources: pip install 'framsyn[sources]'."
            raise PlanError("package-missing", message, package="requests-cache") from error
        self.folder = Path(cache) if cache is not None else cache_folder()
        self.offline = offline
        self.progress = progress
        self.fetched: list[Fetched] = []
        self._done = (0, 1)
        self._lock = RLock()
        self._mail = Mail({**RATES, **(limits or {})}, self.tell, clock, sleep)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._session = requests_cache.CachedSession(
                str(self.folder / CACHE_FILE),
                backend="sqlite",
                # Text, not pickle: a cache that a colleague hands over must not be able to run anything.
                serializer="json",
                # Zero would throw away answers without a validator, which the network-off build needs.
                expire_after=fresh_for or 0.001,
                always_revalidate=fresh_for == 0 and not offline,
                allowable_methods=("GET", "POST"),
                allowable_codes=(200,),
                stale_if_error=offline,
            )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        self._session.headers["User-Agent"] = (
            f"framsyn/{_version()} (open planning system; public statistics)"
        )
        # KLASS answers in XML to who does not ask for JSON (SSB, "Klass API guide", output formats).
        self._session.headers["Accept"] = "application/json, text/csv;q=0.9, */*;q=0.8"
        post_through(self._session, self._mail)

    def __enter__(self) -> Fetcher:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the cache."""
        self.close()

    def close(self) -> None:
        """Close connections and the cache."""
        self._session.close()

    def keep_to(self, source: str, *, calls: int, seconds: float) -> None:
        """Ask a source no more often than this from now on, as it has said itself."""
        self._mail.keep_to(source, calls, seconds)

    def tell(self, what: str, done: int | None = None, total: int | None = None) -> None:
        """Show what is being done; how far is as last told where it is not given."""
        if done is not None and total is not None:
            self._done = (done, total)
        if self.progress is not None:
            self.progress(*self._done, what)

    def get_json(self, url: str, params: Mapping[str, Any] | None = None, *, source: str) -> Any:
        """Return the JSON at an address.

        Parameters
        ----------
        url : str
        params : Mapping of str to str or list of str, optional
        source : str
            Short name of the service, such as ``"ssb"``.

        Raises
        ------
        PlanError
            ``source-unreachable``, ``source-busy``, ``source-refused``, ``source-not-found``, ``source-changed`` (no JSON),
            ``source-too-large``, ``not-in-cache``
        """
        return self._read(
            lambda content: read_json(content, f"{source}: {url}"), "GET", url, params, None, source
        )

    def post_json(self, url: str, body: Any, *, source: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON with which a service answers a JSON body; errors as of :meth:`get_json`."""
        return self._read(
            lambda content: read_json(content, f"{source}: {url}"), "POST", url, params, body, source
        )

    def get_text(
        self, url: str, params: Mapping[str, Any] | None = None, *, source: str, encoding: str | None = None
    ) -> str:
        """Return the text at an address, in UTF-8 if no encoding is named; errors as of :meth:`get_json`."""
        return self._read(
            lambda content: read_text(content, f"{source}: {url}", encoding), "GET", url, params, None, source
        )

    def get_bytes(self, url: str, params: Mapping[str, Any] | None = None, *, source: str) -> bytes:
        """Return the bytes at an address; errors as of :meth:`get_json`."""
        return self._read(lambda content: content, "GET", url, params, None, source)

    def get_pages(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        *,
        source: str,
        following: Callable[[Any], str | None],
    ) -> Iterator[Any]:
        """Return the JSON at an address and at those that follow it.

        Parameters
        ----------
        url : str
        params : Mapping, optional
            Of the first page; the address of a following page holds its own.
        source : str
        following : callable
            Given a page, returns the address of the next or None.

        Yields
        ------
        Any
            One page after the other.

        Raises
        ------
        PlanError
            As of :meth:`get_json`; ``source-changed`` if the pages lead in a circle or do not end.
        """
        seen: set[str] = set()
        asked: str | None = url
        while asked is not None:
            if asked in seen or len(seen) >= MOST_PAGES:
                message = f"{source}: the pages of {url} do not end (again at {asked}). The service has changed its paging."
                raise PlanError("source-changed", message, source=source, url=url, at=asked)
            seen.add(asked)
            page = self.get_json(asked, params if asked == url else None, source=source)
            yield page
            found = following(page)
            asked = urljoin(asked, found) if found else None

    def _read(
        self,
        read: Callable[[bytes], Any],
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        body: Any,
        source: str,
    ) -> Any:
        import requests

        with self._lock:
            self._mail.source = source
            try:
                response = self._session.request(
                    method,
                    url,
                    params=params,
                    json=body,
                    only_if_cached=self.offline,
                    # A POST is not idempotent by its name; these are queries, and an answer by another method is none.
                    allow_redirects=method == "GET",
                )
            except sqlite3.Error as error:
                raise self._unusable(error) from error
            except requests.exceptions.RequestException as error:
                # What the transport does not see: an address that is none, or one that leads in a circle.
                message = f"{source}: {url} cannot be asked ({error}). Look at the address of the service."
                raise PlanError(
                    "source-unreachable", message, source=source, url=url, problem=str(error)
                ) from error
            _known_or_raise(response, source, url, self.offline)
            content: bytes = response.content or b""
            try:
                answer = read(content)
            except PlanError:
                # A page of maintenance must not be what the next run finds.
                self._session.cache.delete(response.cache_key)
                raise
            self.fetched.append(_record(response, source, content))
            return answer

    def _unusable(self, error: Exception) -> PlanError:
        message = (
            f"the cache {self.folder / CACHE_FILE} cannot be used ({error}). Delete that file, or name another folder in "
            "FRAMSYN_CACHE."
        )
        return PlanError("cache-unusable", message, file=str(self.folder / CACHE_FILE), problem=str(error))


def _version() -> str:
    try:
        return metadata.version("framsyn")
    except metadata.PackageNotFoundError:  # run from its source folder
        return "0"


def _record(response: Any, source: str, content: bytes) -> Fetched:
    status: Status = "network"
    at = datetime.now(UTC)
    if getattr(response, "from_cache", False):
        status = "revalidated" if getattr(response, "revalidated", False) else "cache"
        if status == "cache":
            created = response.created_at
            at = created if created.tzinfo else created.replace(tzinfo=UTC)
    return Fetched(source, str(response.url), at, status, hashlib.sha256(content).hexdigest())


def _known_or_raise(response: Any, source: str, url: str, offline: bool) -> None:
    status = response.status_code
    if status == 200:
        return
    if offline and status == 504:
        message = f"{source}: {url} is not in the cache, and the network is off. Run the same once without --offline."
        raise PlanError("not-in-cache", message, source=source, url=url)
    said = shown((response.content or b"")[:1200].decode("utf-8", errors="replace"), 300)
    told = f' It said: "{said}".' if said else ""
    if status in (404, 410):
        message = f"{source}: nothing is at {url} (status {status}).{told} The table or service may have moved or closed."
        raise PlanError("source-not-found", message, source=source, url=url, status=status, said=said)
    message = f"{source}: {url} refused the call (status {status}).{told}"
    raise PlanError("source-refused", message, source=source, url=url, status=status, said=said)
