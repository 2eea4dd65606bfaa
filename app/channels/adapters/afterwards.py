"""What adapters do with the wire besides posting: take a message back, ask after a credential."""

from app.channels.port import Checked, Outcome, Verdict
from app.core.http import Http, LineLost, NotSent, Reply, Request


async def take_back(http: Http, request: Request) -> Reply | Outcome:
    """The platform's answer, or the outcome when there is none."""
    try:
        return await http.send(request)
    except NotSent as error:
        return Outcome(Verdict.NOT_SENT, "not_sent", f"Nothing left this machine: {error}.")
    except LineLost as error:
        detail = f"The message may have been taken back; nobody can know yet: {error}."
        return Outcome(Verdict.AMBIGUOUS, "line_lost", detail)


def taken_back() -> Outcome:
    return Outcome(Verdict.SENT, "taken_back", "The message does not stand any more.")


def in_doubt(reply: Reply) -> Outcome:
    """An answer that does not tell whether the message still stands."""
    detail = "The answer does not tell whether the message was taken back."
    return Outcome(Verdict.AMBIGUOUS, str(reply.status), detail)


async def ask(http: Http, request: Request) -> Reply | Checked:
    """The platform's answer, or that there is none."""
    try:
        return await http.send(request)
    except (NotSent, LineLost) as error:
        return Checked(None, "no_answer", f"The platform could not be asked: {error}.")


def untold(reply: Reply) -> Checked:
    return Checked(None, str(reply.status), f"The answer ({reply.status}) does not tell whether the credential works.")


def works(detail: str) -> Checked:
    return Checked(works=True, code="ok", detail=detail)


def fails(why: Outcome) -> Checked:
    """For a credential with which a post would be refused like this."""
    return Checked(works=False, code=why.code, detail=why.detail)
