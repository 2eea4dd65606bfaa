"""Files become rows: encodings, separators, workbooks, and what is refused before it can do harm."""

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import openpyxl
import pytest

from app.core.sheets import Sheet, SheetRefused, opened
from app.domain.directory.rules.header import header

SIMPLIFIED = "群名称,平台,负责人\n上海跑步一群,manual,王芳\n杭州读书会家长群,manual,李强\n"
TRADITIONAL = "群名稱,平台,負責人\n臺北跑步一群,manual,王芳\n高雄讀書會家長群,manual,陳靜\n"
NO_HINT = "name,who\n臺北跑步一群,陳靜\n高雄讀書會家長群,黃國華\n"


@contextmanager
def sheet(content: bytes) -> Iterator[Sheet]:
    with opened(io.BytesIO(content), known=lambda cell: header(cell) is not None) as found:
        yield found


def rows(content: bytes) -> list[list[str]]:
    with sheet(content) as found:
        return list(found.rows())


def refused(content: bytes) -> str:
    with pytest.raises(SheetRefused) as error:
        rows(content)
    return error.value.code


def plain(text: str, separator: str = ",") -> list[list[str]]:
    return [line.split(separator) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED.replace("群名称", "group").replace("负责人", "leader"), "gbk"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "gb18030"),
        (NO_HINT, "big5"),
        (NO_HINT, "gb18030"),
        ("name,platform\n" + "𠮷野家,manual\n", "gb18030"),
    ],
)
def test_every_common_encoding_is_recognised(text: str, encoding: str) -> None:
    assert rows(text.encode(encoding)) == plain(text)


@pytest.mark.parametrize(
    "content", ["équipe,Café\nà,ü\n".encode("latin-1"), "グループ名,名前\nてすと,たろう\n".encode("shift-jis")]
)
def test_an_encoding_that_is_none_of_ours_is_refused_rather_than_garbled(content: bytes) -> None:
    assert refused(content) == "unknown_encoding"


def test_half_a_character_is_refused() -> None:
    assert refused("群".encode()[:2] + b"\xff\n") == "unknown_encoding"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_separator_is_recognised(separator: str) -> None:
    text = f"group{separator}platform{separator}tags\na{separator}manual{separator}x\n"
    assert rows(text.encode()) == plain(text, separator)


def test_a_semicolon_inside_a_header_row_of_commas_stays_inside() -> None:
    assert rows(b'group,platform,"tags;more;still more;and more"\n')[0][:2] == ["group", "platform"]


def test_quotes_line_ends_and_blank_lines_keep_the_sheets_own_numbers() -> None:
    content = b'group,platform\r\n"a\nb, ""c""",manual\r\n\nlast,manual'
    assert rows(content) == [["group", "platform"], ['a\nb, "c"', "manual"], [], ["last", "manual"]]
    assert rows(b"group,platform\ra,manual\r") == [["group", "platform"], ["a", "manual"]]


def test_a_quotation_mark_that_never_closes_swallows_no_rows() -> None:
    assert refused(b'group,platform\n"a,manual\nb,manual\n') == "bad_quotes"


def test_an_empty_file_is_refused() -> None:
    assert refused(b"") == "empty"


def test_a_file_of_more_than_fifty_megabytes_is_refused() -> None:
    assert refused(b"group,platform\n" + b"x" * (50 * 2**20)) == "too_large"


def workbook(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_shows_its_cells_as_the_sheet_does() -> None:
    content = workbook(
        ["群名称", "phone", "chat", "day", "yes", "half", "sum"],
        ["上海一群", 13800000000, -1001234567890, date(2026, 3, 2), True, 1.5, "=1+1"],
        [],
        ["last", "x"],
    )
    assert rows(content) == [
        ["群名称", "phone", "chat", "day", "yes", "half", "sum"],
        ["上海一群", "13800000000", "-1001234567890", "2026-03-02", "TRUE", "1.5"],
        [],
        ["last", "x"],
    ]


def test_hidden_sheets_and_merged_cells_do_not_disturb() -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    shown = book.create_sheet("groups")
    shown["A1"], shown["A2"] = "group", "merged"
    shown.merge_cells("A2:B3")
    out = io.BytesIO()
    book.save(out)
    assert rows(out.getvalue()) == [["group"], ["merged"]]


def packed(parts: dict[str, bytes], base: bytes | None = None) -> bytes:
    out = io.BytesIO(base or workbook(["group"]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/bomb.xml": b"0" * (51 * 2**20)}, "unfolds_too_far"),
        ({"xl/bomb.xml": b"0" * (5 * 2**20)}, "unfolds_too_far"),
        ({f"xl/{number}.xml": b"x" for number in range(201)}, "too_many_parts"),
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"x"}, "external_links"),
        ({"xl/media/inner.zip": b"x"}, "nested"),
        ({"xl/media/picture.png": workbook(["inner"])}, "nested"),
    ],
)
def test_a_workbook_that_is_no_plain_one_is_refused_unopened(parts: dict[str, bytes], code: str) -> None:
    assert refused(packed(parts)) == code


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "x" * 10)
    assert refused(out.getvalue()) == "no_workbook"
    assert refused(out.getvalue()[:20]) == "unreadable"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600) == "old_or_encrypted"


def test_a_workbook_of_more_than_five_megabytes_is_refused() -> None:
    assert refused(b"PK\x03\x04" + b"x" * (5 * 2**20)) == "too_large"


def sheet_xml(content: bytes) -> bytes:
    """A workbook whose first sheet is this XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["group"]))) as base, zipfile.ZipFile(out, "w", 8) as archive:
        for entry in base.infolist():
            part = content if entry.filename == "xl/worksheets/sheet1.xml" else base.read(entry)
            archive.writestr(entry.filename, part)
    return out.getvalue()


HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


@pytest.mark.alone
def test_two_far_corners_do_not_fill_the_memory() -> None:
    corners = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    started = time.monotonic()
    assert refused(sheet_xml(HEAD + corners + TAIL)) == "unreadable"
    assert time.monotonic() - started < 22


def test_an_external_entity_is_not_fetched() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + HEAD
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>'
    try:
        found = rows(sheet_xml(entity + cell + TAIL))
    except SheetRefused:
        return
    assert "root" not in str(found)


def test_a_hundred_thousand_styled_empty_rows_are_no_rows() -> None:
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (number, number) for number in range(2, 100_001))
    first = b'<row r="1"><c r="A1" t="inlineStr"><is><t>group</t></is></c></row>'
    content = sheet_xml(HEAD + first + empty + TAIL)
    assert rows(content) == [["group"]]
