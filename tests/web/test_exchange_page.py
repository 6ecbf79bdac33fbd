"""The page of the exchange: who may open it, what it shows, and that "yes" does what was shown."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from workbooks import written

from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.measures.actions import assign
from framsyn.web.measures.actions import change as change_measure
from framsyn.web.measures.models import Measure

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def bring(client: Client, content: bytes, name: str = "plan.xlsx") -> Any:
    return client.post("/exchange/?lang=en", {"file": SimpleUploadedFile(name, content)})


def changed_workbook(**values: Any) -> tuple[Measure, bytes]:
    measure = Measure.objects.filter(organisation="sto").first()
    assert measure is not None
    if not values:
        values = {"end": datetime.date(2039, 5, 17)}
    book = written("en")
    for name, value in values.items():
        book.put("measures", measure.pk, name, value)
    return measure, book.bytes


def digest_of(page: str) -> str:
    return page.partition('name="digest" value="')[2].partition('"')[0]


def test_bring_look_and_do(editor_client: Client) -> None:
    measure, content = changed_workbook()
    answer = bring(editor_client, content)
    assert answer.status_code == 302
    page = editor_client.get(answer.url).content.decode()
    assert "1 row would be changed" in page and "17 May 2039" in page
    assert Measure.objects.get(pk=measure.pk).end == measure.end
    answer = editor_client.post(answer.url, {"digest": digest_of(page)}, follow=True)
    assert "Done: 1 row is changed in the plan." in answer.content.decode()
    assert Measure.objects.get(pk=measure.pk).end == datetime.date(2039, 5, 17)
    assert editor_client.get(answer.request["PATH_INFO"]).content.decode().count("exchange_review") == 0


def test_what_moved_meanwhile_is_shown_again_and_not_done(editor_client: Client) -> None:
    measure, content = changed_workbook()
    address = bring(editor_client, content).url
    page = editor_client.get(address).content.decode()
    change_measure(SYSTEM, measure, end=datetime.date(2036, 1, 1))
    answer = editor_client.post(address, {"digest": digest_of(page)})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "The plan has changed since you were shown the difference" in text
    assert "changed by others too" in text and "1 January 2036" in text
    assert Measure.objects.get(pk=measure.pk).end == datetime.date(2036, 1, 1)


def test_wrong_cells_are_listed_and_marked_in_the_copy(editor_client: Client) -> None:
    measure, content = changed_workbook(end="31.02.2027")
    address = bring(editor_client, content).url
    page = editor_client.get(address).content.decode()
    assert "expected a date, got “31.02.2027”; write 2027-02-28" in page
    assert "Change 1 row" not in page, "nothing can be done while a cell is wrong"
    answer = editor_client.get(f"{address}comments.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    comments = [
        cell.comment.text for row in book["Measures"].iter_rows(min_row=3) for cell in row if cell.comment
    ]
    assert comments == ["expected a date, got “31.02.2027”; write 2027-02-28"]
    assert answer["Content-Disposition"].endswith('plan-with-comments.xlsx"')
    answer = editor_client.post(address, {"digest": digest_of(page)})
    assert answer.status_code == 409
    assert Measure.objects.get(pk=measure.pk).end == measure.end


def test_it_can_be_put_away(editor_client: Client) -> None:
    _, content = changed_workbook()
    address = bring(editor_client, content).url
    assert address in editor_client.get("/exchange/").content.decode()
    editor_client.post(address, {"forget": "1"})
    assert editor_client.get(address).status_code == 404


# ---------------------------------------------------------------- who
@pytest.mark.parametrize("role", ["owner", "editor", "approver", "administrator"])
def test_whoever_may_change_something_may_take_it_home(person: Any, role: str) -> None:
    client = Client()
    client.force_login(person(role, Organisation.objects.get(pk="sto")))
    assert client.get("/exchange/").status_code == 200
    answer = client.get("/exchange/workbook.xlsx?plan=rup-2027&language=nn")
    assert answer.status_code == 200
    assert "Mål" in openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True).sheetnames


@pytest.mark.parametrize("role", ["reader", "contributor", "preparedness"])
@pytest.mark.parametrize("address", ["/exchange/", "/exchange/workbook.xlsx"])
def test_others_are_refused(person: Any, role: str, address: str) -> None:
    client = Client()
    client.force_login(person(role))
    assert client.get(address).status_code == 403
    assert client.post("/exchange/", {}).status_code == 403


@pytest.mark.parametrize(
    "address", ["/exchange/", "/exchange/workbook.xlsx", "/exchange/aaaaaaaaaaaaaaaaaaaaaaaa/"]
)
def test_a_stranger_is_asked_to_log_in(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302 and answer.url.startswith("/login/")


def test_whom_a_measure_is_given_to_brings_it_back(person: Any) -> None:
    measure, content = changed_workbook()
    user = person("reader")
    assign(
        SYSTEM,
        measure,
        role="deputy",
        organisation=measure.organisation,
        person=user,
        valid_from=timezone.localdate(),
    )
    client = Client()
    client.force_login(user)
    address = bring(client, content).url
    client.post(address, {"digest": digest_of(client.get(address).content.decode())})
    assert Measure.objects.get(pk=measure.pk).end == datetime.date(2039, 5, 17)


def test_a_workbook_is_its_bringers_alone(editor_client: Client, administrator_client: Client) -> None:
    _, content = changed_workbook()
    address = bring(editor_client, content).url
    assert administrator_client.get(address).status_code == 404
    assert administrator_client.get(f"{address}comments.xlsx").status_code == 404
    assert administrator_client.post(address, {"digest": "x"}).status_code == 404
    assert editor_client.get("/exchange/..%2F..%2Fplan.sqlite3/").status_code == 404


# ---------------------------------------------------------------- what is no workbook
def test_what_is_no_workbook_is_told_at_the_field(editor_client: Client) -> None:
    answer = bring(editor_client, b"a,b\r\n1,2\r\n", "plan.csv")
    assert answer.status_code == 422
    assert "“plan.csv” is not an Excel workbook (.xlsx)" in answer.content.decode()
    assert bring(editor_client, b"", "plan.xlsx").status_code == 422
    assert editor_client.post("/exchange/").status_code == 422


def test_many_changes_are_shown_in_parts(editor_client: Client, django_assert_max_num_queries: Any) -> None:
    book = written("en")
    sheet, column = book.sheet("observations"), book.column("observations", "source")
    reason = book.column("observations", "reason")
    for row in range(3, 253):
        sheet.cell(row, column).value = f"Changed {row}"
        sheet.cell(row, reason).value = "Checked"
    address = bring(editor_client, book.bytes).url
    editor_client.get(address)
    with django_assert_max_num_queries(15):
        page = editor_client.get(address).content.decode()
    assert "250 rows would be changed" in page
    assert page.count("Changed ") >= 200 and "?page=2" in page
    assert "wrong (" not in editor_client.get(f"{address}?status=changed").content.decode()
