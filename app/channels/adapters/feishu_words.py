"""What Feishu's two ways in have in common: its hosts, and how a text is written so that it calls nobody.
Platform facts: platforms.md, section 3."""

import re

from app.channels.port import Post

BASE = "https://open.feishu.cn"
HOSTS = ("open.feishu.cn", "open.larksuite.com")

_CALL = re.compile(r"<(?=\s*/?\s*at\b)", re.IGNORECASE)
_EVERYONE_IN_A_CARD = "<at id=all></at>\n"
_EVERYONE = '<at user_id="all">所有人</at>'


def quiet(text: str) -> str:
    """The text, in which nobody is called: a zero-width space opens every tag that would."""
    return _CALL.sub("<\u200b", text)


def worded(post: Post, *, group: bool = True) -> str:
    """The text as Feishu gets it. Where everyone in a group is to be called, that tag stands first."""
    text = quiet(post.text)
    return f"{_EVERYONE} {text}" if post.mention_all and group else text


def carded(post: Post, *, group: bool = True) -> dict[str, object]:
    """The only element of a card that knows Markdown. Its signs are entities by now, so no word in it can be a call."""
    call = _EVERYONE_IN_A_CARD if post.mention_all and group else ""
    return {"tag": "markdown", "content": f"{call}{post.marked}"}
