"""The practice platform shows a human what it received, and lets nothing received act on the page."""

from tests.simulator.conftest import Sim


async def _page(sim: Sim, language: str = "en") -> str:
    answer = await sim.http.get("/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


async def test_each_chat_is_shown_with_its_messages_and_what_went_wrong(sim: Sim) -> None:
    await sim.control("targets", platform="telegram", target="-1002", state="kicked")
    await sim.control("faults", platform="wecom", kind="http_500", times=None)
    await sim.telegram(-1001, "集合 <script>alert(1)</script>")
    await sim.telegram(-1002, "never seen")
    for _ in range(25):
        await sim.telegram(-1003, "again")
    shown = await _page(sim)
    assert "集合 &lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown
    assert "never seen" not in shown
    assert "bot was kicked" in shown
    assert shown.count('<section class="chat">') == 3
    assert shown.index("Limits broken") < shown.index("Faults in force") < shown.index("<h2>telegram</h2>")
    assert "http_500 for wecom, *: struck 0 times, to come: no end" in shown


async def test_the_page_speaks_chinese_where_it_is_asked_to(sim: Sim) -> None:
    shown = await _page(sim, "zh-CN,zh;q=0.9")
    assert '<html lang="zh-CN">' in shown
    assert "还没有人说话。" in shown
    assert "Nobody" not in shown
    assert "Nobody has said anything yet." in await _page(sim)
