"""The header of the directory sheet: which columns there are, what they are called, where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from app.core.text import comparable

COLUMNS: dict[str, tuple[str, ...]] = {
    "group": ("group", "group name", "群名称", "群名", "群組名稱", "群名稱"),
    "platform": ("platform", "平台"),
    "address": ("address", "群地址", "群位址"),
    "account": ("account", "发送账号", "發送帳號", "發送賬號"),
    "branch": ("branch", "分支"),
    "leader": ("leader", "负责人", "負責人"),
    "leader_contact": ("leader_contact", "负责人联系方式", "負責人聯絡方式", "負責人聯繫方式"),
    "deputies": ("deputies", "副手"),
    "members": ("members", "人数", "人數"),
    "tags": ("tags", "标签", "標籤"),
    "timezone": ("timezone", "时区", "時區"),
    "language": ("language", "语言", "語言"),
    "routes": ("routes", "渠道顺序", "渠道順序", "管道順序"),
    "activity": ("activity", "活跃度", "活躍度"),
    "secret": ("secret", "密钥", "密鑰", "金鑰"),
}
REQUIRED = ("group", "platform")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: where in the sheet, a stable code, a sentence. The header is row 1."""

    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True)
class Layout:
    """Where each known column stands, and what the sheet itself calls it."""

    places: dict[str, int]
    titles: dict[str, str]

    def flaw(self, row: int, column: str, code: str, message: str) -> Flaw:
        return Flaw(row, self.titles.get(column, column), code, message)


def header(cell: str) -> str | None:
    """The column a header cell names, in either language, whatever its case and spaces."""
    return _headers().get(_folded(cell))


@cache
def _headers() -> dict[str, str]:
    return {_folded(title): column for column, titles in COLUMNS.items() for title in titles}


def _folded(title: str) -> str:
    return comparable(title).replace(" ", "").replace("_", "").replace("-", "").lstrip("\ufeff")


def read_header(cells: Sequence[str]) -> tuple[Layout, list[Flaw]]:
    """Where the columns stand. Blank header cells are passed over; their cells must be blank too."""
    layout, flaws = Layout({}, {}), []
    for place, cell in enumerate(cells):
        title = " ".join(cell.split())[:100]
        column = header(cell)
        if not title:
            continue
        if column is None:
            flaws.append(Flaw(1, title, "unknown_column", f"No column is called {title!r}; remove or rename it."))
        elif column in layout.places:
            flaws.append(Flaw(1, title, "doubled_column", f"The column {column} stands here twice."))
        else:
            layout.places[column], layout.titles[column] = place, title
    missing = (column for column in REQUIRED if column not in layout.places)
    flaws += [Flaw(1, column, "missing_column", f"The sheet needs the column {column}.") for column in missing]
    return layout, flaws
