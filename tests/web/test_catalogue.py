"""The catalogue of the site: every table that is given out and nothing else, with files that are there."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from framsyn.report.catalogue.checking import check_catalogue
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.indicators.actions import Definition, Figure, define, observe
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.readings import shown
from framsyn.web.pages.catalogue import data_sets

pytestmark = pytest.mark.django_db


def data_sets_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["@id"]: node for node in document["@graph"] if node["@type"] == "dcat:Dataset"}


@pytest.fixture
def document(client: Any, db: None) -> dict[str, Any]:
    answer = client.get("/catalogue.jsonld")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/ld+json")
    return answer.json()


def test_it_holds_what_the_profile_says_it_must(document: dict[str, Any]) -> None:
    assert check_catalogue(document) == []


def test_every_table_is_in_it(document: dict[str, Any]) -> None:
    found = data_sets_of(document)
    names = {urlsplit(address).fragment for address in found if "/data/#" in address}
    assert names == {one.name for one in data_sets()}
    told = set(shown(Observation.objects.all()).order_by().values_list("indicator", flat=True).distinct())
    pages = {urlsplit(address).path.split("/")[2] for address in found if "/indicators/" in address}
    assert pages - {""} == told
    assert {"/indicators/", "/goals/", "/measures/"} <= {urlsplit(address).path for address in found}


def test_every_file_that_it_names_is_there(client: Any, document: dict[str, Any]) -> None:
    first: dict[tuple[str, ...], str] = {}  # of each kind of table and form: the rest is the same code
    for node in data_sets_of(document).values():
        for file in node["dcat:distribution"]:
            address = file["dcat:downloadURL"]["@id"]
            path = urlsplit(address).path
            first.setdefault((path.split("/")[1], file["dct:format"]["@id"], path.partition(".")[2]), address)
    assert len(first) >= 9
    for address in first.values():
        answer = client.get(urlsplit(address).path)
        assert answer.status_code == 200, address
        getattr(answer, "close", bool)()


def test_titles_and_texts_of_the_tables_are_in_three_languages(document: dict[str, Any]) -> None:
    for address, node in data_sets_of(document).items():
        if "/indicators/" in address and not address.endswith("/indicators/#data-set"):
            continue  # those say what people wrote
        for name in ("dct:title", "dct:description", "dct:provenance"):
            words = node[name]["rdfs:label"] if name == "dct:provenance" else node[name]
            assert {one["@language"] for one in words} == {"nb", "nn", "en"}, (address, name)


def test_it_costs_few_queries(client: Any, db: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        client.get("/catalogue.jsonld")


def test_an_indicator_that_may_not_be_shown_has_no_data_set(client: Any, db: None) -> None:
    """The figure is made up."""
    actor = Actor.system("tests")
    words = {"nb": "Hendelser"}
    one = define(
        actor,
        "rare-events",
        Definition(
            name=words,
            definition=words,
            unit="count",
            frequency="year",
            direction="down",
            source=words,
            responsible=Organisation.objects.get(pk="hmn"),
            small_number=5,
        ),
    )
    observe(actor, one, Figure("hmn", datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), value=3))
    assert "rare-events" not in client.get("/catalogue.jsonld").content.decode()
    observe(actor, one, Figure("sto", datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), value=30))
    assert "rare-events" in client.get("/catalogue.jsonld").content.decode()


def test_readers_with_and_without_a_login_get_the_same(
    client: Any, document: dict[str, Any], editor: Any
) -> None:
    client.force_login(editor)
    assert client.get("/catalogue.jsonld").json() == document


def test_pages_of_data_and_licences_lead_to_it(client: Any, db: None) -> None:
    for page in ("/data/", "/licence/"):
        assert 'href="/catalogue.jsonld"' in client.get(page).content.decode()


def test_a_site_without_content_has_the_tables_of_its_region(client: Any, empty: None) -> None:
    assert not Indicator.objects.exists()
    document = client.get("/catalogue.jsonld").json()
    assert check_catalogue(document) == []
    assert len(data_sets_of(document)) >= len(data_sets())


def test_the_command_writes_the_site_and_checks_it(
    client: Any, document: dict[str, Any], tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framsyn.cli import invoke
    from framsyn.web.operations import start

    monkeypatch.setattr(start, "set_up", lambda *_more, **_named: tmp_path)  # the tests' own database
    out = tmp_path / "catalogue.jsonld"
    words = [
        "catalogue",
        "--data",
        str(tmp_path),
        "--address",
        "http://testserver",
        "--check",
        "--out",
        str(out),
    ]
    assert invoke([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["faults"], said["data_sets"]) == ([], len(data_sets_of(document)))
    assert json.loads(out.read_text(encoding="utf-8")) == document
