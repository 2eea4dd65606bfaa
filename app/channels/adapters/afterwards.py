"""What adapters do with the wire besides posting: take a message back, ask after a credential."""

from app.channels.adapters.answers import say
from app.channels.port import Checked, Outcome, Verdict
from app.core.http import Http, Reply, Request


async def take_back(http: Http, request: Request) -> Reply | Outcome:
    """The platform's answer, or the outcome when there is none."""
    return await say(http, request, doubt="The message may have been taken back")


def taken_back() -> Outcome:
    return Outcome(Verdict.SENT, "taken_back", "The message does not stand any more.")


def in_doubt(reply: Reply) -> Outcome:
    """An answer that does not tell whether the message still stands."""
    detail = "The answer does not tell whether the message was taken back."
    return Outcome(Verdict.AMBIGUOUS, str(reply.status), detail)


def untold(reply: Reply) -> Checked:
    return Checked(None, str(reply.status), f"The answer ({reply.status}) does not tell whether the credential works.")


def works(detail: str) -> Checked:
    return Checked(works=True, code="ok", detail=detail)


def fails(why: Outcome) -> Checked:
    """For a credential with which a post would be refused like this."""
    return Checked(works=False, code=why.code, detail=why.detail)
