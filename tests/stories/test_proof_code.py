"""A code that stands only in a group's post: what it proves, what a wrong one costs, and who can still confirm."""

from typing import Any

import pytest

from app.domain.relays.rules import LENGTH, LETTERS, MOST_TRIES
from tests.world import World

WANG, LI = "5001", "5002"
STEPS = {"steps": [{"at_percent": 50, "action": "remind"}, {"at_percent": 100, "action": "deputy"}]}


@pytest.fixture
async def pair(world: World) -> World:
    """E1 and E2 are Wang's, then Li's."""
    await world.account("bot")
    east = {"platform": "manual", "leader": "王芳", "leader_contact": f"telegram:{WANG}", "deputies": "李强"}
    other = {"platform": "manual", "leader": "李强", "leader_contact": f"telegram:{LI}"}
    await world.groups({"group": "E1", **east}, {"group": "E2", **east}, {"group": "W1", **other})
    return world


async def pasted(world: World, link: str) -> dict[str, str]:
    """The code in the text that goes into each of this leader's groups."""
    page = (await world.api.get(f"/hooks/ack/{link.removeprefix('/r/')}")).json()
    return {one["group"]: one["text"].rstrip("）)").rsplit("：", 1)[-1][-LENGTH:] for one in page["relays"]}


async def asked(world: World, **how: Any) -> tuple[str, str, dict[str, str]]:
    campaign = await world.launch(proof="code", escalation=STEPS, **how)
    await world.forward(seconds=5, step=1)
    link = await world.link(WANG)
    return campaign, link, await pasted(world, link)


async def test_only_the_code_of_this_very_group_is_a_proof(pair: World) -> None:
    campaign, link, codes = await asked(pair)
    shape = await pair.call("GET", f"/campaigns/{campaign}")
    assert (shape["proof"], shape["proof_percent"]) == ("code", 100)
    assert set("".join(codes.values())) <= set(LETTERS)
    assert codes["E1"] != codes["E2"]
    letters = "".join(await pair.letters(WANG))
    assert not any(code in letters for code in codes.values())
    relays = await pair.relays(campaign)
    bare = await pair.presses(link, "done", relays["E1"]["id"])
    assert (bare.status_code, bare.json()["code"]) == (422, "proof_needed")
    mixed_up = await pair.presses(link, "done", relays["E1"]["id"], proof=codes["E2"])
    assert (mixed_up.status_code, mixed_up.json()["code"]) == (422, "wrong_code")
    right = await pair.presses(link, "done", relays["E1"]["id"], proof=f" {codes['E1'].lower()} ")
    assert right.json()["state"] == "relayed"
    again = await pair.presses(link, "done", relays["E1"]["id"])
    assert again.json() == {"id": relays["E1"]["id"], "state": "relayed", "late": False, "changed": False}
    assert (await pair.relays(campaign))["E1"]["evidence"] == "proof"


async def test_after_five_wrong_codes_a_word_is_a_word_and_no_more(pair: World) -> None:
    campaign, link, codes = await asked(pair)
    relays = await pair.relays(campaign)
    for _ in range(MOST_TRIES):
        wrong = await pair.presses(link, "done", relays["E1"]["id"], proof="2222" if codes["E1"] != "2222" else "3333")
        assert wrong.json()["code"] == "wrong_code"
    page = (await pair.api.get(link)).text
    assert "核对码已试错 5 次" in page
    assert page.count('name="proof"') == 1, "the other group still asks"
    told = await pair.presses(link, "done", relays["E1"]["id"], proof=codes["E1"])
    assert told.json()["state"] == "relayed"
    after = (await pair.relays(campaign))["E1"]
    assert (after["evidence"], after["reason"]) == (
        "self_reported",
        "5 wrong codes before: it is his word alone",
    )


async def test_whoever_else_reads_the_code_in_the_group_may_tell_it(pair: World) -> None:
    """The first leader posted and said nothing; his deputy, asked in turn, reads the code where it stands."""
    campaign, _, codes = await asked(pair)
    await pair.forward(minutes=61)
    deputy = await pair.link(LI)
    assert (await pasted(pair, deputy))["E1"] == codes["E1"]
    relays = await pair.relays(campaign)
    answer = await pair.presses(deputy, "done", relays["E1"]["id"], proof=codes["E1"])
    assert answer.json()["state"] == "relayed"
    after = (await pair.relays(campaign))["E1"]
    assert (after["via"], after["evidence"]) == ("deputy", "proof")


async def test_an_audit_marks_only_its_share(pair: World) -> None:
    _, _, codes = await asked(pair, proof_percent=0)
    assert all(len(code) != LENGTH or not set(code) <= set(LETTERS) for code in codes.values())
