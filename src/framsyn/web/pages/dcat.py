"""Every table that the site gives out, as the catalogue tells it: the region's own, and what people put in here."""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.db.models import Max, Min
from django.urls import reverse

from framsyn.report.catalogue import Agent, Catalogue, Contact, DataSet, Distribution
from framsyn.report.words import read_words
from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.readings import shown
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.outlooks.queries import main_run, region_of
from framsyn.web.pages.catalogue import REGION_NAME, data_sets
from framsyn.web.templatetags.files import downloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from framsyn.web.pages import catalogue

__all__ = ["site_catalogue"]

_THEMES = {
    **dict.fromkeys(
        (
            "population",
            "population_history",
            "population_trust_history",
            "life_tables",
            "fertility_pattern",
            "fertility_total",
            "fertility_area",
            "migration",
            "migration_area",
            "migration_national",
            "migration_variation",
            "controls",
            "past_projections",
        ),
        ("SOCI", "HEAL"),
    ),
    "income": ("ECON", "HEAL"),
    "areas": ("REGI", "HEAL"),
    "borders": ("REGI",),
    "staff": ("HEAL", "ECON"),
}
_NATIONAL = frozenset({"life_tables", "fertility_pattern", "fertility_total", "migration_national"})
_FREQUENCIES = {"year": "ANNUAL", "tertial": "ANNUAL_3", "quarter": "QUARTERLY", "month": "MONTHLY"}
_ADDRESSES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
}
_FORMS = ("csv", "xlsx", "stat.json", "json", "geojson")


def site_catalogue(address: str, *, with_site: bool = True) -> Catalogue:
    """Return the catalogue of a site; eight queries, none without what the site holds.

    Parameters
    ----------
    address : str
        Of the site, with a slash at the end.
    with_site : bool
        Whether what the database holds is in it: indicators, goals, measures, the outlook.
    """
    where = dict(region_of(REGION_NAME).label)
    publisher = (
        _publisher(address) if with_site else Agent(where, address=urljoin(address, reverse("licence")))
    )
    found = [_table(address, one, where) for one in data_sets()]
    if with_site:
        found += [*_lists(address, where), *_indicators(address, where)]
    return Catalogue(
        address=urljoin(address, f"{reverse('catalogue_file')}#catalogue"),
        title={code: _say("title", code, region=where[code]) for code in LANGUAGES},
        description=_texts("text"),
        publisher=publisher,
        contact=Contact(_texts("contact"), page=urljoin(address, reverse("report-error"))),
        data_sets=tuple(found),
        page=urljoin(address, reverse("data")),
        place=where,
    )


def _say(key: str, language: str, **fields: str) -> str:
    return read_words()[f"catalogue.{key}"][language].format(**fields)


def _texts(key: str, **fields: str) -> dict[str, str]:
    return {code: _say(key, code, **fields) for code in LANGUAGES}


def _publisher(address: str) -> Agent:
    """Return the health authority that the site is of, or the first organisation that it knows."""
    kinds = Organisation.objects.order_by("position", "id")
    one = kinds.filter(kind=Organisation.Kind.HEALTH_AUTHORITY).first() or kinds.first()
    own = urljoin(address, reverse("licence"))
    if one is None:
        return Agent(dict(region_of(REGION_NAME).label), address=own)
    return Agent(dict(one.name), one.org_number, f"{own}#{one.pk}")


# ---------------------------------------------------------------- the region's tables
def _table(address: str, one: catalogue.DataSet, where: Mapping[str, str]) -> DataSet:
    licence, rights = _licence(one.licences)
    stem = urljoin(address, one.address).removesuffix(one.path.suffix)
    sources = "; ".join(str(source.title.said_in("en")[0]) for source in one.sources)
    years = any(field["name"] == "year" for field in one.fields)
    return DataSet(
        address=urljoin(address, f"{reverse('data')}#{one.name}"),
        title=dict(one.title),
        description=dict(one.description),
        distributions=tuple(
            Distribution(f"{stem}.{form}", form, licence, rights) for form in one.forms if form in _FORMS
        ),
        page=urljoin(address, f"{reverse('data')}#{one.name}"),
        themes=_THEMES.get(one.name, ("HEAL",)),
        frequency="ANNUAL" if years else "IRREG",
        start=_first_year(one) if years else "",
        end=one.data_through,
        place={} if one.name in _NATIONAL else where,
        provenance={
            code: _say(
                "from", code, sources="; ".join(source.title.said_in(code)[0] for source in one.sources)
            )
            for code in LANGUAGES
        }
        if sources
        else _texts("own"),
        sources=tuple(source.address for source in one.sources if source.address),
    )


def _licence(licences: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, str]]:
    """Return the address of the licence where one holds for all; else what holds, in words."""
    stated = [(title, path) for title, path in licences if path]
    if len(licences) == 1 and stated:
        return stated[0][1], {}
    if not stated:
        return "", _texts("unstated")
    return "", _texts("several", licences="; ".join(title for title, _path in licences))


def _first_year(one: catalogue.DataSet) -> str:
    return _first_year_of(str(one.path), one.path.stat().st_mtime_ns)


@cache
def _first_year_of(path: str, _changed: int) -> str:
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123 - the name is the key of the cache
        years = [int(row["year"]) for row in csv.DictReader(file) if row["year"].isdigit()]
    return f"{min(years)}-01-01" if years else ""


# ---------------------------------------------------------------- what the site holds
def _files(address: str, csv_path: str, licence: str, rights: Mapping[str, str]) -> tuple[Distribution, ...]:
    found = []
    for _word, path in downloads(csv_path)["files"]:
        form = path.rpartition("/")[2].partition(".")[2]
        found.append(Distribution(urljoin(address, path), form, licence, rights))
    return tuple(found)


def _lists(address: str, where: Mapping[str, str]) -> Iterator[DataSet]:
    run = main_run()
    routes = [
        ("indicators", reverse("indicators_csv"), reverse("indicators"), "CONT"),
        ("goals", reverse("goals_csv"), reverse("goals"), "CONT"),
        ("measures", reverse("measures-file"), reverse("measures"), "CONT"),
    ]
    if run is not None:
        routes.append(("outlook", reverse("series_file", args=[run.id]), reverse("outlook"), "IRREG"))
    for name, csv_path, page, frequency in routes:
        outlook = name == "outlook"
        yield DataSet(
            address=urljoin(address, f"{page}#data-set"),
            title=_texts(name),
            description=_texts(f"{name}_text"),
            distributions=_files(
                address,
                csv_path,
                _ADDRESSES["Apache-2.0"] if outlook else "",
                {} if outlook else _texts("own"),
            ),
            page=urljoin(address, page),
            themes=("HEAL",) if outlook else ("HEAL", "GOVE"),
            frequency=frequency,
            place=where,
            provenance=_texts("own"),
        )


def _indicators(address: str, where: Mapping[str, str]) -> Iterator[DataSet]:
    """Yield the indicators that have a figure which may be shown."""
    spans = {
        name: (first, last)
        for name, first, last in shown(Observation.objects.all())
        .order_by()
        .values("indicator")
        .annotate(first=Min("period_start"), last=Max("data_through"))
        .values_list("indicator", "first", "last")
    }
    for one in Indicator.objects.filter(pk__in=list(spans)).select_related("responsible"):
        first, last = spans[one.pk]
        licence = _ADDRESSES.get(one.licence, "")
        source = Text(one.source)
        page = reverse("indicator", args=[one.pk])
        owner = one.responsible
        yield DataSet(
            address=urljoin(address, f"{page}#data-set"),
            title=dict(one.name),
            description=dict(one.definition),
            distributions=_files(
                address,
                reverse("indicator_csv", args=[one.pk]),
                licence,
                {} if licence else {"nb": one.licence} if one.licence else _texts("unstated"),
            ),
            page=urljoin(address, page),
            frequency=_FREQUENCIES.get(one.frequency, "UNKNOWN"),
            start=first.isoformat(),
            end=last.isoformat(),
            place=where,
            provenance={code: _say("from", code, sources=source.said_in(code)[0]) for code in LANGUAGES},
            publisher=Agent(
                dict(owner.name), owner.org_number, urljoin(address, f"{reverse('licence')}#{owner.pk}")
            ),
        )
