"""The one client for mail servers: a guarded line, a total deadline, one step after the other."""

import asyncio
import ipaddress
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult
from aiosmtplib import SMTP, SMTPResponseException, SMTPServerDisconnected

from app.core.addresses import AddressRefused, Guard, GuardedResolver, Place, public_literal
from app.core.http import CONNECT_S, DEADLINE_S, LineLost, NotSent
from app.core.mail import Busy, Letter, Said, Server, Step

AT_ONCE = 3
"""Conversations with one server at a time: large providers refuse a fourth."""

_NAME = "[127.0.0.1]"  # what a client without a name of its own calls itself (RFC 5321, section 4.1.3)
_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass
class _Line:
    """What is known about one conversation."""

    step: Step = Step.BEGINNING


class MailClient:
    """Speaks to mail servers that the guard lets through: always encrypted, save to a listed loopback address."""

    def __init__(
        self,
        guard: Guard,
        *,
        deadline_s: float = DEADLINE_S,
        resolver: AbstractResolver | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`trust`: which certificates are believed, the system's if None."""
        self._guard = guard
        self._deadline_s = deadline_s
        self._resolver = resolver
        self._trust = trust
        self._turns: dict[Place, asyncio.Semaphore] = {}

    async def send(self, server: Server, letter: Letter) -> Said:
        return await self._within_deadline(server, letter.sender, letter)

    async def ask(self, server: Server, sender: str) -> Said:
        return await self._within_deadline(server, sender, None)

    async def _within_deadline(self, server: Server, sender: str, letter: Letter | None) -> Said:
        line = _Line()
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._in_turn(server, sender, letter, line)
        except Busy:
            raise
        except AddressRefused as error:
            trouble = str(error)
        except TimeoutError:
            trouble = f"no complete answer within {self._deadline_s:g} s"
        except Exception as error:  # noqa: BLE001 - whatever a server provokes, nothing else may escape
            trouble = type(error.__cause__ or error).__name__
        if line.step is Step.TEXT:
            raise LineLost(f"the connection broke ({trouble})")
        raise NotSent(f"the conversation broke off at its {line.step} ({trouble})")

    async def _in_turn(self, server: Server, sender: str, letter: Letter | None, line: _Line) -> Said:
        """Half of the time there is may pass in waiting, so that a conversation that begins has enough of it."""
        place = self._guard.check_mail(server.url)
        turns = self._turns.setdefault(place, asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(self._deadline_s / 2):
                await turns.acquire()
        except TimeoutError:
            raise Busy("too many letters for this mail server were under way") from None
        try:
            return await self._spoken(place, server, sender, letter, line)
        finally:
            turns.release()

    async def _spoken(self, place: Place, server: Server, sender: str, letter: Letter | None, line: _Line) -> Said:
        smtp, bare = await self._opened(place)
        try:
            said = await _converse(smtp, server, sender, letter, line, encrypt=not (smtp.use_tls or bare))
            _farewell(smtp)
        except SMTPResponseException as error:
            said = Said(line.step, error.code, error.message)
            _farewell(smtp)
        finally:
            smtp.close()
        return said

    async def _opened(self, place: Place) -> tuple[SMTP, bool]:
        """A line to an address that was judged, not yet spoken on, and whether it may stay bare: it does not leave
        this machine."""
        resolver = GuardedResolver(self._guard, self._resolver)
        listed = self._guard.lists(place.host, place.port)
        if self._trust is None:
            self._trust = ssl.create_default_context()
        trouble = OSError("the name has no address")
        for found in await resolver.resolve(place.host, place.port):
            try:
                line = await _connected(found, listed=listed)
            except OSError as error:
                trouble = error
                continue
            smtp = SMTP(
                hostname=place.host,
                sock=line,
                use_tls=place.scheme == "smtps",
                start_tls=False,
                tls_context=self._trust,
                local_hostname=_NAME,
                timeout=None,
            )
            return smtp, listed and place.scheme == "smtp" and _loopback(place.host) and _loopback(found["host"])
        raise trouble


def _loopback(host: str) -> bool:
    """Whether this is plainly this machine; a name that merely leads here is not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


async def _connected(found: ResolveResult, *, listed: bool) -> socket.socket:
    """Raises OSError. The last gate: this is the very address that is connected to."""
    if not listed and not public_literal(found["host"]):
        raise OSError("the address is not public")
    line = socket.socket(found["family"], socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        line.setblocking(False)  # noqa: FBT003 - the library's own signature
        async with asyncio.timeout(CONNECT_S):
            await asyncio.get_running_loop().sock_connect(line, (found["host"], found["port"]))
    except BaseException:
        line.close()
        raise
    return line


async def _converse(
    smtp: SMTP, server: Server, sender: str, letter: Letter | None, line: _Line, *, encrypt: bool
) -> Said:
    """Step by step until the server refuses or all is said. Raises SMTPResponseException for its refusals."""
    await smtp.connect()
    await smtp.ehlo()
    if encrypt:
        line.step = Step.TLS
        if not smtp.supports_extension("starttls"):
            return Said(line.step, 502, "it offers no STARTTLS")
        await smtp.starttls()
        await smtp.ehlo()
    if server.user:
        line.step = Step.LOGIN
        if not smtp.supported_auth_methods:
            return Said(line.step, 504, "it offers no way to log in that we know")
        await smtp.login(server.user, server.password)
    line.step = Step.SENDER
    answer = await smtp.mail(sender)
    if letter is None:
        return Said(line.step, answer.code, answer.message)
    line.step = Step.RECIPIENT
    await smtp.rcpt(letter.recipient)
    line.step = Step.READY
    answer = await smtp.execute_command(b"DATA")
    if answer.code != 354 or smtp.protocol is None:
        return Said(line.step, answer.code, answer.message)
    line.step = Step.TEXT
    smtp.protocol.write(_DOT.sub(b"..", letter.text) + b".\r\n")
    answer = await smtp.protocol.read_response()
    return Said(line.step, answer.code, answer.message)


def _farewell(smtp: SMTP) -> None:
    """A polite end, whose answer could change nothing any more and is not awaited."""
    with suppress(SMTPServerDisconnected):
        if smtp.protocol is not None:
            smtp.protocol.write(b"QUIT\r\n")
