"""What the head reads: how a campaign stands at its deadline, and in the morning how all of them stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.filling import fill, primary

MOST_NAMES = 10
MOST_CAMPAIGNS = 10

_WORDS = {
    "zh": {
        "deadline": "「{title}」到截止时间了。共 {groups} 个群：{counts}。",
        "morning": "早上好，{head}。以下通知还有没完成的群：",
        "line": "「{title}」：{counts}",
        "more_campaigns": "……以及另外 {count} 条通知",
        "name": "· {group}（{who}）",
        "more": "……以及另外 {count} 个群",
        "nobody": "没有负责人",
        "missing": "没发到的群，以及在跟进的人：",
        "comma": "，",
        "relayed": "已转发 {count}",
        "late": "其中晚发 {count}",
        "missed": "漏发 {count}",
        "failed": "发不了 {count}",
        "uncertain": "结果不明 {count}",
        "open": "还没完成 {count}",
    },
    "en": {
        "deadline": "“{title}” has reached its deadline. Of {groups} groups: {counts}.",
        "morning": "Good morning, {head}. These campaigns have groups that are not done:",
        "line": "“{title}”: {counts}",
        "more_campaigns": "… and {count} more campaigns",
        "name": "· {group} ({who})",
        "more": "… and {count} more",
        "nobody": "nobody is on it",
        "missing": "Who has not got it, and who is on it:",
        "comma": ", ",
        "relayed": "relayed {count}",
        "late": "{count} of them late",
        "missed": "missed {count}",
        "failed": "failed {count}",
        "uncertain": "unknown {count}",
        "open": "still open {count}",
    },
}


@dataclass(frozen=True)
class Standing:
    """One campaign in numbers; `missing` are the first groups that have not got it with who is on them (empty for
    nobody), of `missed + failed + uncertain` in all."""

    title: str
    groups: int = 0
    relayed: int = 0
    late: int = 0
    missed: int = 0
    failed: int = 0
    uncertain: int = 0
    open: int = 0
    missing: Sequence[tuple[str, str]] = ()

    @property
    def lacking(self) -> int:
        return self.missed + self.failed + self.uncertain


def at_deadline(standing: Standing, language: str | None) -> str:
    words = _words(language)
    counts = _counts(standing, words, ("relayed", "late", "missed", "failed", "uncertain", "open"))
    first = fill(words["deadline"], {"title": standing.title, "groups": str(standing.groups), "counts": counts})
    return "\n".join([first, *([words["missing"]] if standing.missing else []), *_names(standing, words)])


def in_the_morning(head: str, standings: Sequence[Standing], language: str | None) -> str:
    words = _words(language)
    lines = [fill(words["morning"], {"head": head})]
    for one in standings[:MOST_CAMPAIGNS]:
        counts = _counts(one, words, ("missed", "failed", "uncertain", "open"))
        lines += [fill(words["line"], {"title": one.title, "counts": counts}), *_names(one, words)]
    if len(standings) > MOST_CAMPAIGNS:
        lines.append(fill(words["more_campaigns"], {"count": str(len(standings) - MOST_CAMPAIGNS)}))
    return "\n".join(lines)


def _words(language: str | None) -> dict[str, str]:
    return _WORDS["en" if primary(language) == "en" else "zh"]


def _counts(standing: Standing, words: dict[str, str], names: Sequence[str]) -> str:
    """What there is none of is not said, but for what was relayed."""
    told = [(name, getattr(standing, name)) for name in names]
    parts = [fill(words[name], {"count": str(count)}) for name, count in told if count or name == "relayed"]
    return words["comma"].join(parts)


def _names(standing: Standing, words: dict[str, str]) -> list[str]:
    lines = [fill(words["name"], {"group": group, "who": who or words["nobody"]}) for group, who in standing.missing]
    more = standing.lacking - len(standing.missing)
    return lines + ([fill(words["more"], {"count": str(more)})] if more and lines else [])
