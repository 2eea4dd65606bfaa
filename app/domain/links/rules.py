"""What a relay link may look like when it comes back from a chat, whom it speaks for, and until when."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

KIND = "rl"
SHARED = "sl"
PHONE = "ph"
CODE_LENGTH = 8
_CODE_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"

# Chat programs glue what follows a link to it: `)`, `>`, `，`, or a whole Chinese sentence. A letter or digit more
# or less is another token.
_TOKEN = re.compile(rf"((?:{KIND}|{SHARED})_[a-zA-Z0-9]{{12}}_[a-zA-Z0-9]{{43}})(?![a-zA-Z0-9])", re.ASCII)


@dataclass(frozen=True)
class Key:
    """What somebody shows who wants in: a relay link's token, or a shared link's with that of an enrolled phone."""

    token: str = field(repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True)
class Opened:
    """What a key opened: one leader's part of one campaign. `id` is the link's; `phone_id` that of the phone, if the
    link is one for everybody."""

    id: str
    center_id: str
    campaign_id: str
    leader_id: str
    phone_id: str = ""


@dataclass(frozen=True)
class Holder:
    """Whom a link speaks for: one leader in one campaign, until `expires_at`."""

    center_id: str
    campaign_id: str
    leader_id: str
    expires_at: datetime


def trimmed(text: str) -> str | None:
    """The token at the head of this text, without what a chat program added; None when there is none."""
    match = _TOKEN.match(text)
    return match.group(1) if match else None


def live(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether a link still opens: neither withdrawn nor past its time."""
    return revoked_at is None and now < expires_at


def plain_code(text: str) -> str:
    """A personal code as it was meant, however it was typed: case, blanks, dashes and look-alike letters do not count;
    empty where it cannot be one."""
    code = re.sub(r"[\s\-_.]", "", text).lower().translate(str.maketrans("oil", "011"))
    return code if len(code) == CODE_LENGTH and set(code) <= set(_CODE_LETTERS) else ""


def new_code() -> str:
    """Eight characters of 32: forty bits, enough where guesses are counted."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(CODE_LENGTH))
