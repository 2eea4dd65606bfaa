"""Slack's mrkdwn and Google Chat's, which knows no entities. Neither has an escape for its stars, and both read a star
only beside a space: a sign of no width stands in for one. Platform facts: platforms.md, section 5."""

from app.channels.markup.signs import SILENCE, silenced
from app.core.markdown import Dialect

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_quiet = silenced("*_~`")


def _entities(words: str) -> str:
    return words.translate(_ENTITIES)


SLACK = Dialect(
    text=lambda words: _quiet(_entities(words)),
    bold=lambda words: f"{SILENCE}*{words}*{SILENCE}",
    italic=lambda words: f"{SILENCE}_{words}_{SILENCE}",
    code=lambda words: f"{SILENCE}`{_entities(words)}`{SILENCE}",
    block=lambda words: f"```\n{_entities(words)}\n```",
    link=lambda words, url: f"<{_entities(url)}|{words}>",
    heading=lambda words, _level: f"*{words}*",
)

GOOGLE_CHAT = Dialect(
    text=silenced("*_~`<"),
    bold=SLACK.bold,
    italic=SLACK.italic,
    code=lambda words: f"{SILENCE}`{words}`{SILENCE}",
    block=lambda words: f"```\n{words}\n```",
    link=lambda words, url: f"<{url}|{words}>",
    heading=SLACK.heading,
)
