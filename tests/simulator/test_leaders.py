"""Simulated leaders: robots look first and change nothing, people answer by the page's own contract."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulator.server import bind
from tests.simulator.conftest import Sim

TOKEN = "rl_abcdefghijkl_" + "x" * 43


@dataclass
class Service:
    """A relay page that remembers who asked for what; `broken` posts fail first."""

    base: str = ""
    broken: int = 0
    calls: list[tuple[str, str, str, Any]] = field(default_factory=list)

    async def handle(self, request: Request) -> Response:
        body = await request.json() if request.method == "POST" else None
        self.calls.append((request.method, request.url.path, request.headers["user-agent"], body))
        if request.method == "POST" and self.broken:
            self.broken -= 1
            return Response(status_code=503)
        states = ("assigned", "acknowledged", "relayed", "missed", "cancelled")
        return JSONResponse({"relays": [{"id": f"rel_{state}", "state": state} for state in states]})

    def posts(self) -> list[tuple[str, Any]]:
        return [(path.split(TOKEN)[1], body) for method, path, _, body in self.calls if method == "POST"]


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    there = Service()
    app = Starlette(routes=[Route("/{path:path}", there.handle, methods=["GET", "HEAD", "POST"])])
    served = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none", lifespan="off"))
    with bind("127.0.0.1", 0) as line:
        line.listen()
        there.base = f"http://127.0.0.1:{line.getsockname()[1]}"
        task = asyncio.create_task(served.serve(sockets=[line]))
        yield there
        served.should_exit = True
        await task


async def _idle(sim: Sim) -> None:
    for _ in range(500):
        if not (await sim.state())["leaders_busy"]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the leaders never came to rest")


EACH = ("/relays/rel_assigned", "/relays/rel_acknowledged", "/relays/rel_missed")


@pytest.mark.parametrize(
    ("persona", "posts"),
    [
        ("prompt", [(path, {"action": "done"}) for path in EACH]),
        ("late", [(path, {"action": "done"}) for path in EACH]),
        ("silent", []),
        ("refuses", [(path, {"action": "cannot", "reason": "travelling"}) for path in EACH]),
        ("all_done", [("/all", {"action": "done"})]),
        ("acknowledges", [(path, {"action": "acknowledge"}) for path in EACH]),
    ],
)
async def test_a_persona_does_what_it_is_named_for(sim: Sim, persona: str, posts: list[tuple[str, Any]]) -> None:
    async with service() as there:
        person = {"platform": "telegram", "target": "123", "persona": persona, "delay_s": 0.05}
        await sim.control("leaders", people=[person])
        await sim.telegram(123, f"请转发：{there.base}/r/{TOKEN} 谢谢")
        await _idle(sim)
    assert there.posts() == posts


async def test_robots_look_before_the_leader_does(sim: Sim) -> None:
    async with service() as there:
        await sim.control(
            "leaders", people=[{"platform": "telegram", "target": "1", "persona": "prompt", "delay_s": 0}]
        )
        await sim.telegram(1, f"{there.base}/r/{TOKEN}")
        await _idle(sim)
    robots = there.calls[:6]
    assert [method for method, *_ in robots] == ["GET", "HEAD"] * 3
    assert {path for _, path, *_ in robots} == {f"/r/{TOKEN}"}
    assert robots[0][2] == "TelegramBot (like TwitterBot)"
    assert there.calls[6][:2] == ("GET", f"/hooks/ack/{TOKEN}")


@pytest.mark.parametrize(("platform", "robot"), [("slack", "Slackbot-LinkExpanding"), ("discord", "Discordbot/2.0")])
async def test_each_platform_sends_its_own_robot(sim: Sim, platform: str, robot: str) -> None:
    target = "T1/B1/x" if platform == "slack" else "42"
    async with service() as there:
        person = {"platform": platform, "target": target, "persona": "silent", "delay_s": 0}
        await sim.control("leaders", people=[person])
        link = f"{there.base}/r/{TOKEN}"
        if platform == "slack":
            await sim.http.post(f"/services/{target}", json={"text": link})
        else:
            headers = {"User-Agent": "DiscordBot (x, 1)"}
            await sim.http.post(f"/api/v10/webhooks/{target}/x", json={"content": link}, headers=headers)
        await _idle(sim)
    assert robot in there.calls[0][2]


@pytest.mark.parametrize(
    ("platform", "path", "body", "agent"),
    [
        ("mattermost", "/hooks/a", {"text": "{link}"}, "Mattermost-Bot/1.1"),
        ("googlechat", "/v1/spaces/a/messages?key=k&token=t", {"text": "{link}"}, "Google-PageRenderer"),
        ("teams", "/workflows/a/triggers/manual/paths/invoke?sig=s", {"attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "{link}"}]},
        }]}, "SkypeUriPreview"),
    ],
)  # fmt: skip
async def test_each_platform_sends_a_robot_of_its_own(
    sim: Sim, platform: str, path: str, body: dict[str, Any], agent: str
) -> None:
    async with service() as there:
        await sim.control("leaders", people=[{"platform": platform, "target": "a", "persona": "silent", "delay_s": 0}])
        said = json.dumps(body).replace("{link}", f"{there.base}/r/{TOKEN}")
        answer = await sim.http.post(path, content=said, headers={"Content-Type": "application/json"})
        assert answer.is_success
        await _idle(sim)
    assert there.calls[0][2].startswith(agent)


async def test_a_leader_presses_again_when_the_page_breaks(sim: Sim) -> None:
    async with service() as there:
        there.broken = 1
        handed = await sim.control(
            "leaders/deliver", links=[{"url": f"{there.base}/r/{TOKEN}", "persona": "all_done", "delay_s": 0}]
        )
        await _idle(sim)
    assert handed == {"links": 1}
    assert there.posts() == [("/all", {"action": "done"})] * 2


async def test_only_who_reads_the_chat_acts_and_only_on_messages_that_stand(sim: Sim) -> None:
    async with service() as there:
        await sim.control(
            "leaders", people=[{"platform": "telegram", "target": "1", "persona": "prompt", "delay_s": 0}]
        )
        await sim.control("faults", platform="telegram", target="1", kind="reset")
        with pytest.raises(httpx.ReadError):
            await sim.telegram(1, f"{there.base}/r/{TOKEN}")
        await sim.telegram(2, f"{there.base}/r/{TOKEN}")
        await _idle(sim)
    assert there.calls == []


async def test_links_of_other_machines_are_left_alone(sim: Sim) -> None:
    links = [{"url": f"{base}/r/{TOKEN}", "persona": "prompt"} for base in ("https://example.org", "http://10.0.0.1")]
    assert await sim.control("leaders/deliver", links=[*links, {"url": "nothing", "persona": "prompt"}]) == {"links": 0}


async def test_what_they_did_is_told_without_the_links_secret(sim: Sim) -> None:
    async with service() as there:
        await sim.control("leaders", people=[{"platform": "wecom", "target": "k", "persona": "prompt", "delay_s": 0}])
        await sim.wecom("k", f"{there.base}/r/{TOKEN}")
        await _idle(sim)
    shown = (await sim.http.get("/_sim/leaders")).json()
    assert [deed["did"] for deed in shown["deeds"]][-3:] == ["done"] * 3
    assert {deed["link"] for deed in shown["deeds"]} == {"rl_abcdefghijkl"}
    assert "x" * 43 not in str(shown)
