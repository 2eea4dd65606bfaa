"""Markdown: read once, written in every dialect, and nobody called by it."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.markup.commonmark import DISCORD, MATTERMOST, TEAMS, ZULIP
from app.channels.markup.html import MATRIX, TELEGRAM
from app.channels.markup.mrkdwn import GOOGLE_CHAT, SLACK
from app.channels.markup.robots import DINGTALK, FEISHU, WECOM
from app.channels.markup.signs import SILENCE
from app.core.markdown import PLAIN, Dialect, escaped, plain, render

DIALECTS = {
    "plain": PLAIN,
    "telegram": TELEGRAM,
    "matrix": MATRIX,
    "slack": SLACK,
    "googlechat": GOOGLE_CHAT,
    "discord": DISCORD,
    "mattermost": MATTERMOST,
    "zulip": ZULIP,
    "teams": TEAMS,
    "wecom": WECOM,
    "dingtalk": DINGTALK,
    "feishu": FEISHU,
}
SOURCE = """# 通知
**注意：**明天 *停课* `a<b`
[报名](https://a.example/x?(y)@z)

1. 一
   - 二
2. 三
"""
_ONE = "1. 一\n   • 二\n2. 三"
_TWO = "1. 一\n   - 二\n2. 三"
URL = "https://a.example/x?%28y%29%40z"


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (PLAIN, f"通知\n\n注意：明天 停课 a<b\n报名 ({URL})\n\n{_ONE}"),
        (
            TELEGRAM,
            (
                f"<b>通知</b>\n\n<b>注意：</b>明天 <i>停课</i> <code>a&lt;b</code>\n"
                f'<a href="{URL}">报名</a>\n\n1. 一\n   • 二\n2. 三'
            ),
        ),
        (
            MATRIX,
            (
                "<h1>通知</h1><p><strong>注意：</strong>明天 <em>停课</em> <code>a&lt;b</code><br>"
                f'<a href="{URL}">报名</a></p><ol start="1"><li><p>一</p>\n<ul><li><p>二</p></li></ul></li>'
                "<li><p>三</p></li></ol>"
            ),
        ),
        (SLACK, f"*通知*\n\n|*注意：*|明天 |_停课_| |`a&lt;b`|\n<{URL}|报名>\n\n{_ONE}"),
        (GOOGLE_CHAT, f"*通知*\n\n|*注意：*|明天 |_停课_| |`a<b`|\n<{URL}|报名>\n\n{_ONE}"),
        (DISCORD, f"# 通知\n\n**注意：**明天 *停课* `a<b`\n[报名]({URL})\n\n{_TWO}"),
        (TEAMS, f"**通知**\n\n**注意：**明天 _停课_ a\\<b\n[报名]({URL})\n\n{_TWO}"),
        (WECOM, f"# 通知\n\n**注意：**明天 停课 `a<b`\n[报名]({URL})\n\n{_ONE}"),
        (DINGTALK, f"# 通知\n\n**注意：**明天 *停课* a<|b  \n[报名]({URL})\n\n1. 一\n- 二  \n2. 三"),
        (FEISHU, f"**通知**\n\n**注意：**明天 *停课* a&#60;b\n[报名]({URL})\n\n{_ONE}"),
    ],
)
def test_each_program_gets_its_own_signs(dialect: Dialect, expected: str) -> None:
    found = render(SOURCE, dialect)
    if dialect in {SLACK, GOOGLE_CHAT}:
        expected = expected.replace("|*", f"{SILENCE}*").replace("*|", f"*{SILENCE}").replace("|_", f"{SILENCE}_")
        expected = expected.replace("_|", f"_{SILENCE}").replace("|`", f"{SILENCE}`").replace("`|", f"`{SILENCE}")
    assert found == (expected.replace("<|b", f"<{SILENCE}b") if dialect is DINGTALK else expected)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "tg://user?id=1", "//x.y"])
@pytest.mark.parametrize("name", DIALECTS)
def test_only_web_and_mail_addresses_become_links(name: str, url: str) -> None:
    found = render(f"[press]({url})", DIALECTS[name])
    assert "press" in found
    assert not re.search(rf"href|<{url[:4]}|(?<!\\)\]\(", found.replace(f"]{SILENCE}(", "").replace("[press](", ""))


@pytest.mark.parametrize("name", DIALECTS)
def test_an_address_in_the_text_stays_whole(name: str) -> None:
    address = "https://a.example/_one_/two_three_?a=b&c"
    found = render(f"see {address} now", DIALECTS[name])
    assert address in unescape(found).replace("&#95;", "_")


SIGNS = st.text(alphabet="*_`[]()<>#-+.!|~@&\\\"' \n1a字：，", max_size=60)
_TAG = re.compile(r'<(/?)(b|i|code|pre|a)(?: href="[^"<>]*")?>')


@given(SIGNS)
def test_whatever_is_written_telegram_gets_sound_html(text: str) -> None:
    found = render(text, TELEGRAM)
    stack = []
    for closing, tag in _TAG.findall(found):
        if closing:
            assert stack.pop() == tag
        else:
            stack.append(tag)
    assert not stack
    bare = _TAG.sub("", found)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;|quot;|#x27;)", bare)


@given(SIGNS, st.sampled_from(sorted(DIALECTS)))
def test_no_letter_is_lost_in_any_dialect(text: str, name: str) -> None:
    if "](" in text or "```" in text or "~~~" in text:
        return  # an address, or the word behind a fence, may go
    assert re.sub("[^字：，]", "", render(text, DIALECTS[name])) == re.sub("[^字：，]", "", text)


@given(SIGNS)
def test_what_is_escaped_stands_as_it_is(text: str) -> None:
    line = " ".join(text.split())
    if not re.match(r"[-+]( |$)|\d+[.)]|$", line) and "://" not in line:
        assert plain(escaped(line)) == line
