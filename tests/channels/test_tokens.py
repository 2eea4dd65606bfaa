"""Lent tokens: asked for once for everyone, kept while they live, renewed once, and never a reason to say it twice."""

import asyncio

import pytest

from app.channels.adapters.tokens import Tokens
from app.channels.port import Posted, Recalls, Verdict
from tests.channels.harness import CANARY
from tests.channels.lending import APPS, App, Desk, lender
from tests.channels.platform import Act, answer, drip, raw, reset, then_close
from tests.conftest import T0

V = Verdict
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"


YES = {V.SENT, V.HANDED_OVER}
EACH = pytest.mark.parametrize("app", APPS, ids=str)


def _ok(body: bytes) -> Act:
    return answer(200, {}, body)


@EACH
async def test_one_question_serves_everyone_who_waits(app: App) -> None:
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        outcomes = await asyncio.gather(*(desk.post() for _ in range(12)))
        await desk.http.close()
    assert {outcome.verdict for outcome in outcomes} <= YES
    assert (len(there.asked), len(there.said)) == (1, 12)


@EACH
async def test_a_token_is_kept_until_shortly_before_it_ends(app: App) -> None:
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        for later_s, asked in ((0, 1), (6899, 1), (6901, 2), (6902, 2), (20_000, 3)):
            assert (await desk.post(later_s=later_s)).verdict in YES
            assert len(there.asked) == asked, later_s
        await desk.http.close()


@EACH
async def test_each_secret_has_a_token_of_its_own(app: App) -> None:
    name = next(name for name in app.secret if name.endswith("secret"))
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        for secret in ("one", "two", "one"):
            await desk.post(**{name: secret})
        await desk.http.close()
    assert len(there.asked) == 2


@EACH
async def test_a_token_that_is_not_taken_is_renewed_and_the_words_go_with_the_new_one(app: App) -> None:
    """But not at once: a stop may have come while the platform answered."""
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        assert (await desk.post()).verdict in YES
        there.lends, there.answers = _ok(app.lends.replace(b"t-one", b"t-two")), _ok(app.stale)
        outcome = await desk.post()
        assert (outcome.verdict, outcome.wait_s, len(there.said)) == (V.NOT_SENT, 0, 2)
        there.answers = _ok(app.takes)
        assert (await desk.post()).verdict in YES
        await desk.http.close()
    carried = [heard.headers.get(app.field, heard.path) for heard in there.said]
    assert ["t-one" in carried[0], "t-one" in carried[1], "t-two" in carried[2]] == [True] * 3
    assert len(there.asked) == 2


@EACH
async def test_it_is_renewed_once_and_no_more(app: App) -> None:
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        assert (await desk.post()).verdict in YES
        there.answers = _ok(app.stale)
        verdicts = [(await desk.post()).verdict for _ in range(2)]
        await desk.http.close()
    assert verdicts == [V.NOT_SENT, V.CREDENTIAL_REFUSED]
    assert (len(there.asked), len(there.said)) == (2, 3)


@EACH
async def test_what_nobody_sees_is_asked_again_at_once_with_a_new_one_and_no_more(app: App) -> None:
    async with lender(_ok(app.lends), _ok(app.stale)) as there:
        desk = Desk(app, there)
        outcome = await desk.ask()
        await desk.http.close()
    assert outcome.verdict is V.CREDENTIAL_REFUSED
    assert (len(there.asked), len(there.said)) == (2, 2)


@EACH
async def test_many_with_the_same_stale_token_renew_it_together(app: App) -> None:
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        await desk.post()
        takes, stale, later = there.answers, _ok(app.stale), app.lends.replace(b"t-one", b"t-two")

        async def only_the_new_one(writer: asyncio.StreamWriter) -> None:
            heard = there.there.heard[-1]
            await (takes if "t-two" in heard.headers.get(app.field, heard.path) else stale)(writer)

        there.lends, there.answers = _ok(later), only_the_new_one
        held = await asyncio.gather(*(desk.post() for _ in range(8)))
        outcomes = await asyncio.gather(*(desk.post() for _ in range(8)))
        await desk.http.close()
    assert {outcome.wait_s for outcome in held} == {0}
    assert {outcome.verdict for outcome in outcomes} <= YES
    assert len(there.asked) <= 3, "everyone renewed it for himself"


@EACH
async def test_a_wrong_secret_is_found_out_once_for_everyone_who_waits(app: App) -> None:
    async with lender(_ok(app.wrong), _ok(app.takes)) as there:
        desk = Desk(app, there)
        outcomes = await asyncio.gather(*(desk.post() for _ in range(8)))
        await desk.http.close()
    assert {outcome.verdict for outcome in outcomes} == {V.CREDENTIAL_REFUSED}
    assert (len(there.asked), len(there.said)) == (1, 0)


NO_TOKEN: dict[str, Act] = {
    "500": answer(500, {}, b""),
    "502": answer(502, {}, b"<html>"),
    "HTML in a 200": answer(200, {}, b"<html>Welcome</html>"),
    "half a JSON": answer(200, {}, b'{"code":0,"errcode":0,"tena'),
    "yes without a token": answer(200, {}, b'{"code":0,"errcode":0}'),
    "a number for a token": answer(200, {}, b'{"code":0,"errcode":0,"tenant_access_token":1,"access_token":1}'),
    "a token with a line break": answer(
        200, {}, b'{"code":0,"errcode":0,"tenant_access_token":"a\\nb","access_token":"a\\nb"}'
    ),
    "a code nobody knows": answer(200, {}, b'{"code":1,"errcode":1}'),
    "a redirect": answer(302, {"Location": "/x"}, b""),
    "reset": reset,
    "closed": then_close(),
    "half an answer": then_close(HEAD + b"{"),
}


@EACH
@pytest.mark.parametrize("kind", NO_TOKEN)
async def test_without_a_token_nothing_is_said_and_that_is_known(app: App, kind: str) -> None:
    async with lender(NO_TOKEN[kind], _ok(app.takes)) as there:
        desk = Desk(app, there)
        outcome = await desk.post()
        assert outcome.verdict is V.NOT_SENT, outcome
        assert there.said == []
        assert CANARY not in repr(outcome)
        there.lends = _ok(app.lends)
        assert (await desk.post()).verdict in YES, "a failure was kept"
        await desk.http.close()


@EACH
async def test_who_is_slow_to_lend_is_waited_for_only_so_long(app: App) -> None:
    async with lender(raw(b""), _ok(app.takes)) as there:
        desk = Desk(app, there, Tokens(fetch_s=0.2))
        outcomes = await asyncio.gather(*(desk.post() for _ in range(3)))
        await desk.http.close()
    assert {outcome.verdict for outcome in outcomes} == {V.NOT_SENT}
    assert (len(there.asked), len(there.said)) == (1, 0)


@EACH
async def test_a_token_and_the_question_together_outlive_no_lease(app: App) -> None:
    async with lender(_ok(app.lends), drip(HEAD, every_s=0.05)) as there:
        desk = Desk(app, there, Tokens(deadline_s=0.5))
        clock = asyncio.get_running_loop().time
        began = clock()
        outcome = await desk.ask()
        took = clock() - began
        await desk.http.close()
    assert outcome.verdict is V.AMBIGUOUS
    assert len(there.said) == 1
    assert took < 3, "the line's own five seconds were spent"


@EACH
async def test_a_token_that_comes_too_late_is_kept_for_the_next(app: App) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        await _ok(app.lends)(writer)

    async with lender(late, _ok(app.takes)) as there:
        desk = Desk(app, there, Tokens(deadline_s=0.2))
        outcome = await desk.ask()
        assert (outcome.verdict, len(there.said)) == (V.NOT_SENT, 0)
        assert (await desk.post()).verdict in YES
        await desk.http.close()
    assert len(there.asked) == 1


@EACH
async def test_who_stops_waiting_stops_no_other(app: App) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        await _ok(app.lends)(writer)

    async with lender(late, _ok(app.takes)) as there:
        desk = Desk(app, there)
        first, second = (asyncio.create_task(desk.post()) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await second).verdict in YES
        await desk.http.close()
    assert (len(there.asked), len(there.said)) == (1, 1)


@EACH
async def test_a_recall_uses_the_token_of_the_post(app: App) -> None:
    async with lender(_ok(app.lends), _ok(app.takes)) as there:
        desk = Desk(app, there)
        outcome = await desk.post()
        assert isinstance(desk.channel, Recalls)
        posted = Posted(outcome.message_id or "", T0, app.address, app.secret, there.there.base)
        assert (await desk.channel.recall(posted, desk.http)).verdict is V.SENT
        await desk.http.close()
    assert (len(there.asked), len(there.said)) == (1, 2)
