"""A letter as it goes over the line: who may write and read it, and its headers (RFC 5322)."""

import hashlib
import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from app.channels.port import Post

_MAILBOX = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+",
    re.ASCII,
)
_NAMED = re.compile(r"(?P<name>[^<>\x00-\x1f\x7f]*)<(?P<mailbox>[^<>]+)>")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)

_ENCODED = "=?"  # begins an encoded word: Python's header classes decode it, line ends and all, into new headers

_LONGEST_MAILBOX = 254  # RFC 5321, section 4.5.3.1.3, without the brackets
_LONGEST_SUBJECT = 120


def is_mailbox(address: str) -> bool:
    """Whether this is the bare address of one mailbox, in plain ASCII."""
    return len(address) <= _LONGEST_MAILBOX and _ENCODED not in address and _MAILBOX.fullmatch(address) is not None


def sender(written: str) -> Address | None:
    """Who writes, from `name@host` or `Name <name@host>`; None for anything else."""
    named = _NAMED.fullmatch(written.strip())
    mailbox = named["mailbox"].strip() if named else written.strip()
    if not is_mailbox(mailbox) or _ENCODED in written:
        return None
    try:
        return Address(named["name"].strip().strip('"') if named else "", addr_spec=mailbox)
    except (HeaderParseError, ValueError):
        return None


def message_id(key: str, author: Address) -> str:
    """The same for every repetition of a post, so that a mailbox can show one letter."""
    plain = key if _KEY.fullmatch(key) else hashlib.sha256(key.encode(errors="replace")).hexdigest()
    return f"<{plain}@{author.domain}>"


def letter(post: Post, author: Address) -> bytes:
    """The whole letter. Its subject is the first line that says something; no line of the text can become a header."""
    words = post.text.encode(errors="replace").decode()
    found = EmailMessage(policy=SMTP)
    found["From"] = author
    found["To"] = post.address
    found["Subject"] = _subject(words)
    found["Date"] = post.at
    found["Message-ID"] = message_id(post.key, author)
    found.set_content(words, cte="quoted-printable" if words.isascii() else "base64")
    if post.picture is not None:
        kind, _, sort = post.picture.media_type.partition("/")
        found.add_attachment(post.picture.content, maintype=kind, subtype=sort, filename=post.picture.filename)
    return found.as_bytes()


def _subject(words: str) -> str:
    for line in words.splitlines():
        plain = " ".join("".join(one if one.isprintable() else " " for one in line).split()).replace(_ENCODED, "= ?")
        if plain:
            return plain if len(plain) <= _LONGEST_SUBJECT else plain[: _LONGEST_SUBJECT - 1] + "…"
    return "—"
