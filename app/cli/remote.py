"""The API as commands speak to it: an address, a key, and problem documents turned into sentences."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Annotated, Any

import httpx
import typer

from app.cli.places import address
from app.cli.terminal import Failed, printable
from app.core.settings import load

ApiUrl = Annotated[str | None, typer.Option("--url", help="The API's address; else MUSTER_API_URL, else this machine.")]
ApiKey = Annotated[str | None, typer.Option("--key", help="The API key; better given as MUSTER_API_KEY.")]

TIMEOUT_S = 120.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Remote:
    """One API under one key. Every call answers the parsed JSON or raises Failed with a sentence."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        return self._call("GET", path, params=params)

    def post(self, path: str, body: object = None, *, headers: Mapping[str, str] | None = None) -> Any:
        return self._call("POST", path, json={} if body is None else body, headers=headers)

    def patch(self, path: str, body: object) -> Any:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def send_file(self, path: str, file: IO[bytes], *, name: str, fields: Mapping[str, str]) -> Any:
        """A multipart form: these fields and one file under the name `file`."""
        return self._call("POST", path, files={"file": (name, file)}, data=fields)

    def items(self, path: str, params: Mapping[str, str | int] | None = None) -> Iterator[Any]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, {**(params or {}), "limit": 200, **({"cursor": cursor} if cursor else {})})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _call(self, method: str, path: str, **how: Any) -> Any:
        try:
            answer = self._http.request(method, f"/api/v1{path}", **how)
        except httpx.ConnectError as error:
            raise Failed(_nobody(self._http.base_url)) from error
        except httpx.TimeoutException as error:
            raise Failed(f"{_place(self._http.base_url)} did not answer within {TIMEOUT_S:.0f} seconds.") from error
        except httpx.HTTPError as error:
            raise Failed(f"The line to {_place(self._http.base_url)} broke: {type(error).__name__}.") from error
        if not answer.is_success:
            raise Failed(_sentence(answer))
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise Failed(f"What answers at {_place(self._http.base_url)} is not Muster.") from error


@contextmanager
def remote(url: str | None, key: str | None) -> Iterator[Remote]:
    """The API named by the options, else by the settings. Raises Failed when no key is known."""
    settings = load()
    base = _base(url or str(settings.api_url or address(settings.host, settings.port)))
    token = key or (settings.api_key.get_secret_value() if settings.api_key else "")
    if not token:
        raise Failed("Which key? Set MUSTER_API_KEY, or make a key with `muster keys create`.")
    if not token.isascii() or not token.isprintable():
        raise Failed("The API key holds letters that no key has; copy it again.")
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "muster"}
    # A proxy of the environment stands between us and other machines, never between us and ourselves.
    with httpx.Client(base_url=base, headers=headers, timeout=TIMEOUT_S, trust_env=base.host not in _LOOPBACK) as http:
        yield Remote(http)


def _base(text: str) -> httpx.URL:
    """Raises Failed."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise Failed(f"“{printable(text)}” is not the address of an API; write http://HOST:PORT.")
    return url


def _place(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _nobody(url: httpx.URL) -> str:
    return f"Nobody answers at {_place(url)}. Start Muster with `muster up`, or name its address with --url."


def _sentence(answer: httpx.Response) -> str:
    """A problem document as one sentence and one line for each field; anything else by its status."""
    try:
        problem = answer.json()
        lines = [printable(problem["detail"] or problem["title"])]
        lines += [f"  {printable(each['pointer'])}: {printable(each['message'])}" for each in problem.get("errors", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"The API answered {answer.status_code} {answer.reason_phrase} without saying why."
    return os.linesep.join(lines)
