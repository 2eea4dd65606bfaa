"""The messages leaders get, in their language. `{link}` is put in when a message leaves: only its hash is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.filling import fill, names, primary
from app.flows.letters_above import WORDS_ABOVE

MOST_NAMES = 20

_WORDS = {
    ("hand_off", "zh"): (
        "{leader}，您好！「{title}」有 {count} 个群请您转发：\n{groups}\n"
        "请在 {deadline} 前打开链接，复制文案发到群里，再点“已发送”：\n{link}"
    ),
    ("hand_off", "en"): (
        "Hello {leader}, “{title}” is waiting for {count} of your groups:\n{groups}\n"
        "Please open the link before {deadline}, copy the text into each group and press Done:\n{link}"
    ),
    ("nudge", "zh"): (
        "{leader}，提醒一下：「{title}」还有 {count} 个群未确认：\n{groups}\n"
        "截止 {deadline}。已经发了？点开链接确认即可：\n{link}"
    ),
    ("nudge", "en"): (
        "{leader}, a reminder: “{title}” is still open in {count} of your groups:\n{groups}\n"
        "Due by {deadline}. Already posted? Open the link and press Done:\n{link}"
    ),
    ("nudges", "zh"): "{leader}，提醒一下：您有 {count} 项任务还有群未确认。",
    ("nudges", "en"): "{leader}, a reminder: {count} posts are still open in groups of yours.",
    ("nudges_part", "zh"): (
        "「{title}」还有 {count} 个群，截止 {deadline}：\n{groups}\n已经发了？点开链接确认即可：\n{link}"
    ),
    ("nudges_part", "en"): (
        "“{title}”, {count} of your groups, due by {deadline}:\n{groups}\n"
        "Already posted? Open the link and press Done:\n{link}"
    ),
    ("recall", "zh"): (
        "{leader}，您好！「{title}」已决定撤回，请处理您之前发到这 {count} 个群里的消息：\n{groups}\n"
        "还能撤回的请直接撤回；撤不回的，请在群里说一声“上一条通知作废”。辛苦了！"
    ),
    ("recall", "en"): (
        "Hello {leader}, “{title}” is being taken back. You posted it into {count} of your groups:\n{groups}\n"
        "Please delete it there; where that is not possible any more, tell the group that it no longer holds."
    ),
    ("main_group", "zh"): (
        "【任务】「{title}」共 {count} 个群，请各位群主转发。\n"
        "请在 {deadline} 前点开链接，看到自己的群，复制文案发到群里，再点“已发送”：\n{link}"
    ),
    ("main_group", "en"): (
        "To all leaders: “{title}” is to be posted in {count} groups.\n"
        "Please open the link before {deadline}, find your groups, copy the text into each and press Done:\n{link}"
    ),
    ("step_in", "zh"): (
        "{leader}，您好！「{title}」以下 {count} 个群需要您接手转发：\n{groups}\n"
        "请打开链接，复制文案发到群里，再点“已发送”：\n{link}"
    ),
    ("step_in", "en"): (
        "Hello {leader}, please step in: “{title}” has not been confirmed in these groups ({count}):\n{groups}\n"
        "Open the link, copy the text into each group and press Done:\n{link}"
    ),
    ("taken_over", "zh"): (
        "{leader}，「{title}」以下 {count} 个群已请别人接手，您不用再发了：\n{groups}\n"
        "其实已经发过？请马上点开链接确认，以免重复：\n{link}"
    ),
    ("taken_over", "en"): (
        "{leader}, somebody else was asked to post “{title}” in these groups ({count}), so please do not:\n{groups}\n"
        "Already posted? Open the link and press Done right away, so that it is not posted twice:\n{link}"
    ),
    ("relieved", "zh"): "{leader}，「{title}」以下 {count} 个群已经有人发好了，请不要再发：\n{groups}\n谢谢您！",
    ("relieved", "en"): (
        "{leader}, “{title}” stands in these groups already ({count}), so please do not post it again:\n{groups}\n"
        "Thank you!"
    ),
    **WORDS_ABOVE,
}
_MORE = {"zh": "……以及另外 {count} 个群", "en": "… and {count} more"}


@dataclass(frozen=True)
class Letter:
    """One digest for one leader: `kind` names the words (hand_off, nudge, step_in, taken_over, relieved, recall,
    briefing, briefing_nudge, quorum, orphaned), `groups` the first MOST_NAMES names of the `count` groups it is about;
    `facts` are what its words name besides."""

    kind: str
    leader: str
    title: str
    groups: Sequence[str]
    count: int
    deadline: datetime
    zone: str | None
    language: str | None
    facts: Mapping[str, str | datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Besides:
    """What a letter says besides the groups it names: of how many they are the first, and the facts of its words."""

    count: int
    facts: Mapping[str, str | datetime]


def compose(letter: Letter) -> str:
    """The letter in its reader's language, Chinese unless he reads English; its `{link}` still open."""
    tongue = "en" if primary(letter.language) == "en" else "zh"
    lines = [f"· {name}" for name in letter.groups]
    if letter.count > len(letter.groups):
        lines.append(fill(_MORE[tongue], {"count": str(letter.count - len(letter.groups))}))
    values = {
        "leader": letter.leader,
        "title": letter.title,
        "count": str(letter.count),
        "groups": "\n".join(lines),
        "deadline": local(letter.deadline, letter.zone),
        "link": "{link}",
        **{name: _said(fact, letter.zone) for name, fact in letter.facts.items()},
    }
    return fill(_WORDS[letter.kind, tongue], values)


def _said(fact: str | datetime, zone: str | None) -> str:
    return local(fact, zone) if isinstance(fact, datetime) else fact


def merged(letters: Sequence[tuple[str, Letter]]) -> str:
    """One reminder to one leader of several campaigns, by their ids; the first one's link is `{link}`."""
    tongue = "en" if primary(letters[0][1].language) == "en" else "zh"
    parts = [fill(_WORDS["nudges", tongue], {"leader": letters[0][1].leader, "count": str(len(letters))})]
    for number, (campaign_id, letter) in enumerate(letters):
        place = place_of(campaign_id) if number else "link"
        parts.append(compose(replace(letter, kind="nudges_part")).replace("{link}", "{" + place + "}"))
    return "\n\n".join(parts)


def place_of(campaign_id: str) -> str:
    """The place of the link to one of several campaigns."""
    return f"link_{campaign_id}"


def with_links(body: str, links: Mapping[str, str]) -> str:
    """The letter as it leaves."""
    return fill(body, {**{name: "{" + name + "}" for name in names(body)}, **links})


def local(at: datetime, zone: str | None) -> str:
    """A time as its reader's clock shows it, with the zone's name."""
    return f"{at.astimezone(ZoneInfo(zone or 'UTC')):%m-%d %H:%M} ({zone or 'UTC'})"
