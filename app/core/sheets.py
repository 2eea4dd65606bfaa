"""Spreadsheet files: bytes in, rows of text cells out, whatever program, encoding and separator wrote them."""

import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

CSV_BYTES = 50 * 2**20
XLSX_BYTES = 5 * 2**20
XLSX_UNPACKED = 50 * 2**20
XLSX_RATIO = 100
XLSX_ENTRIES = 200
XLSX_SECONDS = 20

_CHILD = Path(__file__).with_name("spreadsheet.py")
_SEPARATORS = (",", ";", "\t")
_HEAD = 64 * 1024
_SAMPLE = 256 * 1024
_ARCHIVES = (".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".jar", ".gz", ".7z", ".rar")

Known = Callable[[str], bool]


class SheetRefused(Exception):
    """The file cannot be read as a sheet. `sentence` says why and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True)
class Sheet:
    """A readable sheet. `encoding` and `separator` are empty for a workbook."""

    path: Path
    encoding: str
    separator: str

    def rows(self) -> Iterator[list[str]]:
        """Every row from the first to the last, blank ones too, so that counting from 1 gives the sheet's own
        numbers. May be called again. Raises SheetRefused where the quotation marks do not fit."""
        if not self.encoding:
            with self.path.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)
            return
        number = 0
        with self.path.open(encoding=self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.separator, strict=True)
            try:
                for number, row in enumerate(reader, 1):  # noqa: B007
                    yield row
            except csv.Error as error:
                raise SheetRefused(
                    "bad_quotes",
                    f"Row {number + 1} cannot be read: a quotation mark is not closed, or a cell is longer than "
                    f"{csv.field_size_limit()} characters.",
                ) from error


@contextmanager
def opened(file: BinaryIO, *, known: Known) -> Iterator[Sheet]:
    """The sheet inside this file, until the end of the block. `known` says whether a cell of the first row is a
    header that is expected: where several encodings or separators would do, it decides. Raises SheetRefused."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        path = Path(folder) / "upload"
        _copy(file, path)
        with path.open("rb") as start:
            magic = start.read(8)
        if magic.startswith(b"\xd0\xcf\x11\xe0"):
            raise SheetRefused(
                "old_or_encrypted", "This is an old .xls file or one with a password. Save it as .xlsx or CSV."
            )
        yield _workbook(path) if magic.startswith(b"PK") else _text(path, known)


def _copy(file: BinaryIO, path: Path) -> None:
    size = 0
    with path.open("wb") as copy:
        while chunk := file.read(2**20):
            size += len(chunk)
            if size > CSV_BYTES:
                raise SheetRefused("too_large", f"The file is larger than {CSV_BYTES // 2**20} MB.")
            copy.write(chunk)
    if not size:
        raise SheetRefused("empty", "The file is empty.")


def _workbook(path: Path) -> Sheet:
    """Unpack the first visible sheet in a child process that may use little memory and little time."""
    _inspect(path)
    rows = path.with_name("rows")
    try:
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-I", _CHILD, path, rows],
            timeout=XLSX_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SheetRefused("too_slow", f"The workbook was not read within {XLSX_SECONDS} seconds.") from error
    if child.returncode != 0:
        raise SheetRefused("unreadable", "The workbook is damaged or unfolds to more than is allowed. Save it as CSV.")
    return Sheet(rows, "", "")


def _inspect(path: Path) -> None:
    """Refuse a ZIP that is no plain workbook, before anything in it is unfolded."""
    packed = path.stat().st_size
    if packed > XLSX_BYTES:
        raise SheetRefused("too_large", f"A workbook may have {XLSX_BYTES // 2**20} MB. Save it as CSV.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > XLSX_ENTRIES:
                raise SheetRefused("too_many_parts", f"The workbook has more than {XLSX_ENTRIES} parts.")
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > XLSX_UNPACKED or unpacked > packed * XLSX_RATIO:
                raise SheetRefused("unfolds_too_far", "The workbook unfolds to more than is allowed. Save it as CSV.")
            for entry in entries:
                _inspect_part(archive, entry)
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                raise SheetRefused("no_workbook", "This ZIP file is not an .xlsx workbook.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise SheetRefused("unreadable", "The workbook is damaged.") from error


def _inspect_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    name = entry.filename.lower()
    if entry.flag_bits & 1:
        raise SheetRefused("old_or_encrypted", "The workbook has a password. Save it without one.")
    if "vbaproject" in name or "macrosheet" in name:
        raise SheetRefused("macros", "The workbook holds macros. Save it as a plain .xlsx.")
    if name.startswith("xl/externallinks/"):
        raise SheetRefused("external_links", "The workbook refers to other files. Save its values only.")
    with archive.open(entry) as part:
        start = part.read(4)
    if name.endswith(_ARCHIVES) or start == b"PK\x03\x04":
        raise SheetRefused("nested", "The workbook holds another archive. Save it as a plain .xlsx.")


def _text(path: Path, known: Known) -> Sheet:
    encoding = _encoding(path, known)
    _, separator = _layout(_head(path, encoding), known)
    return Sheet(path, encoding, separator)


def _encoding(path: Path, known: Known) -> str:
    with path.open("rb") as start:
        head = start.read(_HEAD)
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark) and _decodes(path, encoding):
            return encoding
    if b"\x00" in head:
        wide = [encoding for encoding in ("utf-16-le", "utf-16-be") if _decodes(path, encoding)]
        scored = [(_layout(_head(path, encoding), known)[0], encoding) for encoding in wide]
        if scored and max(scored)[0][0] > 0:
            return max(scored)[1]
    if _decodes(path, "utf-8"):
        return "utf-8"
    narrow = [encoding for encoding in ("gb18030", "cp950", "big5hkscs") if _decodes(path, encoding)]
    ranked = [
        (_layout(text, known)[0][0], _ordinary(text), -place, encoding)
        for place, encoding, text in ((place, encoding, _head(path, encoding)) for place, encoding in enumerate(narrow))
    ]
    if not ranked or max(ranked)[:2] < (0, 0.5):
        raise SheetRefused("unknown_encoding", "The file's encoding is not recognised. Save it as CSV UTF-8.")
    return max(ranked)[3]


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as text:
            while text.read(2**20):
                pass
    except UnicodeError:
        return False
    return True


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as text:
        return text.read(_SAMPLE)


def _layout(text: str, known: Known) -> tuple[tuple[int, int], str]:
    """The separator that finds the most known headers in the first row, then the most columns."""
    found = []
    for separator in _SEPARATORS:
        row = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        found.append(((sum(map(known, row)), len(row)), separator))
    return max(found, key=lambda layout: layout[0])


def _ordinary(text: str) -> float:
    """The share of everyday characters among the Chinese ones: near 1 in the right encoding, near ½ in a wrong one."""
    chinese = [character for character in text if character >= "\u3400" and not "\uff00" <= character <= "\uffef"]
    return sum(character in _everyday() for character in chinese) / len(chinese) if chinese else 1.0


@cache
def _everyday() -> frozenset[str]:
    """Level 1 of GB 2312 and the frequent plane of Big5."""
    simplified = (bytes((lead, trail)) for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF))
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in trails)
    return frozenset(
        "".join(pair.decode("gb2312", "ignore") for pair in simplified)
        + "".join(pair.decode("big5", "ignore") for pair in traditional)
    )
