"""Let a docstring's example stand without a heading, as the house style has it.

The house style ends a docstring with its doctest. The parser knows examples by the heading ``Examples``, and would take
bare ones for prose; so the heading is put in while the reference is built.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_HEADED = re.compile(r"^\s*Examples\s*\n\s*-{3,}\s*$", re.MULTILINE)
_FIRST = re.compile(r"^(?=>>> )", re.MULTILINE)


def with_heading(text: str) -> str:
    """Docstring whose first bare example has the heading that the parser looks for.

    >>> with_heading("Sum. >>> 1 + 1").splitlines()
    ['Sum. >>> 1 + 1']
    >>> with_heading(">>> 1 + 1").splitlines()
    ['Examples', '--------', '>>> 1 + 1']
    """
    if _HEADED.search(text):
        return text
    return _FIRST.sub("Examples\n--------\n", text, count=1)


class ExamplesHeading(griffe.Extension):
    """Called by griffe for every object that it has read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Mend the docstring in place, before it is parsed."""
        if obj.docstring is not None:
            obj.docstring.value = with_heading(obj.docstring.value)
