"""HTML: Telegram's few tags without structure (`parse_mode` HTML), and Matrix' `formatted_body`. Platform facts:
platforms.md, sections 4 and 7."""

from collections.abc import Sequence
from html import escape

from app.core.markdown import Dialect


def _listed(items: Sequence[str], start: int | None) -> str:
    tag, first = ("ul", "") if start is None else ("ol", f' start="{start}"')
    return f"<{tag}{first}>" + "".join(f"<li>{item}</li>" for item in items) + f"</{tag}>"


def _link(words: str, url: str) -> str:
    return f'<a href="{escape(url)}">{words}</a>'


TELEGRAM = Dialect(
    text=escape,
    bold=lambda words: f"<b>{words}</b>",
    italic=lambda words: f"<i>{words}</i>",
    code=lambda words: f"<code>{escape(words)}</code>",
    block=lambda words: f"<pre>{escape(words)}</pre>",
    link=_link,
    heading=lambda words, _level: f"<b>{words}</b>",
)

MATRIX = Dialect(
    text=escape,
    bold=lambda words: f"<strong>{words}</strong>",
    italic=lambda words: f"<em>{words}</em>",
    code=lambda words: f"<code>{escape(words)}</code>",
    block=lambda words: f"<pre><code>{escape(words)}</code></pre>",
    link=_link,
    heading=lambda words, level: f"<h{level}>{words}</h{level}>",
    paragraph=lambda words: f"<p>{words}</p>",
    items=_listed,
    line="<br>",
    gap="",
)
