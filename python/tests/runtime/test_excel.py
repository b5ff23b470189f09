"""Workbooks."""

import datetime
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from airfleet.runtime.connectors import excel
from airfleet.runtime.errors import StepRefused
from airfleet.runtime.reference import Reference
from tests.runtime.bench import Bench

USUAL = {"path": "book.xlsx", "sheet": 0, "has_header": True, "skip_rows": 0}
TO = {"file_path": "out/book.xlsx", "sheet": "Orders", "include_header": True, "create_dirs": True}


def read(bench: Bench, **options: Any) -> Reference:
    return bench.step({"kind": "read", "connector": "excel", "options": {**USUAL, **options}}).outputs["out"]


def write(bench: Bench, rows: Reference, **options: Any) -> None:
    body = {"kind": "write", "connector": "excel", "mode": "replace", "keys": [], "options": {**TO, **options}}
    bench.step(body, {"input": rows})


def book(bench: Bench, rows: list[list[Any]], name: str = "book.xlsx") -> None:
    made = openpyxl.Workbook()
    made.active.title = "First"
    for row in rows:
        made.active.append(row)
    made.create_sheet("Second").append(["x"])
    made.save(bench.root / name)


def columns(rows: Reference) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in rows.columns]


DAY = datetime.datetime(2024, 2, 29, 12, 30)  # noqa: DTZ001 - Excel knows no zones


def test_types_are_those_of_the_cells(bench: Bench) -> None:
    head = ["id", "amount", "name", "at", "flag", "mixed", None, "ID"]
    book(bench, [head, [1, 1.5, "a\nb", DAY, True, 1, None, 7], [None] * 8, [2, 2, None, None, None, "x", None, 8]])
    rows = read(bench)
    assert columns(rows) == [
        ("id", "BIGINT"),
        ("amount", "DOUBLE"),
        ("name", "VARCHAR"),
        ("at", "TIMESTAMP"),
        ("flag", "BOOLEAN"),
        ("mixed", "VARCHAR"),
        ("column6", "VARCHAR"),
        ("ID_1", "BIGINT"),
    ]
    assert bench.rows_of(rows) == [
        (1, 1.5, "a\nb", DAY, True, "1", None, 7),
        (2, 2.0, None, None, None, "x", None, 8),
    ]


def test_sheets_ranges_and_lines_are_chosen(bench: Bench) -> None:
    book(bench, [["title"], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]])
    assert bench.rows_of(read(bench, range="B2:C4")) == [(2, 3), (5, 6)]
    assert columns(read(bench, skip_rows=2, has_header=False))[0] == ("column0", "BIGINT")
    assert columns(read(bench, sheet="Second")) == [("x", "VARCHAR")]
    with pytest.raises(StepRefused, match=r'no sheet "Third". It has: First, Second'):
        read(bench, sheet="Third")
    with pytest.raises(StepRefused, match="Name a range"):
        read(bench)


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n", b"PK\x03\x04 cut off", b"\xd0\xcf\x11\xe0 old"])
def test_what_is_no_workbook_is_told(bench: Bench, content: bytes) -> None:
    bench.put("book.xlsx", content)
    with pytest.raises(StepRefused, match=r'"book.xlsx" is no .xlsx workbook'):
        read(bench)


def test_an_archive_of_something_else_is_no_workbook(bench: Bench) -> None:
    with zipfile.ZipFile(bench.root / "book.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(StepRefused, match=r"is no .xlsx workbook"):
        read(bench)


def test_a_workbook_that_unpacks_to_too_much_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    book(bench, [["x" * 1000]])
    monkeypatch.setattr(excel, "_MOST_BYTES", 1000)
    with pytest.raises(StepRefused, match="too large when it is unpacked"):
        read(bench)


def test_rows_are_written(bench: Bench) -> None:
    zoned = "timestamptz '2024-01-01 00:00:00+00' as at"
    text = f"select 1 as id, 1.25::decimal(8,2) as amount, '=cmd()' as name, {zoned}, [1] as list"
    write(bench, bench.of_query(text))
    sheet = openpyxl.load_workbook(bench.root / "out/book.xlsx")["Orders"]
    head, row = sheet.iter_rows(values_only=True)
    assert head == ("id", "amount", "name", "at", "list")
    assert (row[0], Decimal(str(row[1])), row[2], row[4]) == (1, Decimal("1.25"), "=cmd()", "[1]")
    assert sheet["C2"].data_type == "s"
    assert [each.name for each in (bench.root / "out").iterdir()] == ["book.xlsx"]


def test_more_rows_than_a_sheet_has_room_for_are_refused(bench: Bench) -> None:
    with pytest.raises(StepRefused, match="1,048,575 rows"):
        write(bench, bench.of_query("select 1 as id from range(1048576)"))
    assert not (bench.root / "out/book.xlsx").exists()
