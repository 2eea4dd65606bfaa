"""Apprise: some 170 further services through one library, as far as it can be trusted (an extra: `muster[apprise]`).

It says only whether it worked: no reasons, no waits, no ids (apprise 2.2, `Apprise.notify`). So a yes is handed over
and every other end, once it has begun, is unknown. It opens its own sockets: we judge the host the address names.
"""

import asyncio
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor

from apprise import Apprise as Library
from apprise import AppriseAsset, NotifyBase, NotifyFormat

from app.channels.adapters.mentions import uncalled
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.core.addresses import AddressRefused, Guard
from app.core.http import DEADLINE_S, Http
from app.core.limits import Limit

THREADS = 4

_BUSY_WAIT_S = 5.0
_SHAPE = re.compile(r"(?P<scheme>[a-z][a-z0-9]{1,19})://[!-~]{1,1000}", re.ASCII | re.IGNORECASE)

_REFUSED = frozenset({
    "blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows",  # act on the machine Muster runs on
    "fcm", "vapid",  # read files of that machine
    "nostr",  # goes to whatever hosts the address lists
    "mailto", "mailtos", "deltachat", "deltachats",  # that is the channel `email`
})  # fmt: skip

_own = logging.getLogger("apprise")
_own.addHandler(logging.NullHandler())
_own.propagate = False  # its lines may repeat addresses, which are credentials


class _Ticket:
    """Whether a post has begun or was given up: one of the two, whoever comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = ""

    def take(self, state: str) -> bool:
        with self._lock:
            self._state = self._state or state
            return self._state == state


class Apprise:
    """An address is a whole Apprise URL, and its only credential. A thread that hangs is left behind."""

    name = "apprise"
    platform = "apprise"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    guards_itself = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = ()  # as many as there are services; the library knows none of them
    size = Size(2000, Unit.CODE_POINTS)  # what most of its chat services take; the library may cut what is longer

    def __init__(self, guard: Guard, *, deadline_s: float = DEADLINE_S) -> None:
        self._guard = guard
        self._deadline_s = deadline_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apprise")

    def address_problem(self, address: str) -> str | None:
        """The shape alone; the service is loaded, and the host it names judged, when something is posted."""
        shape = _SHAPE.fullmatch(address)
        if shape is None:
            return "An Apprise address is a whole Apprise URL, like jsons://example.org/notify."
        if shape["scheme"].lower() in _REFUSED:
            return "Muster does not use this service of Apprise; docs/platforms/apprise.md says why."
        return None

    async def post(self, post: Post, http: Http) -> Outcome:  # noqa: ARG002 - the library speaks for itself
        problem = self.address_problem(post.address)
        if problem is not None:
            return Outcome(Verdict.TARGET_GONE, "bad_address", problem)
        ticket = _Ticket()
        job = self._threads.submit(self._say, post, ticket)
        try:
            async with asyncio.timeout(self._deadline_s):
                return await asyncio.wrap_future(job)
        except TimeoutError:
            if ticket.take("given up"):
                detail = "It waits its turn: the threads for Apprise were all at work."
                return Outcome(Verdict.NOT_SENT, "busy", detail, wait_s=_BUSY_WAIT_S)
            detail = f"Apprise did not come back within {self._deadline_s:g} s; the message may have been posted."
            return Outcome(Verdict.AMBIGUOUS, "no_answer", detail)

    def _say(self, post: Post, ticket: _Ticket) -> Outcome:
        """In a thread of its own. Never raises."""
        try:
            service = _service(post.address)
            if service is None:
                return Outcome(Verdict.TARGET_GONE, "bad_address", "Apprise knows no service with such an address.")
            self._judge(service)
        except AddressRefused as error:
            return Outcome(Verdict.NOT_SENT, "not_sent", f"Nothing left this machine: {error}.")
        except Exception as error:  # noqa: BLE001 - any of 170 services may fail in its own way
            detail = f"Apprise could not read this address ({type(error).__name__})."
            return Outcome(Verdict.TARGET_GONE, "bad_address", detail)
        if not ticket.take("begun"):
            return Outcome(Verdict.NOT_SENT, "given_up", "Nobody waits for it any more; nothing was sent.")
        return _said(service, uncalled(post.text))

    def _judge(self, service: NotifyBase) -> None:
        """Raises AddressRefused where the address names a host that may not be contacted."""
        templates: tuple[str, ...] = service.templates
        if any("{host}" in template for template in templates):
            self._guard.check_host(str(service.host).strip("[]"), int(service.port or 443))


def _service(address: str) -> NotifyBase | None:
    """The service of this address, made to try once and to follow no redirect, whatever its arguments say."""
    asset = AppriseAsset(async_mode=False, storage_mode="memory", http_redirects=False)
    service = Library.instantiate(address, asset=asset)
    if service is not None:
        service.redirects = False
        service.retry = 0
    return service


def _said(service: NotifyBase, text: str) -> Outcome:
    try:
        took = bool(Library([service]).notify(body=text, body_format=NotifyFormat.TEXT))
    except Exception as error:  # noqa: BLE001 - as above, and now anything may have left
        detail = f"Apprise broke down ({type(error).__name__}); the message may have been posted."
        return Outcome(Verdict.AMBIGUOUS, "broke", detail)
    if took:
        return Outcome(Verdict.HANDED_OVER, "ok", "Apprise says that the service took the message.")
    return Outcome(Verdict.AMBIGUOUS, "failed", "Apprise says no and not why; the message may have been posted.")
