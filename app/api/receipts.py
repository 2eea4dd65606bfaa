"""What platforms tell by themselves: no key of ours, but proof that it is the platform that speaks."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.deps import KitDep
from app.channels.inbound import Call
from app.core.errors import Unauthorized
from app.flows.take_in import take_in

_REFUSED: dict[int | str, dict[str, Any]] = {
    401: {"description": "Unknown accounts and requests that are not proven to be their platform's: all the same."},
}
_ACCOUNT = re.compile(r"acc_[0-9a-z]{26}", re.ASCII)

router = APIRouter(prefix="/receipts", tags=["platform callbacks"], responses=_REFUSED)


@router.get("/{platform}/{account}")
async def prove(kit: KitDep, request: Request, platform: str, account: str) -> Response:
    """The answer to a platform that proves an address before it uses it (WeCom). Changes nothing."""
    return await _answer(kit, request, platform, account)


@router.post("/{platform}/{account}")
async def receive(kit: KitDep, request: Request, platform: str, account: str) -> Response:
    """An event of a platform, for the account with this id. Each event counts once, however often it is sent."""
    return await _answer(kit, request, platform, account)


@router.put("/{platform}/{account}/_matrix/app/v1/transactions/{transaction}")
async def transaction(kit: KitDep, request: Request, platform: str, account: str, transaction: str) -> Response:  # noqa: ARG001  its events have ids of their own
    """Events of a Matrix homeserver, which adds this path to the address of an application service."""
    return await _answer(kit, request, platform, account)


async def _answer(kit: KitDep, request: Request, platform: str, account: str) -> Response:
    call = Call(
        at=kit.clock.now(),
        method=request.method,
        query=dict(request.query_params),
        headers=_headers(request),
        body=await request.body(),
    )
    heard = await take_in(kit, platform, account, call) if _ACCOUNT.fullmatch(account) else None
    if heard is None:
        raise Unauthorized("not_proven", "Nothing proves that this comes from the platform of an account.")
    return Response(heard.answer.encode(errors="replace"), media_type=heard.media_type)


def _headers(request: Request) -> dict[str, str]:
    """Headers by their small names; one that is sent twice is both, and so no signature any more."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
