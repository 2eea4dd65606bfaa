"""How often SQLite asks the disk to keep what was written, counted where it asks: in the methods of the files it opens
(https://sqlite.org/c3ref/vfs.html and io_methods.html)."""

import _sqlite3
import ctypes
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

_File = ctypes.c_void_p
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, _File, ctypes.c_int)
_Open = ctypes.CFUNCTYPE(ctypes.c_int, _File, ctypes.c_void_p, _File, ctypes.c_int, ctypes.c_void_p)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`; what comes after the sync is only copied."""

    _fields_: ClassVar[list[Any]] = [
        ("version", ctypes.c_int),
        ("close_read_write_truncate", ctypes.c_void_p * 4),
        ("sync", ctypes.c_void_p),
        ("others", ctypes.c_void_p * 13),
    ]


class _Opened(ctypes.Structure):
    """`sqlite3_file`."""

    _fields_: ClassVar[list[Any]] = [("methods", ctypes.POINTER(_Methods))]


class _System(ctypes.Structure):
    """`sqlite3_vfs`, as far as its first method."""

    _fields_: ClassVar[list[Any]] = [
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("own", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
    ]


@contextmanager
def counted_syncs() -> Iterator[Counter[str]]:
    """Of the files opened meanwhile, how often each was synced, by name. All of them are closed before this ends."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_System)
    system = library.sqlite3_vfs_find(None).contents
    before, counts, kept = system.open, Counter[str](), list[object]()
    opens = _Open(before)

    def opened(vfs: int, name: int | None, file: int, flags: int, found: int) -> int:
        answer: int = opens(vfs, name, file, flags, found)
        if answer == 0 and name:
            _count(_Opened.from_address(file), ctypes.string_at(name).decode(), counts, kept)
        return answer

    counting = _Open(opened)
    system.open = ctypes.cast(counting, ctypes.c_void_p)
    try:
        yield counts
    finally:
        system.open = before


def _count(file: _Opened, name: str, counts: Counter[str], kept: list[object]) -> None:
    """Give this file the same methods, of which one counts."""
    own = _Methods.from_buffer_copy(file.methods.contents)
    syncs = _Sync(own.sync)

    def sync(of: int, flags: int) -> int:
        counts[name] += 1
        return int(syncs(of, flags))

    counting = _Sync(sync)
    own.sync = ctypes.cast(counting, ctypes.c_void_p)
    kept += [own, counting, syncs]
    file.methods = ctypes.pointer(own)
