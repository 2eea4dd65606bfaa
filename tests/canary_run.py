"""A full run over all platforms, with secrets planted wherever one may stand and with everything going wrong."""

from dataclasses import replace
from typing import Any

import httpx

from app.channels.adapters.zulip import Zulip
from app.channels.port import Outcome, Post
from app.core.http import Http
from app.flows.drain import Drain
from tests.canaries import Canaries
from tests.world import World

ACCOUNTS = (
    *("dingtalk", "discord_bot", "feishu", "feishu_app", "matrix", "mattermost_app", "slack_app", "telegram"),
    *("webhook", "wecom", "wecom_app", "zulip"),
)
PEOPLE = {
    "feishu": "ou_practice1",
    "matrix": "!leader:localhost",
    "slack": "U024BE7LH",
    "telegram": "5001",
    "webhook": "{base}/webhook/people/{canary}",
    "wecom": "WangFang",
}
FAULTS = ("html_200", "drop_after_accept", "http_500", "throttle", "credential_refused")


async def plant(world: World, canary: Canaries) -> dict[str, str]:
    """An account and a group for each way in, a leader for each way to write to one; answers the accounts' ids."""
    base, accounts = world.platform, {}
    for name in ACCOUNTS:
        body = {"base_url": base, "secret": canary.account(name)}
        accounts[name] = await world.account(name, name.split("_")[0], **body)
    await world.groups(*canary.groups(base))
    for kind, where in PEOPLE.items():
        contact = where.format(base=base, canary=canary("contact"))
        row = {"group": f"{kind} group", "platform": "manual", "leader": kind, "routes": "leader"}
        await world.groups({**row, "leader_contact": f"{kind}:{contact}"})
    return accounts


async def run(world: World, canary: Canaries, accounts: dict[str, str]) -> None:
    """Campaign after campaign, each with its own misfortune; then every secret is renewed, and every bot kicked."""
    sound = await world.launch(title="sound", relay_minutes=5)
    await world.forward(seconds=60, step=10)
    relays = await world.relays(sound)
    states = sorted(relay["state"] for relay in relays.values())
    assert states == ["assigned"] * len(PEOPLE) + ["relayed"] * (len(states) - len(PEOPLE))
    pressed = await world.presses(
        await world.link("5001"), "cannot", relays["telegram group"]["id"], reason="travelling"
    )
    assert pressed.is_success
    await _break(world)
    for kind in FAULTS:
        await world.sim.post("/_sim/faults", json={"kind": kind, "times": None, "retry_after": 30})
        await world.launch(title=kind, relay_minutes=5)
        await world.forward(seconds=60, step=20)
        await world.sim.delete("/_sim/faults")
        await world.forward(minutes=12, step=180)
    for name, account in accounts.items():
        await world.call("PATCH", f"/accounts/{account}", json={"secret": canary.account(name, turn=2)})
        await world.call("POST", f"/accounts/{account}/check")
    for name in {*accounts, *(row["platform"] for row in canary.groups(world.platform))}:
        await world.sim.post("/_sim/targets", json={"platform": name, "target": "*", "state": "kicked"})
    await world.launch(title="kicked", relay_minutes=5)
    await world.forward(minutes=12, step=60)


class Broken(Zulip):
    """An adapter with a mistake in it, whose exception holds all it knows."""

    async def post(self, post: Post, http: Http) -> Outcome:
        raise ValueError(f"{post.address} {dict(post.secret)}")


async def _break(world: World) -> None:
    """A campaign to a worker whose adapter is broken."""
    kit = replace(world.kit, channels={**world.kit.channels, "zulip": Broken()})
    sound, world.drain = world.drain, Drain(kit, "wrk_story")
    await world.launch(title="broken", relay_minutes=5)
    await world.forward(minutes=6, step=20)
    world.drain = sound


async def misuse(world: World, canary: Canaries) -> list[httpx.Response]:
    """Secrets where they do not belong: every answer is a problem document."""
    one = canary("misplaced")
    sheet = (
        f"group,platform,address,leader,leader_contact\nx,wecom,https://evil.example/{one},L,webhook:http://{one}/\n"
    )
    token = {"Authorization": f"Bearer mk_{'a' * 12}_{one}"}
    key = {"Idempotency-Key": "misuse"}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("/accounts", {"json": {"name": "x", "platform": "telegram", "secret": {"bot_token": one, "more": one}}}),
        ("/accounts", {"json": {"name": "x", "platform": "slack", "secret": {"password": one}}}),
        ("/accounts", {"json": {"name": "x", "platform": "slack", "secret": one}}),
        ("/accounts", {"json": {"name": "x", "platform": "slack", "base_url": f"https://evil.example/{one}"}}),
        ("/accounts", {"content": f'{{"secret": {{"bot_token": "{one}'}),
        ("/groups", {"json": {"name": "x", "platform": "wecom", "address": f"https://evil.example/?key={one}"}}),
        ("/groups", {"json": {"name": "x", "platform": "webhook", "secret": ["whsec_", one]}}),
        ("/leaders", {"json": {"name": "x", "contact": f"webhook:http://evil.example/{one}"}}),
        ("/leaders", {"json": {"name": "x", "contact": f"webhook {one}"}}),
        ("/campaigns", {"json": {"title": "x"}, "headers": {**key, **token}}),
        ("/imports", {"files": {"file": ("x.csv", sheet.encode(), "text/csv")}}),
        ("/imports", {"files": {"file": ("x.xlsx", one.encode(), "text/csv")}}),
    ]
    answers = [await world.api.post(f"/api/v1{path}", **more) for path, more in bodies]
    answers.append(await world.api.get(f"/r/rl_{'a' * 12}_{one}"))
    answers.append(await world.api.post(f"/hooks/ack/rl_{'a' * 12}_{one}/all", json={"action": "done", "token": one}))
    assert [answer.text for answer in answers if answer.is_success and "errors" not in answer.json()] == []
    return answers
