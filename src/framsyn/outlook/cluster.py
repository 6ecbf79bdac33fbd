"""Chunks of draws computed by the workers of a Dask cluster, with the same bytes as on one machine.

What the chunks share travels to each worker once; results are taken in the chunks' order, and only so many chunks are
under way as keep the workers busy. A worker that dies is no fault: its chunks are computed again by the others.
"""

from __future__ import annotations

import asyncio
import re
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from framsyn.errors import PlanError
from framsyn.outlook.cluster_worker import compute, differences, hold, make_job, told_difference, tools

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["PATIENCE", "Patience", "check_address", "map_on_cluster"]

Item = TypeVar("Item")
Result = TypeVar("Result")
ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):(\d{1,5})/?")
POLL = 0.5  # [s] between two looks at whether a chunk is done
LOOK = 2.0  # [s] between two looks at whether the cluster still stands
NAMED = 3  # workers that a message names


@dataclass(frozen=True)
class Patience:
    """How long to wait before it is an error.

    Attributes
    ----------
    answer : float [s]
        For the scheduler to answer, at the start and after it was lost.
    workers : float [s]
        For the first worker.
    gone : float [s]
        For another worker when the last one has died.
    """

    answer: float = 10.0
    workers: float = 30.0
    gone: float = 60.0


PATIENCE = Patience()


def check_address(address: str) -> str:
    """Return the address of a scheduler as it is used, or refuse it.

    >>> check_address("tcp://10.0.0.5:8786/")
    'tcp://10.0.0.5:8786'
    """
    found = ADDRESS.fullmatch(address.strip())
    if found is None or not 0 < int(found[3]) < 65536:
        message = (
            f'cluster is "{address}"; expected tcp://HOST:PORT or tls://HOST:PORT of a Dask scheduler. '
            "The scheduler prints it when it starts, such as tcp://10.0.0.5:8786."
        )
        raise PlanError("bad-cluster-address", message, got=address, expected="tcp://HOST:PORT")
    return f"{found[1]}://{found[2]}:{found[3]}"


def map_on_cluster(
    recipe: Callable[[], Callable[[Item], Result]],
    items: Sequence[Item],
    address: str,
    progress: Callable[[int, int], None] | None = None,
    consume: Callable[[Result], None] | None = None,
) -> list[Result]:
    """Apply a function to each chunk on a cluster and return the results in the chunks' order.

    Parameters
    ----------
    recipe : callable
        Gives the function of a chunk; it is sent to each worker once and called there once. Importable, as is what it
        gives and whatever it holds.
    items : sequence
        The chunks.
    address : str
        Of the scheduler, ``tcp://host:port`` or ``tls://host:port``. Keys and certificates are those of Dask's own
        configuration.
    progress : callable, optional
        Called with (done, total) after each chunk. An exception that it raises cancels the run.
    consume : callable, optional
        Takes each result in the chunks' order; it is then let go.

    Returns
    -------
    list
        Empty where results are consumed.

    Raises
    ------
    PlanError
        ``bad-cluster-address``, ``extra-missing``, ``cluster-unreachable``, ``cluster-without-workers``,
        ``workers-differ``, ``worker-failed``, ``workers-killed``, ``workers-gone`` or ``cluster-lost``; and whatever the
        function itself raises as a PlanError.
    """
    results: list[Result] = []
    take = consume or results.append
    report = progress or (lambda done, total: None)
    with connected(check_address(address), PATIENCE) as client:
        check_workers(client, address)
        for done, result in enumerate(gather(client, address, recipe, items, PATIENCE), start=1):
            take(result)
            report(done, len(items))
    return results


@contextmanager
def connected(address: str, patience: Patience) -> Iterator[Client]:
    """Open a connection to the scheduler; when it closes, the scheduler withdraws all that was asked and is not done."""
    try:
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ImportError as error:
        message = "running on a cluster needs the extra cluster: pip install 'framsyn[cluster]'."
        raise PlanError("extra-missing", message, expected="cluster") from error
    try:
        with ThreadPoolExecutor(1) as apart:  # a notebook has a loop of its own in this thread
            apart.submit(asyncio.run, knock(address, patience.answer)).result()
        with warnings.catch_warnings():
            # Told better, and as an error, by check_workers.
            warnings.simplefilter("ignore", VersionMismatchWarning)
            client = Client(address, timeout=patience.answer, set_as_default=False, name="framsyn")
    except OSError as error:
        message = (
            f"cluster {address}: no scheduler answers there within {patience.answer:g} s. Start one with "
            "`dask scheduler`, and look at address, port and firewall; a scheduler that was started with TLS needs "
            "tls:// in the address."
        )
        raise PlanError("cluster-unreachable", message, got=address) from error
    except (TypeError, ValueError, RuntimeError) as error:
        message = (
            f"cluster {address}: the connection cannot be made ({short(error)}). For tls:// Dask needs keys and "
            "certificates: set distributed.comm.tls in Dask's configuration."
        )
        raise PlanError("cluster-unreachable", message, got=address) from error
    try:
        yield client
    finally:
        # Also where the scheduler is gone: then there is nobody to tell.
        with suppress(Exception):
            client.close(timeout=patience.answer)


async def knock(address: str, limit: float) -> None:
    """See that somebody who speaks Dask's language answers: its client waits for ever for somebody who is silent.

    Raises
    ------
    OSError, TimeoutError
        Nobody, or nobody within the limit.
    """
    from distributed.comm import connect
    from distributed.security import Security

    comm = await asyncio.wait_for(connect(address, limit, **Security().get_connection_args("client")), limit)
    comm.abort()


def check_workers(client: Client, address: str, patience: Patience | None = None) -> None:
    """Refuse a cluster without workers, or with one that does not compute as this machine does.

    Raises
    ------
    PlanError
        ``cluster-without-workers``, ``workers-differ`` or ``cluster-lost``.
    """
    patience = patience or PATIENCE
    try:
        client.wait_for_workers(1, timeout=patience.workers)
    except TimeoutError as error:
        message = (
            f"cluster {address}: the scheduler answers, but has no workers after {patience.workers:g} s. "
            f"Start them: dask worker {address}"
        )
        raise PlanError("cluster-without-workers", message, got=0, expected=1) from error
    with lost_told(address):
        answers = client.run(tools, on_error="return")
    here = tools()
    wrong = []
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, dict):
            found = differences(here, answer)
            wrong += [told_difference(worker, found)] if found else []
        else:
            wrong.append(
                f"the worker {worker} cannot say what it computes with ({short(answer)}). Install the same version "
                "of Framsyn there, with what it needs, then start the worker again."
            )
    if wrong:
        more = f" And so on for {len(wrong) - NAMED} more workers." if len(wrong) > NAMED else ""
        message = f"cluster {address}: {' '.join(wrong[:NAMED])}{more}"
        raise PlanError("workers-differ", message, got=len(wrong), expected=0)


def gather(
    client: Client,
    address: str,
    recipe: Callable[[], Callable[[Item], Result]],
    items: Sequence[Item],
    patience: Patience,
) -> Iterator[Result]:
    """Yield the results in the chunks' order, with as many chunks under way as keep the workers busy."""
    job = make_job(recipe)
    shared = client.submit(hold, job, key=f"framsyn-job-{job.key}")
    todo = deque(enumerate(items))
    under_way: deque[Future] = deque()
    watch = Watch(client, address, patience)
    while todo or under_way:
        # Twice the threads: one chunk each to compute, one to wait for its turn or to be fetched.
        while todo and len(under_way) < max(2, 2 * watch.threads):
            number, item = todo.popleft()
            under_way.append(client.submit(compute, shared, item, key=f"framsyn-chunk-{job.key}-{number}"))
        yield result_of(client, under_way[0], watch, address)
        under_way.popleft()


class Watch:
    """Looks now and then whether a cluster still has workers, and how many threads they have.

    Parameters
    ----------
    client : Client
    address : str
    patience : Patience
    """

    def __init__(self, client: Client, address: str, patience: Patience) -> None:
        self._client = client
        self._address = address
        self._patience = patience
        self._looked = monotonic()
        self._seen = self._looked  # when there was a worker last
        self._heard = self._looked  # when the scheduler answered last
        with lost_told(address):
            self.threads = self._count()

    def look(self) -> None:
        """Look, unless that was just done, and refuse to wait for what will not come.

        Raises
        ------
        PlanError
            ``workers-gone`` or ``cluster-lost``.
        """
        now = monotonic()
        if now - self._looked < LOOK:
            return
        try:
            threads = self._count()
        except OSError as error:
            if monotonic() - self._heard > self._patience.answer:
                raise lost(self._address, error) from error
            return
        finally:
            self._looked = monotonic()
        self._heard = monotonic()
        if threads:
            self._seen, self.threads = self._heard, threads
        elif self._heard - self._seen > self._patience.gone:
            message = (
                f"cluster {self._address}: all workers are gone, and none has come for {self._patience.gone:g} s. Look at "
                "their logs (too little memory is the usual reason), start them again and repeat the run; nothing was "
                "written."
            )
            raise PlanError("workers-gone", message, got=0, expected=1)

    def _count(self) -> int:
        """Ask how many threads the workers have; OSError where nobody answers."""
        if self._client.status != "running":
            message = "the connection is closed"
            raise OSError(message)
        return sum(self._client.nthreads().values())


def result_of(client: Client, future: Future, watch: Watch, address: str) -> Any:
    """Wait for a chunk, fetch its result, and say what happened where it failed.

    Raises
    ------
    PlanError
        As :func:`map_on_cluster` tells them.
    """
    from distributed import KilledWorker

    # Fetched on the client's own loop and looked at from here, so that Ctrl-C is heard at once and a large result on a
    # slow network is not cut off by a limit meant for something else.
    fetched = asyncio.run_coroutine_threadsafe(fetch(client, future), client.loop.asyncio_loop)  # type: ignore[union-attr]
    try:
        while not wait_for([fetched], timeout=POLL).done:
            watch.look()
        return fetched.result()
    except PlanError:
        raise
    except KilledWorker as error:
        message = (
            f"cluster {address}: {error.allowed_failures + 1} workers died while they computed the same chunk. Too little "
            "memory is the usual reason: give the workers more, or fewer threads each (--nthreads)."
        )
        raise PlanError("workers-killed", message, got=error.allowed_failures + 1) from error
    except (CancelledError, OSError) as error:
        if isinstance(error, CancelledError) or client.status != "running":
            raise lost(address, error) from error
        raise failed(address, error) from error
    except Exception as error:
        raise failed(address, error) from error
    finally:
        fetched.cancel()


async def fetch(client: Client, future: Future) -> Any:
    """Wait for a future and return its result."""
    return await client.gather(future, asynchronous=True)


@contextmanager
def lost_told(address: str) -> Iterator[None]:
    """Turn a connection that breaks into the error that says so."""
    try:
        yield
    except OSError as error:
        raise lost(address, error) from error


def lost(address: str, error: BaseException) -> PlanError:
    """Say that the scheduler is gone."""
    message = (
        f"cluster {address}: the scheduler no longer answers ({short(error)}). Look at its log, start it and the workers "
        "again and repeat the run; nothing was written."
    )
    return PlanError("cluster-lost", message, got=address)


def failed(address: str, error: BaseException) -> PlanError:
    """Say that a chunk raised on a worker."""
    message = (
        f"cluster {address}: a worker could not compute a chunk ({short(error)}). The worker's log says more; "
        "the same run without a cluster tells whether the fault is in the run or on that machine."
    )
    return PlanError("worker-failed", message, got=type(error).__name__)


def short(error: object) -> str:
    r"""Say an error in one line.

    >>> short(ValueError("no such\nthing"))
    'ValueError: no such thing'
    """
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text[:200]}" if text else name
