"""Files that are no workbook, or a trap: each is refused with what it is and the way out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter

from framsyn.errors import PlanError
from framsyn.web.exchange import opening
from framsyn.web.exchange.opening import opened

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def small() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("One").write_string(0, 0, "x")
    return target.getvalue()


def rewritten(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return a small workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(small())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_macros(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"macro"


def with_entities(parts: dict[str, bytes]) -> None:
    parts["xl/sharedStrings.xml"] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'


def in_another_encoding(parts: dict[str, bytes]) -> None:
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].decode().encode("utf-16")


def with_broken_sheet(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-40]


def without_workbook(parts: dict[str, bytes]) -> None:
    del parts["xl/workbook.xml"]


CASES = {
    "nothing": (b"", "not-a-workbook"),
    "csv": (b"a;b\n1;2\n", "not-a-workbook"),
    "html": (b"<html><table>", "not-a-workbook"),
    "old": (OLD + b"\x00" * 600, "old-format"),
    "encrypted": (OLD + b"\x00" * 100 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "cut": (small()[:-200], "damaged"),
    "zip": (rewritten(without_workbook), "not-a-workbook"),
    "macros": (rewritten(with_macros), "macros"),
    "entities": (rewritten(with_entities), "hostile"),
    "encoding": (rewritten(in_another_encoding), "hostile"),
    "broken": (rewritten(with_broken_sheet), "damaged"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_no_workbook_is_refused_with_the_way_out(name: str) -> None:
    content, code = CASES[name]
    with pytest.raises(PlanError) as refused:
        opened(content, "file.xlsx")
    assert refused.value.code == code
    assert any(
        word in refused.value.message for word in ("Export", "save it", "Save it", "Take the password off")
    )


def test_a_bomb_is_refused_by_what_comes_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_UNPACKED", opening.MOST_UNPACKED // 10)
    content = rewritten(
        lambda parts: parts.update({"xl/worksheets/sheet1.xml": b" " * (2 * opening.MOST_UNPACKED)})
    )
    assert len(content) < 200_000
    with pytest.raises(PlanError) as refused:
        opened(content)
    assert refused.value.code == "hostile"


def test_many_parts_are_refused() -> None:
    def many(parts: dict[str, bytes]) -> None:
        parts.update({f"xl/x{number}.xml": b"" for number in range(opening.MOST_PARTS)})

    with pytest.raises(PlanError) as refused:
        opened(rewritten(many))
    assert refused.value.code == "hostile"


def test_a_large_file_is_refused_before_it_is_looked_into() -> None:
    with pytest.raises(PlanError) as refused:
        opened(io.BytesIO(b"PK\x03\x04" + b"x" * (opening.LARGEST + 10)))
    assert refused.value.code == "too-large"
    assert refused.value.data["got"] == opening.LARGEST + 1


def test_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_ROWS", 20)
    book = openpyxl.Workbook()
    for _row in range(30):
        book.active.append(["x"])
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(PlanError) as refused:
        opened(target.getvalue())
    assert refused.value.code == "too-large"


def test_a_million_empty_rows_cost_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active["A1048576"] = " "
    book.active.row_dimensions[900_000].height = 30
    target = io.BytesIO()
    book.save(target)
    sheet = opened(target.getvalue()).sheets[0]
    assert (sheet.numbers[0], len(sheet.rows)) == (1, 2)


def test_a_workbook_of_a_newer_framsyn_is_refused() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("Measures")
        mark = book.add_worksheet("framsyn")
        mark.write_string(0, 0, "format")
        mark.write_string(0, 1, "99")
    with pytest.raises(PlanError) as refused:
        opened(target.getvalue())
    assert refused.value.code == "newer-format"


@pytest.mark.django_db
def test_a_workbook_of_something_else_is_told_so() -> None:
    from workbooks import checked

    from framsyn.web.actions import Actor

    _, found = checked(small(), Actor.system("tests"))
    assert "no sheet of this workbook is known" in str(found.errors[0])
    assert found.doing == []
