"""What goes wrong on the way back, or is said by boxes between us and the platform."""

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.simulator.faults import Kind, Script
from app.simulator.lines import break_off, cut, drip


async def spoil(fault: Script, answer: Response, request: Request) -> Response:
    """What becomes of the answer to a message that stands."""
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.delay_s)
    if fault.kind is Kind.DROP_AFTER_ACCEPT:
        return await cut(request, hard=False)
    if fault.kind is Kind.HALF_ANSWER:
        return await break_off(request, answer)
    if fault.kind is Kind.DRIP:
        return drip(answer, over_s=fault.delay_s)
    said = broken(fault.kind)
    return said[1] if said else answer


def slow_down(says: str) -> Response:
    """What a box in front of the platform says, whose idea of Retry-After may be anybody's."""
    return PlainTextResponse("Too Many Requests", 429, {"Retry-After": says} if says else None)


def broken(kind: Kind) -> tuple[str, Response] | None:
    """What a broken box in the middle says, and a word for it."""
    if kind is Kind.HTTP_500:
        return "500", PlainTextResponse("Internal Server Error", 500)
    if kind is Kind.HTTP_502:
        return "502", HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502)
    if kind is Kind.HTML_200:
        return "html", HTMLResponse("<html><title>Welcome to the network</title></html>")
    return None
