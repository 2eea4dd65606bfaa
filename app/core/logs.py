"""Logs: one structured line per happening, and no secret in any of them."""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from itertools import islice
from typing import Any

import structlog

_SECRETS = (
    re.compile(r"bot\d+:[\w-]+"),
    re.compile(r"\b(mk|rl|ms|si|sl|ph|iv|rp)_[a-zA-Z0-9]{12}_[a-zA-Z0-9]+"),
    re.compile(r"(?<=[?&])(key|access_token|token|sign|sig|secret|corpid|corpsecret)=[^&\s\"']+", re.IGNORECASE),
    re.compile(r"/(services|hook|hooks|webhooks)/[\w/-]{8,}"),
    re.compile(r"\bxox[a-z]-[\w-]+|\bxapp-[\w-]+"),
    re.compile(r"\b[\w-]{20,}\.[\w-]{6,7}\.[\w-]{27,}"),
    re.compile(r"whsec_[\w+/=-]+"),
    re.compile(r"\bt-[\w.-]{16,}"),
    re.compile(r"\b(syt|mat|mct)_[\w-]{8,}"),
    re.compile(r"(?<=\bBearer )[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(?<=://)[^/@\s]+@"),
)


MOST_CAUSES = 10


def redact(text: str) -> str:
    """The text without anything that looks like a credential."""
    for pattern in _SECRETS:
        text = pattern.sub("[redacted]", text)
    return text


def set_up(level: str, style: str) -> None:
    """Route everything, our own lines and the libraries', through one redacting handler on standard error."""
    last = (
        structlog.dev.ConsoleRenderer() if style == "console" else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_words,
                _redact_all,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "aiohttp.access", "arq", "uvicorn.access", "aiosqlite", "urllib3", "requests"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _without_words(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception and what it came of, each as the places it went through and its kind. What they say is left out:
    it may hold an address or a secret of no known shape."""
    given = line.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given if isinstance(given, BaseException) else sys.exc_info()[1]
    if given and error is not None:
        line["exception"] = "\n".join(reversed(list(islice(_told(error), MOST_CAUSES))))
    return line


def _told(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        yield f"Traceback (most recent call last):\n{places}{type(error).__name__}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _redact_all(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in line.items()}
