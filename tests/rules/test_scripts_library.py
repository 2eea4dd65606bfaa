"""Every starter script: whole, in both languages, and short enough for every platform."""

import re

import pytest

from app.channels.registry import channels
from app.core.filling import fill, names
from app.domain.scripts.rules import Content, ScriptSource, check_values, parse
from app.domain.scripts.service import STARTERS, read_library

FILES = read_library(STARTERS)
PLATFORMS = {
    *("wecom", "dingtalk", "feishu", "telegram", "slack", "discord", "matrix", "mattermost", "webhook", "manual"),
}
WORK = {
    *("welcome", "group-rules", "event-warm-up", "launch", "check-in-roll", "midweek-reminder", "weekend-summary"),
    *("deadline-countdown", "incident-clarification", "apology-compensation", "praise", "leader-training"),
}
HAN = re.compile(r"[\u4e00-\u9fff]")

every_file = pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])


def with_examples(script: Content, key: str) -> str:
    language = key.partition("/")[0]
    shown = {variable.name: variable.example_in(language) for variable in script.variables}
    return fill(script.texts[key], check_values(script.variables, shown))


def test_the_work_of_a_community_is_covered() -> None:
    assert {parse(file).slug for file in FILES} >= WORK


@every_file
def test_a_starter_is_in_chinese_and_english(file: ScriptSource) -> None:
    script = parse(file)
    assert {"zh", "en"} <= script.texts.keys()
    assert {key.partition("/")[2] for key in script.texts} <= {"", *PLATFORMS}
    for key, body in script.texts.items():
        assert bool(HAN.search(body)) is key.startswith("zh"), key
    for part in (script.title, *(variable.description for variable in script.variables)):
        assert HAN.search(part), part
        assert re.search("[a-z]", part), part


@every_file
def test_a_starter_declares_exactly_what_it_uses(file: ScriptSource) -> None:
    script = parse(file)
    declared = {variable.name for variable in script.variables}
    assert len(declared) == len(script.variables)
    for key in ("zh", "en"):
        assert names(script.texts[key]) == declared, key


@every_file
def test_a_starter_fits_every_platform_with_room_for_longer_values(file: ScriptSource) -> None:
    script = parse(file)
    for key in script.texts:
        text = with_examples(script, key)
        for channel in channels().values():
            assert channel.size.measure(text) * 2 <= channel.size.most, (key, channel.platform)


@every_file
def test_a_starter_reads_as_plain_text(file: ScriptSource) -> None:
    script = parse(file)
    for key in script.texts:
        text = with_examples(script, key)
        assert not re.search(r"\*\*|__|^#|\]\(|<[a-z]|[{}]", text, re.MULTILINE), key
        assert not re.search(r"。。|，。|,\.|\.\.| {2}", text), key
        assert len(text.split("\n\n")) <= 6, key


def test_the_example_in_the_readme_is_a_whole_script() -> None:
    rows = (STARTERS / "README.md").read_text(encoding="utf-8").split("\n")
    first = rows.index("    ---")
    last = max(number for number, row in enumerate(rows) if row.startswith("    "))
    example = "\n".join(row.removeprefix("    ") for row in rows[first : last + 1])
    assert parse(ScriptSource("example.md", example)).texts.keys() == {"zh", "zh/wecom", "en"}
