"""The cast of the demo: the people, and the sheet of 50 groups they answer for."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.cli import demo_chats

TITLE = "暴雨预警 Storm warning"
TEXT = "【{group}】今晚有暴雨，请提前回家，18:00 后不要外出。\nHeavy rain tonight: please be home before 18:00."
RELAY_MINUTES = 0.35

COLUMNS = ("群名称", "平台", "群地址", "发送账号", "分支", "负责人", "负责人联系方式", "语言", "渠道顺序", "密钥")


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
    Leader("李强", "wecom:LiQiang", "all_done", 6, groups=4, branch="华东/杭州"),
    Leader("João Costa", "webhook:{platform}/webhook/joao", "late", 26, groups=2, branch="South/Porto", language="en"),
    Leader("Maria Silva", "slack:UMARIA01", "prompt", 9, groups=3, branch="South/Lisbon", language="en"),
    Leader("陈静", "feishu:ou_chen_jing", "silent", 0, groups=2, branch="华东/上海"),
    Leader("赵磊", "matrix:!zhao-lei:practice", "refuses", 5, groups=1, branch="华东/上海"),
    Leader("孙丽", "none", "prompt", 4, groups=1, branch="华东/上海"),
)
"""The first level: leaders with groups of their own."""

BRANCH_LEADERS: Sequence[Leader] = (
    Leader("周敏", "telegram:5005", "prompt", 8, groups=3, branch="华东"),
    Leader("Tom Baker", "telegram:5006", "acknowledges", 5, groups=2, branch="South", language="en"),
)
"""The second level: they answer for whole branches, and so for every group in them that has nobody nearer."""


def sheet(platform: str) -> bytes:
    """The directory sheet of the demo, as a newcomer's spreadsheet program would save it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_rows(platform))
    return text.getvalue().encode("utf-8-sig")


def _rows(platform: str) -> Iterator[Mapping[str, str]]:
    known = {person.name: person for person in PEOPLE}
    for row in demo_chats.rows(platform):
        person = known[row["负责人"]]
        yield {**row, "分支": person.branch, "语言": person.language}
    for person in PEOPLE:
        contact = {"负责人联系方式": person.contact.format(platform=platform)}
        for number in range(1, person.groups + 1):
            row = {"群名称": f"{person.name}的微信 {number} 群", "平台": "manual", "分支": person.branch}
            yield {**row, "负责人": person.name, "语言": person.language, **contact}
    for person in BRANCH_LEADERS:
        for number in range(1, person.groups + 1):
            yield {"群名称": f"{person.branch} 直属 {number} 群", "平台": "manual", "分支": person.branch}
