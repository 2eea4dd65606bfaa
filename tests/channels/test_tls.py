"""Names that do not resolve, and lines that cannot be trusted: nothing is said before a platform has proven who it is,
so all of it is free to try again, and none of it is ever said in the open."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.channels.adapters.webhook import Webhook
from app.channels.port import Post, Verdict
from app.core import http as core_http
from app.core.addresses import Guard
from app.core.http import HttpClient, NotSent, Request
from tests.channels.harness import CANARY
from tests.channels.platform import answer, platform
from tests.conftest import T0

NAME = "platform.test"
NOW = datetime.now(UTC)
YEAR = timedelta(days=365)


@dataclass
class House:
    """An authority that this machine trusts, and what it signs."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def root(self) -> x509.Certificate:
        about = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        built = _certificate(about, about, self.key, NOW - YEAR, NOW + YEAR)
        return built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
            self.key, hashes.SHA256()
        )

    def serves(self, host: str, begins: datetime, ends: datetime) -> ssl.SSLContext:
        """What a server needs that shows a certificate for this host and these days."""
        key = ec.generate_private_key(ec.SECP256R1())
        about = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        built = _certificate(about, self.root.subject, key, begins, ends)
        named = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        path = self.folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed = named.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        path.write_bytes(private + signed)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context


def _certificate(
    about: x509.Name, by: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder().subject_name(about).issuer_name(by).public_key(key.public_key())
    return built.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = House(tmp_path)
    (tmp_path / "root.pem").write_bytes(made.root.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    core_http._trust.cache_clear()
    yield made
    core_http._trust.cache_clear()


class Book(AbstractResolver):
    """Knows where the platform is, after it has failed so many times."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if self.fails:
            self.fails -= 1
            raise OSError(-3, "Temporary failure in name resolution")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


YES = b"HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


@asynccontextmanager
async def _line(serve: Serve, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    talks: set[asyncio.Task[None] | None] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        with contextlib.suppress(OSError):
            await serve(reader, writer)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()
    async with asyncio.timeout(5):
        await asyncio.gather(*(task for task in talks if task is not None))


async def _said(port: int, heard: list[bytes], *, fails: int = 0, deadline_s: float = 5.0) -> tuple[str, str]:
    """A webhook's post: the verdict, and everything that is told of it. No word may have left."""
    guard = Guard(frozenset({f"{NAME}:{port}"}))
    http = HttpClient(guard, resolver=Book(fails), deadline_s=deadline_s)
    post = Post("dlv_1", "words", T0, f"https://{NAME}:{port}/{CANARY}", {"signing_secret": ""})
    outcome = await Webhook().post(post, http)
    await http.close()
    assert CANARY not in repr(outcome)
    if outcome.verdict is Verdict.NOT_SENT:
        assert not [words for words in heard if b"words" in words or b"POST" in words]
    return outcome.verdict.value, outcome.detail


CERTIFICATES = {
    "good": (NAME, -YEAR, YEAR, "sent", ""),
    "another name": ("elsewhere.test", -YEAR, YEAR, "not_sent", "ClientConnectorCertificateError"),
    "expired": (NAME, -2 * YEAR, -YEAR, "not_sent", "ClientConnectorCertificateError"),
    "of next year": (NAME, YEAR, 2 * YEAR, "not_sent", "ClientConnectorCertificateError"),
}


@pytest.mark.parametrize("shown", CERTIFICATES)
async def test_a_certificate_that_does_not_hold_is_never_spoken_to(house: House, shown: str) -> None:
    name, begins, ends, verdict, why = CERTIFICATES[shown]
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(10_000))
        writer.write(YES)

    async with _line(serve, house.serves(name, NOW + begins, NOW + ends)) as port:
        told = await _said(port, heard)
    assert told[0] == verdict
    assert why in told[1]
    assert bool(heard) == (verdict == "sent")


async def test_an_authority_nobody_knows_is_never_spoken_to(house: House) -> None:
    stranger = House(house.folder).serves(NAME, NOW - YEAR, NOW + YEAR)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(10_000))

    async with _line(serve, stranger) as port:
        assert (await _said(port, heard))[0] == "not_sent"
    assert heard == []


HANDSHAKES: dict[str, bytes | None] = {
    "cut": b"",
    "answered in the open": YES,
    "answered with an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "never answered": None,
}


@pytest.mark.parametrize("handshake", HANDSHAKES)
@pytest.mark.usefixtures("house")
async def test_a_handshake_that_fails_said_nothing(handshake: str) -> None:
    heard: list[bytes] = []
    said = HANDSHAKES[handshake]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(10_000))
        if said is not None:
            writer.write(said)
        else:
            await reader.read()

    async with _line(serve, None) as port:
        verdict, _ = await _said(port, heard, deadline_s=5.0 if said is not None else 0.5)
    assert verdict == "not_sent"
    assert len(heard) == 1, "it knocked once"


async def test_a_name_that_resolves_now_and_then_is_said_once_it_does() -> None:
    async with platform(answer(204, {}, b"")) as there:
        http = HttpClient(Guard(frozenset({f"{NAME}:{there.port}"})), resolver=Book(fails=2))
        for _ in range(2):
            with pytest.raises(NotSent, match="no connection was made") as lost:
                await http.send(Request(f"http://{NAME}:{there.port}/{CANARY}"))
            assert CANARY not in str(lost.value)
        assert (await http.send(Request(f"http://{NAME}:{there.port}/"))).status == 204
        await http.close()
    assert len(there.heard) == 1


async def test_a_name_that_does_not_exist_said_nothing() -> None:
    http = HttpClient(Guard(), deadline_s=5)
    with pytest.raises(NotSent):
        await http.send(Request("https://nobody.invalid/"))
    await http.close()
