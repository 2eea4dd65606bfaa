"""E-mail: one letter for one mailbox, a leader's or a mailing list's, through the account's own mail server (SMTP).

Facts: RFC 5321 (replies; section 4.2.1: after a 4yz or 5yz reply the requested action did not occur), RFC 4954 (login),
RFC 3463 and IANA's registry of enhanced status codes, RFC 5322 (headers).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from email.headerregistry import Address

from app.channels.adapters.answers import quoted, throttled
from app.channels.adapters.email_letter import is_mailbox, letter, message_id, sender
from app.channels.port import Checked, Credential, Outcome, Post, Size, Unit, Verdict
from app.core.addresses import AddressRefused, mail_place
from app.core.http import Http, LineLost, NotSent
from app.core.limits import Limit, Scope
from app.core.mail import Busy, Letter, Mail, Said, Server, Step

_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)

_BUSY_WAIT_S = 5.0
_SLOW_WAIT_S = 60.0
_SLOW = {"4.3.2", "4.4.5", "4.7.28"}  # takes no more mail now; congestion; a flood of mail was detected

_REFUSED: Mapping[Step, tuple[Verdict, str]] = {
    Step.BEGINNING: (Verdict.CREDENTIAL_REFUSED, "The mail server takes no mail from us"),
    Step.TLS: (Verdict.CREDENTIAL_REFUSED, "The mail server does not encrypt, and nothing is said in the clear"),
    Step.LOGIN: (Verdict.CREDENTIAL_REFUSED, "The mail server refused the login"),
    Step.SENDER: (Verdict.CREDENTIAL_REFUSED, "The mail server does not let us write as this sender"),
    Step.RECIPIENT: (Verdict.TARGET_GONE, "The mail server does not know this mailbox, or may not write to it"),
    Step.READY: (Verdict.CONTENT_REFUSED, "The mail server will not take this letter"),
    Step.TEXT: (Verdict.CONTENT_REFUSED, "The mail server will not take this letter"),
}


class Email:
    """A server that says yes has only taken the letter; whether it arrives, nobody tells. Repeats carry the same
    Message-ID, which many mailboxes use to show one letter, but none promises to."""

    name = "email"
    platform = "email"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ("smtp_url", "sender")
    optional_secret: tuple[str, ...] = ("user", "password")
    server_secret = "smtp_url"  # noqa: S105 - the name of one, not a secret
    url_addresses = False
    keyed: float | None = None
    limits: tuple[Limit, ...] = ()  # every provider's own; an account sets what its provider publishes
    size = Size(100_000, Unit.BYTES)  # ours: longer letters are cut by common readers
    beside_picture = size.most

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def address_problem(self, address: str) -> str | None:
        if is_mailbox(address):
            return None
        return "An e-mail address is one mailbox in plain ASCII, like parents-3b@lists.example.org."

    async def post(self, post: Post, http: Http) -> Outcome:  # noqa: ARG002 - mail goes over a line of its own
        found = _server(post.secret)
        if isinstance(found, str):
            return Outcome(Verdict.CREDENTIAL_REFUSED, "bad_secret", found)
        if self.address_problem(post.address) is not None:
            return Outcome(Verdict.TARGET_GONE, "bad_address", "This is no address of one mailbox; nothing was sent.")
        server, author = found
        try:
            said = await self._mail.send(server, Letter(author.addr_spec, post.address, letter(post, author)))
        except Busy as error:
            return Outcome(Verdict.NOT_SENT, "busy", f"It waits its turn: {error}.", wait_s=_BUSY_WAIT_S)
        except NotSent as error:
            return Outcome(Verdict.NOT_SENT, "not_sent", f"No letter left this machine: {error}.")
        except LineLost as error:
            return Outcome(
                Verdict.AMBIGUOUS, "line_lost", f"The letter may be on its way; nobody can know yet: {error}."
            )
        return _understood(said, post, author)

    async def check(self, credential: Credential, http: Http) -> Checked:  # noqa: ARG002
        """Whether the server lets us in and lets us write as this sender."""
        found = _server(credential.secret)
        if isinstance(found, str):
            return Checked(works=False, code="bad_secret", detail=found)
        server, author = found
        try:
            said = await self._mail.ask(server, author.addr_spec)
        except (NotSent, LineLost) as error:
            return Checked(None, "no_answer", f"The mail server did not answer, so nobody can tell: {error}.")
        if said.step is Step.SENDER and 200 <= said.code < 300:
            return Checked(works=True, code=str(said.code), detail="The mail server takes this login and this sender.")
        if 500 <= said.code < 600:
            detail = f"{_REFUSED[said.step][1]} ({quoted(said.words, credential)})."
            return Checked(works=False, code=str(said.code), detail=detail)
        return Checked(None, str(said.code), "The mail server's answer does not tell whether the account works.")


def _server(secret: Mapping[str, str]) -> tuple[Server, Address] | str:
    """The server and who writes, or what is wrong with the secrets."""
    try:
        mail_place(secret.get("smtp_url", ""))
    except AddressRefused:
        return "The secret `smtp_url` is not smtp://host:587 or smtps://host:465; user and password stand apart."
    author = sender(secret.get("sender", ""))
    if author is None:
        return "The secret `sender` is no mailbox, like `Muster <muster@example.org>`."
    return Server(secret["smtp_url"], secret.get("user", ""), secret.get("password", "")), author


def _understood(said: Said, post: Post, author: Address) -> Outcome:
    """The last word of a conversation. Until the text was said, there was nothing to take."""
    found = _ENHANCED.match(said.words)
    code = f"{said.code} {found[1]}" if found else str(said.code)
    words = quoted(said.words, post)
    if 200 <= said.code < 300 and said.step is Step.TEXT:
        return Outcome(
            Verdict.HANDED_OVER, code, "The mail server took the letter.", message_id=message_id(post.key, author)
        )
    if 400 <= said.code < 500 and found and found[1] in _SLOW:
        return _slow(code)
    if 400 <= said.code < 500:
        return Outcome(Verdict.NOT_SENT, code, f"The mail server did not take the letter this time ({words}).")
    if 500 <= said.code < 600:
        verdict, sentence = _refused(said)
        return Outcome(verdict, code, f"{sentence} ({words}).")
    if said.step is Step.TEXT:
        return Outcome(Verdict.AMBIGUOUS, code, "The mail server answered nonsense; it may have taken the letter.")
    return Outcome(Verdict.NOT_SENT, code, f"The mail server answered nonsense at the {said.step}.")


def _refused(said: Said) -> tuple[Verdict, str]:
    """What a lasting refusal means. A login that is missing (530) shows wherever the server likes to ask for it."""
    if said.code == 530:
        return _REFUSED[Step.LOGIN]
    if said.code == 552 and said.step is Step.SENDER:
        return _REFUSED[Step.TEXT]
    return _REFUSED[said.step]


def _slow(code: str) -> Outcome:
    return replace(throttled(code, _SLOW_WAIT_S), scope=Scope.ACCOUNT)
