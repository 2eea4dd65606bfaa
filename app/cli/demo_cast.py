"""The cast of the demo: 50 groups on four platforms, and the people who answer for them."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

TITLE = "暴雨预警 Storm warning"
TEXT = "【{group}】今晚有暴雨，请提前回家，18:00 后不要外出。\nHeavy rain tonight: please be home before 18:00."
RELAY_MINUTES = 0.4
TOKEN = "123456789:practice-token-for-the-demo"  # noqa: S105 - the practice platform takes any token

COLUMNS = ("群名称", "平台", "群地址", "发送账号", "分支", "负责人", "负责人联系方式", "语言", "渠道顺序")


@dataclass(frozen=True)
class Leader:
    """Someone who answers for groups. `contact` as in the directory sheet, `none` where only paper reaches him;
    `persona` and `delay_s` are what the practice platform has him do with his link."""

    name: str
    contact: str
    persona: str
    delay_s: float
    groups: int = 0
    branch: str = ""
    language: str = "zh"


PEOPLE: Sequence[Leader] = (
    Leader("王芳", "telegram:5001", "prompt", 3, groups=4, branch="华东/上海"),
    Leader("李强", "telegram:5002", "all_done", 6, groups=4, branch="华东/杭州"),
    Leader("张伟", "webhook:{platform}/webhook/zhang-wei", "late", 28, groups=2, branch="华东/杭州"),
    Leader("Maria Silva", "telegram:5003", "prompt", 9, groups=3, branch="South/Lisbon", language="en"),
    Leader("陈静", "telegram:5004", "silent", 0, groups=2, branch="华东/上海"),
    Leader("赵磊", "webhook:{platform}/webhook/zhao-lei", "refuses", 5, groups=1, branch="华东/上海"),
    Leader("孙丽", "none", "prompt", 4, groups=1, branch="华东/上海"),
)
"""The first level: leaders with groups of their own."""

BRANCH_LEADERS: Sequence[Leader] = (
    Leader("周敏", "telegram:5005", "prompt", 11, groups=3, branch="华东"),
    Leader("Tom Baker", "telegram:5006", "acknowledges", 5, groups=2, branch="South", language="en"),
)
"""The second level: they answer for whole branches, and so for every group in them that has nobody nearer."""

KICKED, LOST_ROBOT, LOST_HOOK = "-1001003", "demo-robot-0004", "demo-hook-2"


def sheet(platform: str) -> bytes:
    """The directory sheet of the demo, as a newcomer's spreadsheet program would save it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_rows(platform))
    return text.getvalue().encode("utf-8-sig")


def _rows(platform: str) -> Iterator[Mapping[str, str]]:
    for number in range(1, 13):
        row = _row(f"社区通知 {number} 群", "telegram", f"-100100{number}", PEOPLE[0])
        yield {**row, "发送账号": "demo-bot", "渠道顺序": "bot;leader"}
    for number in range(1, 11):
        address = f"{platform}/cgi-bin/webhook/send?key=demo-robot-{number:04}"
        yield {**_row(f"门店企微 {number} 群", "wecom", address, PEOPLE[1]), "渠道顺序": "bot"}
    for number in range(1, 7):
        address = f"{platform}/webhook/demo-hook-{number}"
        yield {**_row(f"Partner desk {number}", "webhook", address, PEOPLE[3]), "渠道顺序": "bot"}
    for person in PEOPLE:
        contact = {"负责人联系方式": person.contact.format(platform=platform)}
        for number in range(1, person.groups + 1):
            yield {**_row(f"{person.name}的微信 {number} 群", "manual", "", person), **contact}
    for person in BRANCH_LEADERS:
        for number in range(1, person.groups + 1):
            yield {"群名称": f"{person.branch} 直属 {number} 群", "平台": "manual", "分支": person.branch}


def _row(group: str, platform: str, address: str, leader: Leader) -> dict[str, str]:
    """One line of the sheet; the leader's contact stands only where it is first needed."""
    row = {"群名称": group, "平台": platform, "群地址": address, "分支": leader.branch}
    return {**row, "负责人": leader.name, "语言": leader.language}
