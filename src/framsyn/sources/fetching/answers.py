"""What came back: where it is from, and its bytes read as text or JSON without guessing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from framsyn.errors import PlanError

__all__ = ["Fetched", "read_json", "read_text", "shown"]

Status = Literal["network", "revalidated", "cache"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer that was used, for the record of where a region comes from.

    Attributes
    ----------
    source : str
        Short name of the service, such as ``"ssb"``.
    url : str
        The whole address, with what was asked for; of a POST without its body.
    at : datetime
        When the service gave the answer, or said now that it still holds (UTC).
    status : {"network", "revalidated", "cache"}
        Fetched now, fetched before and confirmed now, or taken from the cache unasked.
    digest : str
        SHA-256 of the bytes.
    """

    source: str
    url: str
    at: datetime
    status: Status
    digest: str


def read_text(content: bytes, where: str, encoding: str | None = None) -> str:
    r"""Read bytes as text in one encoding; a byte order mark is taken away.

    Parameters
    ----------
    content : bytes
    where : str
        Named in the error.
    encoding : str, optional
        UTF-8 if not given; nothing is guessed.

    Returns
    -------
    str

    Raises
    ------
    PlanError
        ``source-changed``: the bytes are not in that encoding.

    >>> read_text(b"\xef\xbb\xbfS\xc3\xb8r", "a test")
    'Sør'
    """
    wanted = "utf-8-sig" if encoding is None or encoding.lower() in ("utf-8", "utf8") else encoding
    try:
        return content.decode(wanted)
    except UnicodeDecodeError as error:
        named = encoding or "utf-8"
        message = (
            f"{where}: byte {error.start + 1} is not {named} text. The service has changed its encoding, or "
            "the answer is no text; open the address in a browser."
        )
        raise PlanError("source-changed", message, source=where, expected=named, at=error.start) from error


def read_json(content: bytes | str, where: str) -> Any:
    """Read JSON strictly: no key twice in an object, no NaN or infinity, nothing nested without end.

    Parameters
    ----------
    content : bytes or str
    where : str
        Named in the error.

    Returns
    -------
    Any

    Raises
    ------
    PlanError
        ``source-changed``: this is no such JSON.

    >>> read_json(b'{"a": [1, null]}', "a test")
    {'a': [1, None]}
    >>> read_json('{"a": 1, "a": 2}', "a test")
    Traceback (most recent call last):
    framsyn.errors.PlanError: a test: the answer is no whole JSON (the key "a" stands twice). ...
    """
    text = read_text(content, where) if isinstance(content, bytes) else content.removeprefix("\ufeff")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twin = next(key for key in found if names.count(key) > 1)
            problem = f'the key "{twin}" stands twice'
            raise ValueError(problem)
        return found

    def no_number(name: str) -> Any:
        problem = f"{name} is no number of JSON"
        raise ValueError(problem)

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        problem = f"{error.msg.removesuffix(' at')} at line {error.lineno}, column {error.colno}"
        raise _no_json(where, problem, text) from error
    except RecursionError as error:
        raise _no_json(where, "it is nested too deep", text) from error
    except ValueError as error:
        # Also an integer of thousands of digits, which Python refuses to read.
        raise _no_json(where, str(error), text) from error


def shown(text: str, length: int) -> str:
    r"""Return the beginning of foreign text on one line, without signs that a terminal would obey.

    >>> shown("<html>\n \x1b[2Jclosed", 40)
    '<html> [2Jclosed'
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:length]).split())


def _no_json(where: str, problem: str, text: str) -> PlanError:
    begins = shown(text, 80)
    message = (
        f'{where}: the answer is no whole JSON ({problem}). It begins "{begins}"; the service may be closed for maintenance '
        "or have moved. Try again later, or open the address in a browser."
    )
    return PlanError("source-changed", message, source=where, problem=problem, begins=begins)
