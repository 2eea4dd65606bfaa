"""What is shown of a group: the code that stands only in its post, how it is made, put under the text, and read back
from a phone; and pictures of it, of which there may be some."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that looks like something else: no 0 and O, no 1, I and L."""
LENGTH = 4
MOST_TRIES = 5
"""Wrong codes for one group, from whomever; with 31 to the power of four codes, guessing is hopeless."""
SHOWN = "code"
WRONG = "wrong code"
"""What is kept of a code: not what was typed, but whether it was the one."""
HIDDEN = "•" * LENGTH
"""What the leader's page shows in its place."""

MOST_PICTURES = 5
"""Of one group, one after the other: each is kept as long as the ledger, and a better one may be shown a few times."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Shown:
    """What was shown of a group so far: by whose word it is `done`, the `pictures` by their ids, the newest last and
    shown `at`, and how many `wrong` codes were told."""

    done: str | None = None
    pictures: tuple[str, ...] = ()
    at: datetime | None = None
    wrong: int = 0

    @property
    def full(self) -> bool:
        return len(self.pictures) >= MOST_PICTURES

    def better(self, leader_id: str, picture_id: str) -> bool:
        """Whether this picture, from this leader, is another one than stands there: by whom it is done may show it."""
        return self.done == leader_id and self.pictures[-1:] != (picture_id,)


def code_of(seed: str, relay_id: str) -> str:
    """The code of one group in one campaign: derived whenever it is needed, kept nowhere."""
    number = int.from_bytes(hmac.digest(seed.encode(), f"code:{relay_id}".encode(), hashlib.sha256))
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def coded(text: str, code: str) -> str:
    """The text as it goes into the group, with the code in a last line of the text's own language."""
    line = f"（核对码：{code}）" if _CHINESE.search(text) else f"(Code: {code})"
    return f"{text}\n{line}"


def is_code(typed: str, code: str) -> bool:
    """Whether this is the code, however it was typed; compared in constant time."""
    plain = re.sub(r"[\s\-_.:：()（）]", "", typed).upper()
    return hmac.compare_digest(plain.encode(), code.encode())
