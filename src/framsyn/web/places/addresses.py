"""Where the page of a place is, for maps and lists that link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["place_address", "place_addresses"]


def place_address(code: str) -> str:
    """Return the address of a place's page; a code as :mod:`framsyn.region.places` gives it."""
    return reverse("place", args=[code])


def place_addresses(codes: Iterable[str]) -> dict[str, str]:
    """Return code → address, as maps take it for their links."""
    return {code: place_address(code) for code in codes}
