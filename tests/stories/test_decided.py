"""The second person has before him everything that will happen, in his own language: nothing he agrees to is unsaid."""

import html
import re
from typing import Any

import pytest

from app.core.settings import ROOT
from app.domain.access.states import Role
from app.domain.campaigns.rules import _CONTENT
from tests.stories.test_board_acts import desk
from tests.world import World

WORDS = {
    "zh-CN": (
        ("分支（含所有下级）：", "华东/上海", "标签：", "夜班", "单个群：", "三号群", "排除：", "二号群"),
        ("明天 10:30", "在 90 分钟内分散发出", "同一账号两条之间隔 3–9 秒"),
        ("只由负责人转发", "不急：给别的任务让路", "时限 240 分钟"),
        ("到时限的 40%：提醒负责人", "（约第 96 分钟）", "到时限的 100%：转给总负责人"),
        ("逐级下达：先给分支负责人过目", "25% 的群要负责人附证明", "核对码"),
        ("90% 的群发好，最晚", "时限的 80%", "70% 的群发好，最晚", "Markdown", "会@所有人", "太长时不拆分"),
    ),
    "en": (
        (
            "branches, with all below: ",
            "华东/上海",
            "Tags: ",
            "夜班",
            "single groups: ",
            "三号群",
            "left out: ",
            "二号群",
        ),
        ("tomorrow 10:30", "spread over 90 minutes", "3–9 s between two posts of an account"),
        ("leaders only", "lets others pass", "240 minutes to relay"),
        ("At 40 % of the time: remind the leader", "(about minute 96)", "At 100 % of the time: hand it to the head"),
        (
            "tier by tier: leaders of branches first",
            "25 % of the groups ask for a proof",
            "the code in the group's message",
        ),
        (
            "90 % of the groups by",
            "80 % of the time",
            "70 % of the groups by",
            "Markdown",
            "calls everyone",
            "never in parts",
        ),
    ),
}


async def _everything(world: World) -> dict[str, Any]:
    """A campaign that decides everything a campaign can decide."""
    rows = [
        {"group": name, "platform": "manual", "branch": branch, "leader": "王芳", "leader_contact": "telegram:5001"}
        for name, branch in (("一号群", "华东/上海"), ("二号群", "华东/上海"), ("三号群", "华东/苏州"))
    ]
    await world.groups(*rows)
    branches = {one["path"]: one["id"] for one in (await world.call("GET", "/branches"))["items"]}
    groups = {one["name"]: one["id"] for one in (await world.call("GET", "/groups"))["items"]}
    await world.call("PATCH", f"/groups/{groups['三号群']}", json={"tags": ["夜班"]})
    return {
        "audience": {
            "branches": [branches["华东/上海"]],
            "tags": ["夜班"],
            "groups": [groups["三号群"]],
            "exclude": [groups["二号群"]],
        },
        "send_at": "2026-03-03T10:30:00Z",
        "window_minutes": 90,
        "pacing": {"min_gap_s": 3, "max_gap_s": 9},
        "route": "leader",
        "priority": "bulk",
        "relay_minutes": 240,
        "escalation": {"steps": [{"at_percent": 40, "action": "remind"}, {"at_percent": 100, "action": "head"}]},
        "cascade": "tier_by_tier",
        "proof_percent": 25,
        "proof": "code",
        "quorum": [
            {"percent": 90, "at_percent": 80},
            {"percent": 70, "at": "2026-03-03T12:00:00Z", "branch": "华东/上海"},
        ],
        "format": "markdown",
        "mention_all": True,
        "split": False,
        "approval": True,
    }


@pytest.mark.parametrize("tongue", list(WORDS))
async def test_whoever_agrees_has_read_everything(world: World, tongue: str) -> None:
    campaign = await world.launch(**await _everything(world))
    second = await desk(world, Role.APPROVER)
    second.client.headers["Accept-Language"] = tongue
    page = html.unescape(re.sub(r"<[^>]+>", "", await second.page(f"/campaigns/{campaign}/preflight")))
    missing = [word for line in WORDS[tongue] for word in line if word not in page]
    assert missing == [], page
    await second.client.aclose()


def test_everything_that_is_sealed_stands_on_the_page() -> None:
    pages = (ROOT / "app/web/templates/board/decided.html", ROOT / "app/web/templates/board/preflight.html")
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    said = {"texts": "shown", "variables": "shown", "audience": "chosen", "escalation": "steps", "quorum": "alarms"}
    refused = {"drill"}  # the API takes none
    absent = [
        name for name in _CONTENT if name not in refused and not re.search(said.get(name, f"campaign.{name}"), text)
    ]
    assert absent == []
