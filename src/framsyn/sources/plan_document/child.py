"""Reading a file in a process of its own, with limits on memory and time, so that a hostile file harms nothing."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from framsyn.errors import PlanError
from framsyn.sources.plan_document.draft import PlanDraft
from framsyn.sources.plan_document.sniffing import LIMITS, form_of

__all__ = ["main", "read_safely"]

_ANSWER = 64 * 2**20  # bytes of a draft, at most


def read_safely(
    path: Path | str,
    name: str = "",
    *,
    title: str = "",
    seconds: float | None = None,
    memory: int | None = None,
) -> PlanDraft:
    """Read a file into the draft of a plan, in a child process that is ended when it takes too long.

    Parameters
    ----------
    path : Path or str
    name : str
        The name that the user knows the file by.
    title : str
        Title of the plan; what the document says without it.
    seconds : float, optional
        Time that reading may take.
    memory : int, optional
        Bytes that the child may use, where the operating system has such a limit.

    Raises
    ------
    PlanError
        What :func:`~.reading.read_document` refuses; ``too-slow``, ``too-much-memory`` and ``reader-stopped``.
    """
    path = Path(path)
    name = name or path.name
    form_of(path, name)  # what needs no reading is refused at once
    seconds = LIMITS["seconds"] if seconds is None else seconds
    memory = LIMITS["memory"] if memory is None else memory
    task = {"path": str(path.resolve()), "name": name, "title": title, "seconds": seconds, "memory": memory}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    environment["PYTHONIOENCODING"] = "utf-8"
    process = subprocess.Popen(
        [sys.executable, "-c", "from framsyn.sources.plan_document.child import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        answer, _nothing = process.communicate(json.dumps(task).encode("utf-8"), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        message = (
            f"{name}: reading took more than {seconds:g} seconds and was stopped. Save the document without pictures, or "
            "give the part that holds the plan."
        )
        raise PlanError("too-slow", message, file=name, got=seconds, seconds=round(seconds)) from error
    finally:
        # Also when the caller is interrupted: nothing is left running.
        if process.poll() is None:
            process.kill()
            process.communicate()
    return _answer(answer, process.returncode, name)


def _answer(answer: bytes, code: int, name: str) -> PlanDraft:
    try:
        said = json.loads(answer) if len(answer) <= _ANSWER else {}
    except ValueError:
        said = {}
    if "draft" in said:
        return PlanDraft.model_validate(said["draft"])
    if "error" in said:
        error = said["error"]
        raise PlanError(error["code"], error["message"], **error["data"])
    message = (
        f"{name}: the reader stopped (exit {code}) before the end of the file. The file may be damaged or too heavy. "
        "Print it to PDF anew, or save it as text, and give that."
    )
    raise PlanError("reader-stopped", message, file=name, got=code)


def main() -> None:
    """Do what the parent asks on standard input, and answer on standard output."""
    task = json.loads(sys.stdin.buffer.read())
    _limit(task["memory"], task["seconds"])
    answer = _read(task)
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _read(task: dict[str, Any]) -> dict[str, Any]:
    from framsyn.sources.plan_document.reading import read_draft

    name = task["name"]
    try:
        draft = read_draft(Path(task["path"]), name, task["title"])
        return {"draft": draft.model_dump(mode="json")}
    except PlanError as error:
        return {"error": {"code": error.code, "message": error.message, "data": _plain(error.data)}}
    except MemoryError:
        limit = task["memory"] // 2**20
        message = f"{name}: reading it takes more memory than {limit} MB. Give the part that holds the plan."
        return {"error": {"code": "too-much-memory", "message": message, "data": {"file": name}}}
    except RecursionError:
        message = f"{name}: its parts lie too deep in each other. Print it to PDF anew, or save it as text."
        return {"error": {"code": "too-deep", "message": message, "data": {"file": name}}}


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    kinds = (str, int, float, bool, type(None))
    return {key: value if isinstance(value, kinds) else str(value) for key, value in data.items()}


def _limit(memory: int, seconds: float) -> None:
    """Set the limits of this process, where the system has them; Windows has none, and the parent's clock ends it."""
    try:
        import resource
    except ImportError:
        return
    for kind, amount in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 5),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        wanted = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (wanted, hard))
