"""The one error that a user of Framsyn meets, and the way it is worded.

Every refusal says what, where, got, expected and the way out in one message, and carries the same facts as data,
so that a web page or a script can show them in its own way.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PlanError"]


class PlanError(ValueError):
    """Input that cannot be used, told so that the reader can mend it.

    Parameters
    ----------
    code : str
        Short, stable name of the fault in kebab case, such as ``"unknown-area"``.
    message : str
        One or two sentences: what, where, got, expected, what to do.
    **data : Any
        The facts of the message by name (``file``, ``row``, ``got``, ``expected`` …).

    Examples
    --------
    >>> error = PlanError("share-out-of-range", "plan.toml: share 1.3; a share lies in 0–1. Write 0.3 for 30 %.", got=1.3)
    >>> error.code, error.data["got"]
    ('share-out-of-range', 1.3)
    >>> str(error)
    'plan.toml: share 1.3; a share lies in 0–1. Write 0.3 for 30 %.'
    """

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process borders when a run uses worker processes.
        return (_rebuild, (self.code, self.message, self.data))


def _rebuild(code: str, message: str, data: dict[str, Any]) -> PlanError:
    return PlanError(code, message, **data)
