"""Picture files (PNG, JPEG), taken apart without drawing them: how large a picture is, and the same picture without
what its file tells beside it: where, when and with what it was taken, and by whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TELLS = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
"""Chunks that a picture looks the same without (PNG, third edition, section 11.3)."""

_JPEG = b"\xff\xd8"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_BARE = {0x01, *range(0xD0, 0xD8)}
_SCAN, _END, _EXIF, _COMMENT = 0xDA, 0xD9, 0xE1, 0xFE
_SEEN = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Application segments that change how a picture looks; all others tell something about it."""
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_TURNED = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0"
"""All that is said again of a JPEG: which way is up, without which a phone's picture lies on its side."""


@dataclass(frozen=True)
class Image:
    kind: Literal["png", "jpeg"]
    width: int
    height: int
    content: bytes


def read_image(content: bytes) -> Image | None:
    """The bare picture in these bytes; None where they are no whole PNG or JPEG file."""
    try:
        if content.startswith(_PNG):
            return _png(content)
        return _jpeg(content) if content.startswith(_JPEG) else None
    except IndexError:
        return None  # it was cut short


def _png(content: bytes) -> Image | None:
    kept, at = [_PNG], len(_PNG)
    if content[at + 4 : at + 8] != b"IHDR":
        return None
    width, height = (int.from_bytes(content[start : start + 4]) for start in (at + 8, at + 12))
    while True:
        kind, end = content[at + 4 : at + 8], at + 12 + int.from_bytes(content[at : at + 4])
        if len(kind) < 4 or end > len(content):
            return None
        if kind not in _PNG_TELLS:
            kept.append(content[at:end])
        if kind == b"IEND":
            return Image("png", width, height, b"".join(kept)) if width and height else None
        at = end


def _jpeg(content: bytes) -> Image | None:
    kept, width, height, drawn = [_JPEG], 0, 0, False
    for code, segment in _segments(content):
        body = segment[4:]
        if code in _FRAMES:
            height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
        drawn = drawn or code == _SCAN
        if code == _EXIF and body.startswith(b"Exif\0\0"):
            turned = _turned(body[6:])
            kept += [_TURNED % turned] if turned > 1 else []
        elif not (0xE0 <= code <= 0xEF or code == _COMMENT) or (code in _SEEN and body.startswith(_SEEN[code])):
            kept.append(segment)
        if code == _END:
            return Image("jpeg", width, height, b"".join(kept)) if drawn and width and height else None
    return None


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a JPEG file behind its start, up to its first end: what a camera appends to that is another picture.
    Ends early, or raises IndexError, where it was cut short or is no JPEG."""
    at = len(_JPEG)
    while content[at] == 0xFF:
        while content[at + 1] == 0xFF:
            at += 1
        code, end = content[at + 1], at + 2
        if code not in _BARE and code != _END:
            size = int.from_bytes(content[end : end + 2])
            if size < 2:
                return
            end += size
            if end >= len(content):
                return
        if code == _SCAN:
            following = _AFTER_SCAN.search(content, end)
            if following is None:
                return
            end = following.start()
        yield code, content[at:end]
        at = end


def _turned(exif: bytes) -> int:
    """The orientation that a TIFF header tells, 1 to 8; 1, upright, where it tells none."""
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    order: Literal["little", "big"] = "little" if exif.startswith(b"II") else "big"
    at = int.from_bytes(exif[4:8], order)
    for number in range(int.from_bytes(exif[at : at + 2], order)):
        entry = exif[at + 2 + 12 * number : at + 14 + 12 * number]
        if len(entry) < 12:
            break
        if int.from_bytes(entry[:2], order) == 0x0112:
            found = int.from_bytes(entry[8:10], order)
            return found if 1 <= found <= 8 else 1
    return 1
