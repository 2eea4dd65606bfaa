"""Pictures to post: the one of the fact sheet's vector, and what is none."""

import base64
import hashlib
import zlib

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3Nw"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJD"
    "AAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBH"
    "AEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAA"
    "AADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBv"
    "AGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////"
    "////////////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////"
    "////////////wAARCAABAAIDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEB"
    "AQAAAAAAAAAAAAAAAAAAAgP/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCAFgf/2Q=="
)
"""Two pixels, as Chromium draws them, with their colours' profile."""
MARK = hashlib.sha256(PNG).hexdigest()


def upload(content: bytes = PNG, name: str = "poster.png") -> dict[str, tuple[str, bytes, str]]:
    """The form in which a picture is kept."""
    return {"file": (name, content, "image/png")}


def told(*, place: bytes = b"31.2304N", turned: int = 6) -> bytes:
    """The JPEG as a phone would keep it: which way is up, where it was taken, by whom, and a second picture behind."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0" + bytes((turned, 0, 0, 0))
    exif += b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0" + place
    parts = ((0xE1, exif), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + place), (0xED, b"Photoshop 3.0\0" + place))
    kept = b"".join(segment(code, body) for code, body in (*parts, (0xFE, b"by Wang " + place)))
    return JPEG[:2] + kept + JPEG[2:] + JPEG[:2] + kept + JPEG[2:]


def segment(code: int, body: bytes) -> bytes:
    """A part of a JPEG file."""
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG file."""
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def png(width: int, height: int) -> bytes:
    """A PNG that says it is this large."""
    return PNG[:8] + chunk(b"IHDR", width.to_bytes(4) + height.to_bytes(4) + b"\x08\x06\0\0\0") + PNG[33:]
