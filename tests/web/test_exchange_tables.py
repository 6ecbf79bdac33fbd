"""The files beside every table: one way, every form tells the same rows, and none more than everybody may see."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from django.test import Client

from framsyn.web.exchange import tables
from framsyn.web.exchange.tables import About, Column, Table
from framsyn.web.indicators.models import Indicator, Observation

pytestmark = pytest.mark.django_db

LISTS = ["/goals/goals", "/indicators/indicators", "/measures/measures"]
CUBES = ["/indicators/beds-somatic", "/data/beds"]


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def csv_rows(content: bytes) -> list[list[str]]:
    assert not content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("stem", [*LISTS, "/indicators/beds-somatic"])
def test_every_form_has_the_same_rows(client: Client, stem: str) -> None:
    answer = client.get(f"{stem}.csv?lang=en")
    rows = csv_rows(body(answer))
    assert len(rows) > 2 and all(len(row) == len(rows[0]) for row in rows)
    assert "-2026-" in answer["Content-Disposition"] or "-20" in answer["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(body(client.get(f"{stem}.xlsx?lang=en"))))
    assert sheet.worksheets[0].max_row == len(rows)
    about = {row[0].value: row[1].value for row in sheet["About"].iter_rows()}
    assert about["Address"] == f"http://testserver{stem}" and about["Rows"] == str(len(rows) - 1)
    described = json.loads(body(client.get(f"{stem}.csv-metadata.json?lang=en")))
    assert [one["name"] for one in described["tableSchema"]["columns"]] == rows[0]
    assert described["url"] == f"{stem.rpartition('/')[2]}.csv"
    assert f"{stem}.csv-metadata.json" in answer["Link"]
    if stem in LISTS:
        told = json.loads(body(client.get(f"{stem}.json?lang=en")))
        assert len(told["rows"]) == len(rows) - 1 and list(told["rows"][0]) == rows[0]


@pytest.mark.parametrize("stem", CUBES)
def test_a_cube_is_given_as_json_stat(client: Client, stem: str) -> None:
    cube = json.loads(body(client.get(f"{stem}.stat.json?lang=en")))
    assert (cube["version"], cube["class"]) == ("2.0", "dataset")
    assert len(cube["id"]) == len(cube["size"]) == len(cube["dimension"])
    for name, size in zip(cube["id"], cube["size"], strict=True):
        assert len(cube["dimension"][name]["category"]["index"]) == size
    rows = csv_rows(body(client.get(f"{stem}.csv")))
    named = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    metrics = cube["dimension"]["figure"]["category"]["index"]
    assert len(cube["value"]) == sum(1 for row in named for metric in metrics if row[metric] != "")
    # Every figure stands at the place in the cube that its codes say.
    for row in named[:25]:
        index = 0
        for name, size in zip(cube["id"][:-1], cube["size"][:-1], strict=True):
            index = index * size + cube["dimension"][name]["category"]["index"].index(row[name])
        for number, metric in enumerate(metrics):
            if row[metric] != "":
                assert cube["value"][str(index * len(metrics) + number)] == pytest.approx(float(row[metric]))


def test_every_data_set_is_given_in_every_form_that_it_tells_of(client: Client) -> None:
    from framsyn.web.pages.catalogue import data_sets

    for entry in data_sets():
        described = json.loads(body(client.get(f"/data/{entry.name}.json")))
        for one in described["distributions"]:
            if entry.rows > 2_000 and not one["path"].endswith((".csv", ".csv-metadata.json")):
                continue  # the large ones take seconds
            answer = client.get(one["path"])
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code == 200 and content, one
            assert answer["Content-Type"] == one["mediatype"]
            if one["path"].endswith(".stat.json"):
                cube = json.loads(content)
                figures = len(cube["dimension"]["figure"]["category"]["index"])
                assert 0 < len(cube["value"]) <= figures * entry.rows
    assert client.get("/data/borders.xlsx").status_code == 404


def test_hidden_figures_are_in_no_form(client: Client) -> None:
    rows = Observation.objects.filter(indicator="beds-somatic", current=True)
    hidden = rows.filter(place="hmn").latest("period_end")
    Observation.objects.filter(pk=hidden.pk).update(hidden=True, value=987_654)
    for form in ("csv", "xlsx", "stat.json"):
        content = body(client.get(f"/indicators/beds-somatic.{form}"))
        if form == "xlsx":
            content = repr(
                [
                    [cell.value for cell in row]
                    for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
                ]
            ).encode()
        assert b"987654" not in content
    assert Indicator.objects.filter(pk="beds-somatic").exists()


def test_drafts_are_in_no_form(client: Client, administrator_client: Client) -> None:
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.plan.versions import create_plan

    actor = Actor.system("tests")
    create_plan(
        actor,
        "tests-draft",
        kind="sub_strategy",
        organisation=Organisation.objects.get(pk="hmn"),
        title={"en": "Secret"},
    )
    for reader in (client, administrator_client):
        answer = reader.get("/goals/goals.csv?plan=tests-draft")
        assert (
            answer.status_code == 404
            or len(csv_rows(body(answer))) == 1
            or "tests-draft" not in body(answer).decode()
        )


def test_formulas_are_given_as_words(client: Client) -> None:
    table = Table(
        "t",
        "T",
        (Column("a", "A"), Column("b", "B", "number", "%")),
        lambda: [("=cmd|' /C calc'!A0", -1.5), ("@x", float("nan"))],
    )
    lines = "".join(tables.csv_lines(table))
    assert lines == "a,b\r\n'=cmd|' /C calc'!A0,-1.5\r\n'@x,\r\n"
    sheet = openpyxl.load_workbook(io.BytesIO(tables.workbook(table))).worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].quotePrefix) == (
        "=cmd|' /C calc'!A0",
        "s",
        True,
    )
    assert sheet["B1"].value == "B (%)" and sheet["B3"].value is None
    assert json.loads(tables.json_text(table))["rows"][1] == {"a": "@x", "b": None}


def test_two_rows_at_one_place_of_a_cube_are_a_fault() -> None:
    from framsyn.errors import PlanError
    from framsyn.web.exchange.cubes import json_stat

    columns = (Column("year", "Year", "whole"), Column("value", "Value", "number"))
    table = Table("t", "T", columns, lambda: [(2025, 1.0), (2025, 2.0)], About(), ("year",), ("value",))
    with pytest.raises(PlanError, match="two rows for one place"):
        json_stat(table)
    assert "stat.json" in table.forms and "stat.json" not in Table("t", "T", columns, list).forms


def test_the_choice_stands_at_every_table(client: Client) -> None:
    for address, stem, last in (
        ("/goals/", "/goals/goals", "json"),
        ("/indicators/", "/indicators/indicators", "json"),
        ("/measures/", "/measures/measures", "json"),
        ("/indicators/beds-somatic/", "/indicators/beds-somatic", "stat.json"),
        ("/data/", "/data/beds", "stat.json"),
    ):
        page = client.get(address).content.decode()
        for form in ("csv", "xlsx", last):
            assert f'href="{stem}.{form}"' in page, (address, form)
    narrowed = client.get("/measures/?phase=idea").content.decode()
    assert 'href="/measures/measures.xlsx?phase=idea"' in narrowed
    assert client.get("/indicators/no-such.xlsx").status_code == 404
