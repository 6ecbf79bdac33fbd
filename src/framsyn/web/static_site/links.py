"""Where an address of the site lies in the folder, and how one file names another."""

from __future__ import annotations

from posixpath import dirname, relpath
from urllib.parse import parse_qsl, urlencode, urlsplit

__all__ = ["Links", "key_of", "relative"]

# What an address may ask for that the folder has a page of its own for; all else says how a page is looked at.
_TELLING = ("place", "service")
_USUAL = {("place", "region")}


def key_of(address: str) -> str:
    """Return what an address is known by: its path, and what it asks for beyond the usual.

    >>> key_of("/outlook/?service=SOM&place=hmr&year=2040"), key_of("/outlook/?place=region"), key_of("/?lang=nn")
    ('/outlook/?place=hmr&service=SOM', '/outlook/', '/')
    """
    parts = urlsplit(address)
    usual = _USUAL if parts.path.endswith("/") else ()  # a file of one place is not the file of all
    asked = sorted(pair for pair in parse_qsl(parts.query) if pair[0] in _TELLING and pair not in usual)
    return f"{parts.path}?{urlencode(asked)}" if asked else parts.path


def relative(file: str, seen_from: str) -> str:
    """Return the address of a file as another one names it.

    >>> relative("assets/framsyn.css", "nb/stories/index.html"), relative("nb/index.html", "nb/words.html")
    ('../../assets/framsyn.css', 'index.html')
    """
    return relpath(file, dirname(seen_from) or ".")


class Links:
    """Which file stands for which address, in one language.

    Parameters
    ----------
    files : dict
        Address → file in the folder.
    """

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {key_of(address): file for address, file in files.items()}

    def with_more(self, files: dict[str, str]) -> Links:
        """Return these and more."""
        return Links({**self.files, **files})

    def find(self, address: str, seen_from: str) -> str | None:
        """Return how a file names what lies at an address; None where the folder has nothing of it.

        >>> Links({"/stories/": "nb/stories/index.html"}).find("/stories/#top", "nb/index.html")
        'stories/index.html#top'
        """
        parts = urlsplit(address)
        if not address or address.startswith("#"):
            return address or None
        if parts.scheme or parts.netloc:
            return None
        file = self.files.get(key_of(address)) if parts.path else seen_from
        if file is None:
            return None
        return relative(file, seen_from) + (f"#{parts.fragment}" if parts.fragment else "")
