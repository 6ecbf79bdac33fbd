"""The catalogue of data: what DCAT-AP-NO says must be there is there, and the check sees when it is not."""

from __future__ import annotations

import copy
import csv
import json
from importlib import resources
from typing import Any

import pytest

from framsyn.report.catalogue import Agent, Catalogue, Contact, DataSet, Distribution, catalogue_document
from framsyn.report.catalogue.checking import check_catalogue
from framsyn.report.words import read_words

BASE = "https://plan.example/"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    beds = DataSet(
        address=f"{BASE}data/#beds",
        title={"nb": "Senger", "nn": "Senger", "en": "Beds"},
        description={"nb": "Disponible senger", "en": "Available beds"},
        distributions=(
            Distribution(f"{BASE}data/beds.csv", "csv", CC_BY),
            Distribution(f"{BASE}data/beds.stat.json", "stat.json", rights={"en": "Two licences"}),
        ),
        frequency="ANNUAL",
        start="2015-01-01",
        end="2025-12-31",
        provenance={"en": "Source: made up"},
    )
    return catalogue_document(
        Catalogue(
            address=f"{BASE}catalogue.jsonld#catalogue",
            title={"nb": "Data"},
            description={"nb": "Alle tabeller"},
            publisher=Agent({"nb": "Helse Eksempel"}, "999999999"),
            contact=Contact({"nb": "Meld fra"}, page=f"{BASE}report-error/"),
            data_sets=(beds,),
            page=f"{BASE}data/",
        )
    )


def of_type(document: dict[str, Any], kind: str) -> dict[str, Any]:
    nodes = list(document["@graph"])
    nodes += [one for node in document["@graph"] for one in node.get("dcat:distribution", ())]
    return next(node for node in nodes if node["@type"] == kind)


def test_a_whole_catalogue_passes(document: dict[str, Any]) -> None:
    assert check_catalogue(document) == []


MUST = [
    (
        "dcat:Catalog",
        ("dct:title", "dct:description", "dct:publisher", "dcat:contactPoint", "dct:identifier"),
    ),
    (
        "dcat:Dataset",
        (
            "dct:title",
            "dct:description",
            "dct:publisher",
            "dcat:contactPoint",
            "dcat:theme",
            "dct:identifier",
            "dct:accessRights",
            "dcat:distribution",
        ),
    ),
    ("dcat:Distribution", ("dcat:accessURL", "dct:format", "dct:description", "dct:license")),
    ("foaf:Agent", ("foaf:name", "dct:identifier")),
]


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in MUST for name in names])
def test_the_check_fails_when_something_that_must_be_there_is_taken_away(
    document: dict[str, Any], kind: str, name: str
) -> None:
    less = copy.deepcopy(document)
    del of_type(less, kind)[name]
    assert check_catalogue(less), f"{kind} without {name} passed"


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("dcat:Dataset", "dcat:theme", {"@id": "https://plan.example/my-own-theme"}),
        ("dcat:Dataset", "dct:title", [{"@language": "nb", "@value": one} for one in ("En", "To")]),
        ("dcat:Dataset", "dct:temporal", {"dcat:startDate": {"@type": "xsd:date", "@value": "yesterday"}}),
        ("dcat:Catalog", "dct:publisher", [{"@id": f"{BASE}a"}, {"@id": f"{BASE}b"}]),
        ("dcat:Catalog", "dcat:contactPoint", {"@type": "vcard:Organization", "vcard:fn": "Nobody"}),
        ("dcat:Distribution", "dcat:accessURL", "data/beds.csv"),
    ],
)
def test_the_check_fails_when_something_is_of_the_wrong_kind(
    document: dict[str, Any], kind: str, name: str, value: Any
) -> None:
    wrong = copy.deepcopy(document)
    of_type(wrong, kind)[name] = value
    assert check_catalogue(wrong)


def test_an_empty_document_does_not_pass() -> None:
    assert check_catalogue({"@graph": []}) == ["the document says nothing"]


def test_every_table_of_a_region_is_described_in_three_languages() -> None:
    text = resources.files("framsyn.region").joinpath("tables.csv").read_text(encoding="utf-8")
    words = read_words()
    for row in csv.DictReader(text.splitlines()):
        for kind in ("table_name", "table_text"):
            assert {"nb", "nn", "en"} <= set(words[f"{kind}.{row['table']}"]), row["table"]
        assert words[f"table_text.{row['table']}"]["en"] == row["description"]


def test_the_command_refuses_what_is_no_address_of_a_site(capsys: Any) -> None:
    from framsyn.cli import invoke

    assert invoke(["catalogue", "--address", "ftp://plan.example"]) == 2
    assert "expected the address of a site" in " ".join(capsys.readouterr().err.split())


def test_the_document_is_the_same_each_time(document: dict[str, Any]) -> None:
    assert json.dumps(document) == json.dumps(copy.deepcopy(document))
    files = of_type(document, "dcat:Dataset")["dcat:distribution"]
    assert files[0]["dct:license"] == {
        "@id": "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"
    }
    assert files[1]["dct:conformsTo"]["@id"] == "https://json-stat.org/full/"
