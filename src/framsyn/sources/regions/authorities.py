"""The regional health authorities that a region can be built for, found by any usual spelling of their names."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from framsyn.errors import PlanError

__all__ = ["Authority", "Extra", "Trust", "authorities", "find_authority", "plain_name"]


@dataclass(frozen=True)
class Trust:
    """A health trust with a catchment.

    Attributes
    ----------
    key, org_number, name, short_name : str
    match : tuple of str
        Plain words by which the trust's area is known in the catchment classifications.
    hub : bool
        The university hospital that serves the residents of the other trusts too.
    sites : tuple of (key, name, kind, municipality)
    """

    key: str
    org_number: str
    name: str
    short_name: str
    match: tuple[str, ...]
    hub: bool
    sites: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Extra:
    """A municipality of another authority that a switch can count in."""

    area: str
    switch: str
    trust: str
    local: str


@dataclass(frozen=True)
class Authority:
    """A regional health authority as the sources know it.

    Attributes
    ----------
    key : str
        Such as ``helse-nord``.
    region : str
        Name of the region package that is built.
    klass : str
        Code of the health region in Statistics Norway's tables and classifications.
    own : str
        Folder of the authority's own hand-written tables; empty where there is none.
    """

    key: str
    region: str
    name: str
    klass: str
    label: dict[str, str]
    own: str
    spellings: tuple[str, ...]
    trusts: tuple[Trust, ...]
    extras: tuple[Extra, ...]
    outside: tuple[str, ...]
    waiting_faulty: tuple[int, int] | None

    @property
    def trust_of(self) -> dict[str, str]:
        """Key of a trust by its number in the register of legal entities."""
        return {trust.org_number: trust.key for trust in self.trusts}

    def trust_named(self, name: str) -> Trust | None:
        """The trust that an area of the catchment classifications belongs to, or None.

        >>> found = find_authority("helse-nord").trust_named("Helgelandssykehuset")
        >>> found.key if found else None
        'hel'
        """
        words = plain_name(name)
        for trust in self.trusts:
            if any(word in words for word in trust.match):
                return trust
        return None


def plain_name(text: str) -> str:
    """A name in plain small letters and single spaces, so that spellings can be compared.

    >>> plain_name("Helse Sør-Øst  RHF")
    'helse sor ost rhf'
    """
    small = text.casefold().replace("ø", "o").replace("æ", "ae")
    bare = "".join(part for part in unicodedata.normalize("NFKD", small) if not unicodedata.combining(part))
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


@cache
def authorities() -> dict[str, Authority]:
    """Every authority by its key.

    >>> list(authorities())
    ['helse-midt-norge', 'helse-nord', 'helse-vest', 'helse-sor-ost']
    """
    text = resources.files("framsyn.sources.regions").joinpath("authorities.toml").read_text(encoding="utf-8")
    return {key: _authority(key, said) for key, said in tomllib.loads(text).items()}


def find_authority(name: str) -> Authority:
    """The authority of that name, however it is spelt.

    Raises
    ------
    PlanError
        ``unknown-authority``.

    Examples
    --------
    >>> [find_authority(name).key for name in ("Helse Sør-Øst RHF", "NORD", "helse_midt_norge", "Helse Vest")]
    ['helse-sor-ost', 'helse-nord', 'helse-midt-norge', 'helse-vest']
    """
    wanted = _wanted(name)
    known: dict[str, Authority] = {}
    for authority in authorities().values():
        for spelling in (authority.key, authority.name, *authority.spellings):
            known[_wanted(spelling)] = authority
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=1, cutoff=0.7)
    hint = f"Did you mean {known[near[0]].key!r}?" if near else "Write one of these names."
    raise PlanError(
        "unknown-authority",
        f"no health authority {name!r}; expected one of {', '.join(authorities())}. {hint}",
        got=name,
        expected=list(authorities()),
    )


def _wanted(name: str) -> str:
    return re.sub(r"\b(rhf|hf)\b", "", plain_name(name)).replace(" ", "")


def _authority(key: str, said: dict[str, Any]) -> Authority:
    return Authority(
        key=key,
        region=said["region"],
        name=said["name"],
        klass=said["klass"],
        label=said["label"],
        own=said.get("own", ""),
        spellings=tuple(said["spellings"]),
        trusts=tuple(
            Trust(
                key=trust["key"],
                org_number=trust["org_number"],
                name=trust["name"],
                short_name=trust["short_name"],
                match=tuple(trust["match"]),
                hub=trust.get("hub", False),
                sites=tuple((site[0], site[1], site[2], site[3]) for site in trust.get("sites", [])),
            )
            for trust in said["trusts"]
        ),
        extras=tuple(Extra(**extra) for extra in said.get("extra", [])),
        outside=tuple(said.get("outside", [])),
        waiting_faulty=(said["waiting_faulty"][0], said["waiting_faulty"][1])
        if "waiting_faulty" in said
        else None,
    )
