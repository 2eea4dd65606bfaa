"""The words of a campaign as each platform needs them."""

from tests.world import World

EVERYONE = "@channel <!channel> the gate is open"


async def test_everyone_is_called_only_where_it_was_asked_for_and_never_by_a_leaders_text(world: World) -> None:
    await world.groups(
        {"group": "S", "platform": "slack", "address": f"{world.platform}/services/T1/B1/general"},
        {"group": "L", "platform": "manual", "leader": "Wang", "leader_contact": "none", "routes": "leader"},
    )
    quiet = await world.launch(body=EVERYONE)
    loud = await world.launch(body=EVERYONE, mention_all=True)
    told = [await world.campaign(campaign) for campaign in (quiet, loud)]
    assert [one["mention_all"] for one in told] == [False, True]
    await world.forward(seconds=2, step=1)
    said = {one["text"]: one["answer"] for one in await world.received()}
    assert said == {EVERYONE: "ok called nobody", f"<!channel>\n{EVERYONE}": "ok called someone"}
    for campaign in (quiet, loud):
        relay = (await world.relays(campaign))["L"]["id"]
        assert (await world.call("GET", f"/relays/{relay}"))["text"] == EVERYONE


async def test_markdown_is_shown_in_each_dialect_and_a_leader_gets_words_to_paste(world: World) -> None:
    await world.account("bot")
    await world.groups(
        {"group": "T*1*", "platform": "telegram", "address": "-1001", "account": "bot"},
        {"group": "H", "platform": "webhook", "address": world.webhook("hook-h")},
        {"group": "L", "platform": "manual", "leader": "Wang", "leader_contact": "none", "routes": "leader"},
    )
    source = "**注意：**{group} 今晚 [报名](https://a.example/x)\n- 带伞\n- <b>"
    campaign = await world.launch(body=source, format="markdown")
    assert (await world.campaign(campaign))["format"] == "markdown"
    assert await world.letters("-1001") == [
        '<b>注意：</b>T*1* 今晚 <a href="https://a.example/x">报名</a>\n\n• 带伞\n• &lt;b&gt;'
    ]
    words = "注意：{} 今晚 报名 (https://a.example/x)\n\n• 带伞\n• <b>"
    assert await world.letters("hook-h") == [words.format("H")]
    relays = await world.relays(campaign)
    for group in ("L", "T*1*"):
        assert (await world.call("GET", f"/relays/{relays[group]['id']}"))["text"] == words.format(group)


async def test_a_script_may_say_that_it_is_markdown_and_its_parts_are_measured_as_they_are_sent(world: World) -> None:
    await world.account("bot")
    await world.groups({"group": "T", "platform": "telegram", "address": "-1001", "account": "bot"})
    bold = "**a** " * 600  # 3,600 characters, and as many again of tags
    script = {"slug": "long", "title": "Long", "category": "event", "format": "markdown", "texts": {"en": bold}}
    assert (await world.call("POST", "/scripts", status=201, json=script))["format"] == "markdown"
    seen = await world.call("POST", "/scripts/long/preview", json={"platform": "telegram"})
    [text] = seen["texts"]
    assert text["text"].startswith("<b>a</b> <b>a</b>")
    assert (text["size"], text["fits"]) == (8 * 600 + 599, False)
    campaign = await world.launch(body=None, script={"slug": "long"})
    await world.forward(seconds=3, step=1)
    said = await world.letters("-1001")
    assert len(said) == 2
    assert "".join(said).count("<b>a</b>") == 600
    assert (await world.campaign(campaign))["status"] == "finished"
    assert await world.violations() == 0
