"""A real mail server that wants a login, and the papers it shows."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.channels.harness import CANARY

NAME = "mail.example.org"


@dataclass
class Mailbox:
    """A real server's memory. It knows one user, and takes everything but mail for nobody@."""

    port: int = 0
    letters: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the server's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.letters.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 2.0.0 Ok: queued"


def _judge(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"muster", CANARY.encode())
    return AuthResult(success=known, handled=False)


@dataclass(frozen=True)
class Papers:
    """A certificate of this run for NAME, as a server shows it and as a client believes it."""

    shown: ssl.SSLContext
    believed: ssl.SSLContext


def make_papers(folder: Path) -> Papers:
    """Signed by itself, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem + private)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(folder / "both.pem")
    return Papers(shown, ssl.create_default_context(cadata=pem.decode()))


@asynccontextmanager
async def mail_server(*, tls: ssl.SSLContext | None = None, at_once: bool = False) -> AsyncIterator[Mailbox]:
    """A real server that wants a login: with `tls` by STARTTLS, or `at_once`."""
    mailbox = Mailbox()

    def conversation() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # it warns of exactly what is tried here: a login in the clear
            return SMTP(
                mailbox,
                hostname=NAME,
                tls_context=None if at_once else tls,
                authenticator=_judge,
                auth_require_tls=False,
                auth_required=True,
            )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, "127.0.0.1", 0, ssl=tls if at_once else None)
    mailbox.port = server.sockets[0].getsockname()[1]
    yield mailbox
    server.close()
    await asyncio.sleep(0.05)
