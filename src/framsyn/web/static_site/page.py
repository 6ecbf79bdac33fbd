"""A page of the folder, before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Page"]


@dataclass(frozen=True)
class Page:
    """One page of the folder.

    Parameters
    ----------
    file : str
        Place in the folder.
    address : str
        What it stands for on the site.
    template : str
    context : callable
        Gives what the template shows; called while the page's language is on.
    """

    file: str
    address: str
    template: str
    context: Callable[[], dict[str, Any]]
    label: str = ""
