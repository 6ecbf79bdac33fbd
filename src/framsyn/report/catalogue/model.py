"""What a catalogue says: the data sets, the files of each, who publishes them and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Agent", "Catalogue", "Contact", "DataSet", "Distribution"]


@dataclass(frozen=True)
class Agent:
    """Who publishes.

    Parameters
    ----------
    name : dict of str to str
        By language.
    number : str
        In the national register of organisations; empty where it has none.
    address : str
        Of its own here, where it has no number.
    """

    name: Mapping[str, str]
    number: str = ""
    address: str = ""


@dataclass(frozen=True)
class Contact:
    """Whom to ask: a page with a form, or a mail address."""

    name: Mapping[str, str]
    page: str = ""
    mail: str = ""


@dataclass(frozen=True)
class Distribution:
    """One file of a data set.

    Parameters
    ----------
    address : str
        Where it is fetched.
    form : {"csv", "xlsx", "json", "stat.json", "geojson"}
    licence : str
        Address of the licence; empty where there is none or more than one.
    rights : dict of str to str
        What holds in its place.
    """

    address: str
    form: str
    licence: str = ""
    rights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSet:
    """One table.

    Parameters
    ----------
    address : str
        Its permanent name.
    page : str
        Where people read of it.
    themes : tuple of str
        Codes of the EU's list, such as HEAL.
    frequency : str
        Code of the EU's list, such as ANNUAL.
    start, end : str
        First and last day with data, ISO; empty where unknown.
    place : dict of str to str
        Name of the region that it covers; empty for the whole country.
    provenance : dict of str to str
    sources : tuple of str
        Addresses that it was made from.
    """

    address: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    distributions: tuple[Distribution, ...]
    page: str = ""
    themes: tuple[str, ...] = ("HEAL",)
    frequency: str = "UNKNOWN"
    start: str = ""
    end: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    publisher: Agent | None = None


@dataclass(frozen=True)
class Catalogue:
    """All of it; a data set without a publisher of its own has the catalogue's."""

    address: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    publisher: Agent
    contact: Contact
    data_sets: tuple[DataSet, ...]
    page: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
