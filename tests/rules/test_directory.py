"""The directory's rules: paths, contacts, addresses, and one row of the sheet."""

import pytest

from app.domain.directory import rules
from app.domain.directory.rules.header import COLUMNS, header, read_header
from app.domain.directory.rules.sheet import Entry, read_row
from app.domain.directory.service.imports import plain_filename

PLATFORMS = ("telegram", "wecom", "webhook", "manual")
KEY = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123abcd-4567-89ab-cdef-0123456789ab"


def same(platform: str, one: str, other: str) -> bool:
    keys = {rules.address_key(platform, rules.clean_address(platform, each), "g") for each in (one, other)}
    return len(keys) == 1


@pytest.mark.parametrize(
    ("platform", "one", "other"),
    [
        ("telegram", "-1001234567890", " －１００１２３４５６７８９０ "),
        ("telegram", "-1001234567890", "−1001234567890"),
        ("telegram", "-1001234567890", "https://t.me/c/1234567890/17"),
        ("telegram", "@MyGroup", "https://t.me/mygroup"),
        ("wecom", KEY, KEY.replace("https://qyapi", "HTTPS://QYAPI")),
        ("wecom", KEY, KEY.partition("=")[2]),
        ("webhook", "https://hooks.example.com/a", "https://hooks.example.com:443/a#top"),
        ("manual", "三班 家长群", "三班　家长群"),
    ],
)
def test_two_spellings_of_one_address_are_one(platform: str, one: str, other: str) -> None:
    assert same(platform, one, other)


@pytest.mark.parametrize(
    ("platform", "one", "other"),
    [
        ("telegram", "-1001234567890", "-1234567890"),
        ("telegram", "-1001234567890", "1234567890"),
        ("webhook", "https://hooks.example.com/a", "https://hooks.example.com/A"),
        ("webhook", "https://hooks.example.com/a", "http://hooks.example.com/a"),
        ("webhook", "https://hooks.example.com/a?x=1", "https://hooks.example.com/a?x=2"),
    ],
)
def test_two_addresses_stay_two(platform: str, one: str, other: str) -> None:
    assert not same(platform, one, other)


def test_a_group_without_an_address_is_known_by_its_name() -> None:
    assert rules.address_key("manual", "", "Ｃlass 3") == rules.address_key("manual", "", "class  3")
    assert rules.address_key("manual", "", "class 3") != rules.address_key("manual", "class 3", "other")


def test_a_credential_is_shown_by_its_site_and_its_last_four_characters() -> None:
    assert rules.masked(KEY) == "https://qyapi.weixin.qq.com/…89ab"
    assert rules.masked("https://u:p@hooks.example.com/abc") == "https://hooks.example.com/…"
    assert rules.masked("0123abcd-4567-89ab") == "…89ab"


def test_a_path_is_cut_at_slashes_of_any_width() -> None:
    assert rules.branch_path(" East／ Shanghai ") == "East/Shanghai"
    assert rules.path_key("EAST/Shang hai") == rules.path_key("east/shang  hai")
    with pytest.raises(ValueError, match="1 to 200"):
        rules.branch_path("East//Shanghai")


def test_the_key_of_a_very_long_path_stays_short_and_apart_from_others() -> None:
    long = "/".join(["branch"] * 10_000)
    assert len(rules.path_key(long).encode()) < 1_400
    assert rules.path_key(long) != rules.path_key(f"{long}/branch")
    assert rules.path_key(long).startswith("branch/branch/")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("telegram:123", "telegram", "123"),
        ("Telegram：１２３", "telegram", "123"),
        ("wecom:ZhangSan", "wecom", "ZhangSan"),
        ("email:a@example.com", "email", "a@example.com"),
        ("webhook:https://hooks.example.com/x:y", "webhook", "https://hooks.example.com/x:y"),
        ("none", "none", ""),
        ("无", "none", ""),
        ("", "none", ""),
    ],
)
def test_contacts(text: str, kind: str, value: str) -> None:
    assert rules.parse_contact(text) == rules.Contact(kind, value)


@pytest.mark.parametrize("text", ["13800000000", "telegram:@wang", "telegram:", "email:x", "webhook:ftp://x", "fax:1"])
def test_what_is_no_contact(text: str) -> None:
    with pytest.raises(ValueError, match="contact is"):
        rules.parse_contact(text)


def test_a_secret_contact_stays_out_of_its_repr() -> None:
    assert "token" not in repr(rules.parse_contact("webhook:https://hooks.example.com/token"))


def test_every_header_is_known_in_both_languages_whatever_its_case_and_spaces() -> None:
    for column, titles in COLUMNS.items():
        assert {header(title) for title in titles} == {column}
    assert header(" Leader Contact ") == "leader_contact"
    assert header("\ufeffGROUP") == "group"
    assert header("GROUPS") is None


def test_unknown_doubled_and_missing_columns_are_named() -> None:
    _, flaws = read_header(["Group", "群名称", "wechat id", "", ""])
    assert [(flaw.row, flaw.column, flaw.code) for flaw in flaws] == [
        (1, "群名称", "doubled_column"),
        (1, "wechat id", "unknown_column"),
        (1, "platform", "missing_column"),
    ]


def read(**cells: str) -> tuple[Entry | None, list[tuple[str, str]]]:
    layout, _ = read_header(list(cells))
    entry, flaws = read_row(2, list(cells.values()), layout=layout, platforms=PLATFORMS)
    return entry, [(flaw.column, flaw.code) for flaw in flaws]


def test_a_row_is_understood() -> None:
    entry, flaws = read(
        group="三班", platform="Telegram", address="-100 123", leader="王芳", leader_contact="telegram:1",
        deputies="李强；王芳; 李强", tags="a;A;b", members="45", timezone="asia/shanghai", language="中文",
        routes="机器人",
    )  # fmt: skip
    assert flaws == []
    assert entry is not None
    assert (entry.platform, entry.address, entry.members) == ("telegram", "-100123", 45)
    assert (entry.deputies, entry.tags, entry.routes) == (("李强", "王芳"), ("a", "b"), ("bot",))
    assert (entry.timezone, entry.language) == ("Asia/Shanghai", "zh")


def test_routes_follow_the_platform() -> None:
    for platform, routes in (("manual", ("leader",)), ("telegram", ("bot", "leader"))):
        entry, _ = read(group="g", platform=platform, address="-1")
        assert entry is not None
        assert entry.routes == routes


@pytest.mark.parametrize(
    ("cells", "flaw"),
    [
        ({"group": ""}, ("group", "missing")),
        ({"group": "x\x00"}, ("group", "bad_group")),
        ({"group": "\ud800"}, ("group", "bad_group")),
        ({"group": "two\nlines"}, ("group", "bad_group")),
        ({"group": "x" * 201}, ("group", "bad_group")),
        ({"platform": "icq"}, ("platform", "unknown_platform")),
        ({"platform": "telegram"}, ("address", "missing")),
        ({"routes": "bot"}, ("routes", "bad_routes")),
        ({"routes": "pigeon"}, ("routes", "bad_routes")),
        ({"members": "-1"}, ("members", "bad_members")),
        ({"members": "2147483648"}, ("members", "bad_members")),
        ({"members": "9" * 5000}, ("members", "bad_members")),
        ({"members": "1e3"}, ("members", "bad_members")),
        ({"timezone": "Mars/Base"}, ("timezone", "bad_timezone")),
        ({"language": "chinesisch!"}, ("language", "bad_language")),
        ({"leader": "", "leader_contact": "telegram:1"}, ("leader", "missing")),
        ({"leader": "A", "leader_contact": "138"}, ("leader_contact", "bad_leader_contact")),
        ({"branch": "a//b"}, ("branch", "bad_branch")),
        ({"tags": ";".join(map(str, range(51)))}, ("tags", "bad_tags")),
        ({"deputies": ";".join(map(str, range(21)))}, ("deputies", "bad_deputies")),
        ({"secret": "x" * 501}, ("secret", "bad_secret")),
    ],
)
def test_a_wrong_cell_is_named(cells: dict[str, str], flaw: tuple[str, str]) -> None:
    entry, flaws = read(**{"group": "g", "platform": "manual", **cells})
    assert entry is None
    assert flaw in flaws


def test_a_value_below_no_header_is_not_lost_in_silence() -> None:
    layout, _ = read_header(["group", "platform", ""])
    assert read_row(2, ["g", "manual", "", ""], layout=layout, platforms=PLATFORMS)[1] == []
    _, flaws = read_row(2, ["g", "manual", "", "stray"], layout=layout, platforms=PLATFORMS)
    assert [(flaw.column, flaw.code) for flaw in flaws] == [("#4", "no_header")]


def test_hostile_template_text_stays_text() -> None:
    entry, flaws = read(group="{{7*7}} {u.__init__} @everyone =1+1", platform="manual")
    assert flaws == []
    assert entry is not None
    assert entry.name == "{{7*7}} {u.__init__} @everyone =1+1"


def test_a_hostile_file_name_loses_its_sting() -> None:
    assert plain_filename("../../etc/passwd") == "passwd"
    assert plain_filename("C:\\x\\群.csv\r\nSet-Cookie: a\u202e\x00") == "群.csvSet-Cookie: a"
    assert len(plain_filename("x" * 10_000)) == 120


def test_a_customer_group_of_wecoms_is_known_by_its_chat_id_which_is_no_credential() -> None:
    chat = "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA"
    assert not rules.is_credential("wecom", chat)
    assert rules.is_credential("wecom", "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa")
    assert rules.address_key("wecom", chat, "") != rules.address_key("wecom", chat.lower(), "")
    robot = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY-1"
    assert rules.address_key("wecom", "key-1", "") == rules.address_key("wecom", robot, "")
