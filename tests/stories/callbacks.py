"""How a story lets a platform tell something by itself: the practice platform makes the request, we bring it."""

from typing import Any

import httpx

from tests.world import World

TELEGRAM = {"bot_token": "123456:practice-token-of-the-story", "webhook_secret": "said-only-by-telegram-itself"}
WEBHOOK = {"signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


async def made(world: World, platform: str, what: str, *, secret: dict[str, str], **facts: Any) -> dict[str, Any]:
    """The request as this platform makes it now."""
    at = facts.pop("at", world.clock.now().timestamp())
    wanted = {"platform": platform, "what": what, "secret": secret, "at": at, **facts}
    answer = await world.sim.post("/_sim/tell", json=wanted)
    assert answer.status_code == 200, answer.text
    request: dict[str, Any] = answer.json()["request"]
    return request


async def bring(world: World, platform: str, account: str, request: dict[str, Any]) -> httpx.Response:
    """The request comes in, without any key of ours."""
    return await world.api.request(
        request["method"],
        f"/api/v1/receipts/{platform}/{account}{request['path']}",
        params=request["query"],
        headers={"Authorization": "", **request["headers"]},
        content=request["body"],
    )


async def tells(world: World, account: str, platform: str, what: str, **facts: Any) -> httpx.Response:
    answer = await bring(world, platform, account, await made(world, platform, what, **facts))
    await world.work()
    return answer


async def group(world: World, name: str) -> Any:
    found = await world.call("GET", "/groups", params={"q": name})
    [one] = found["items"]
    return one
