"""Script files, the agreement of texts and variables, and the checking of values."""

from collections.abc import Mapping

import pytest

from app.core.errors import Invalid
from app.domain.scripts.rules import Content, ScriptSource, Variable, check_values, content, parse
from app.domain.scripts.states import Kind, Origin

FILE = """---
title: 预热 · Warm-up
category: event
variables:
  - name: date
    type: date
    description: day
    example: 2026-03-14
  - name: 昵称
    description: name
    example: {zh: 小鹿, en: Maya}
    default: 大家
---
## zh

{昵称}，{date} 见！

好

## zh/wecom
{date} 见
## en
See you on {date}, {昵称}
"""


def parsed(text: str, *, name: str = "warm-up.md") -> Content:
    return parse(ScriptSource(name, text))


def complaints(text: str, *, name: str = "warm-up.md") -> list[str]:
    with pytest.raises(Invalid) as caught:
        parsed(text, name=name)
    return [error.message for error in caught.value.errors]


def test_a_file_is_read_as_written() -> None:
    found = parsed(FILE)
    assert (found.slug, found.title, found.category) == ("warm-up", "预热 · Warm-up", "event")
    assert found.texts == {
        "zh": "{昵称}，{date} 见！\n\n好",
        "zh/wecom": "{date} 见",
        "en": "See you on {date}, {昵称}",
    }
    assert found.languages == ("en", "zh")
    date, nickname = found.variables
    assert (date.type, date.example, date.default) == (Kind.DATE, {"": "2026-03-14"}, None)
    assert (nickname.type, nickname.default) == (Kind.TEXT, "大家")
    assert nickname.example_in("zh-CN") == "小鹿"
    assert nickname.example_in("en") == "Maya"


def test_words_without_a_heading_are_for_everybody() -> None:
    assert parsed("---\ntitle: t\ncategory: c\n---\n\nHello\n").texts == {"": "Hello"}


def test_nothing_in_front_matter_turns_into_another_type() -> None:
    found = parsed("---\ntitle: no\ncategory: 10:30\n---\nHello")
    assert (found.title, found.category) == ("no", "10:30")


@pytest.mark.parametrize(
    ("was", "becomes", "line", "sentence"),
    [
        ("---\ntitle", "title", 1, "must begin with a line of three dashes"),
        ("---\n## zh", "## zh", 1, "not closed"),
        ("title: 预热 · Warm-up\n", "", 2, "`title` is missing"),
        ("category: event", "categroy: event", 2, "`category` is missing"),
        ("category: event", "category: event\nslug: other", 4, "`slug` is not a known field"),
        ("category: event", "category: event\ntitle: again", 4, "`title` is given twice"),
        ("category: event", "category: *event", 3, "Aliases"),
        ("category: event", "category: [event", 4, "not valid YAML"),
        ("category: event", "category:\n  - event", 3, "`category`: Input should be a valid string"),
        ("type: date", "type: datum", 6, "`type`: Input should be 'text'"),
        ("type: date", "kind: date", 6, "`kind` is not a known field"),
        ("name: date", "name: the date", 5, "A variable's name is"),
        ("example: 2026-03-14", "example: 2026-02-30", 8, "date must be a date such as"),
        ("    example: 2026-03-14\n", "", 5, "`example` is missing"),
        ("default: 大家", "default: 大家\n    choices: [a, b]", 13, "A choice needs at least two"),
        ("type: date", "type: choice", 5, "A choice needs at least two"),
        ("name: 昵称", "name: date", 9, "date is declared twice"),
        ("See you on {date}, {昵称}", "See you {whom}", 22, "uses {whom}, which is not declared"),
        ("## zh/wecom", "## zh/We Com", 20, "A text is for a language"),
        ("## zh/wecom", "## fr/wecom", 20, "There is a text for `fr/wecom`, but none for `fr`"),
        ("## zh/wecom", "## zh", 20, "two sections named `zh`"),
        ("## zh/wecom\n{date} 见", "## zh/wecom", 20, "at least 1 character"),
    ],
)
def test_a_bad_file_is_refused_by_line_and_sentence(was: str, becomes: str, line: int, sentence: str) -> None:
    assert was in FILE
    found = complaints(FILE.replace(was, becomes, 1))
    assert any(one.startswith(f"warm-up.md, line {line}: ") and sentence in one for one in found), found


def test_a_variable_nobody_uses_is_refused() -> None:
    found = complaints(FILE.replace("{昵称}", "all"))
    assert found == ["warm-up.md, line 9: 昵称 is declared, but no text uses {昵称}."]


def test_every_error_of_a_file_is_told_in_the_order_of_its_lines() -> None:
    found = complaints(FILE.replace("type: date", "type: datum").replace("name: 昵称", "name: 1st"))
    assert [one.partition(":")[0] for one in found] == ["warm-up.md, line 6", "warm-up.md, line 9"]


def test_the_files_name_is_the_slug_and_must_be_one() -> None:
    assert complaints(FILE, name="Warm Up.md") == [
        "Warm Up.md, line 2: A slug is small letters and digits in words joined by dashes, such as week-end."
    ]


@pytest.mark.parametrize("front", ["[" * 5_000, "a: " + "{" * 5_000, "- a", "\x00", "a: !!python/object:os.system x"])
def test_hostile_front_matter_is_refused_or_plain_text(front: str) -> None:
    assert complaints(f"---\n{front}\n---\nHello")


def test_the_digest_is_of_the_content_alone() -> None:
    same = FILE.replace("{zh: 小鹿, en: Maya}", "\n      en: Maya\n      zh: 小鹿").replace("## en", "\n\n## en")
    assert parsed(same).digest == parsed(FILE).digest
    for was, becomes in (("好", "好的"), ("category: event", "category: e"), ("description: day", "description: d")):
        assert parsed(FILE.replace(was, becomes)).digest != parsed(FILE).digest


def test_content_errors_point_into_the_request() -> None:
    given: Mapping[str, object] = {
        "slug": "s",
        "title": "t",
        "category": "c",
        "texts": {"zh": "{a}", "zh/wecom": "{b}"},
        "variables": [{"name": "a", "description": "", "example": "x", "type": "number"}],
    }
    with pytest.raises(Invalid) as caught:
        content(given)
    assert {error.pointer for error in caught.value.errors} == {"/texts/zh~1wecom", "/variables/0/example"}


def variable(kind: Kind, *, default: str | None = None) -> Variable:
    choices = ("tea", "coffee") if kind is Kind.CHOICE else ()
    return Variable(name="v", description="", example={"": "x"}, type=kind, default=default, choices=choices)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.TEXT, ["x", " {v} ", "两\n行", "x" * 1_000], ["", " \n", "x" * 1_001, "\x00", "\ud800"]),
        (Kind.NUMBER, ["0", "-3", "12.5"], ["1,000", "1e9", "٣", "NaN", ".5", "1" * 16]),
        (Kind.DATE, ["2026-02-28", "2028-02-29"], ["2026-02-29", "20260228", "2026-W09-1", "2026-2-8", "28.02.2026"]),
        (Kind.TIME, ["00:00", "23:59"], ["24:00", "9:00", "23:60", "２０:00", "20:00:00"]),
        (
            Kind.URL,
            ["https://example.com/路?a=1#b", "http://[::1]:8000/"],
            ["javascript:alert(1)", "example.com", "https://", "https://a b", "https://u:p@example.com", "http://["],
        ),
        (Kind.CHOICE, ["tea"], ["Tea", "milk"]),
    ],
)
def test_values_have_their_types(kind: Kind, good: list[str], bad: list[str]) -> None:
    for value in good:
        assert check_values([variable(kind)], {"v": value}) == {"v": value.strip()}
    for value in bad:
        with pytest.raises(Invalid) as caught:
            check_values([variable(kind)], {"v": value})
        assert [error.pointer for error in caught.value.errors] == ["/script/variables/v"], value


def test_a_value_left_out_is_the_default_or_an_error() -> None:
    assert check_values([variable(Kind.TIME, default="22:00")], {}) == {"v": "22:00"}
    with pytest.raises(Invalid, match="v needs a value"):
        check_values([variable(Kind.TIME)], {})


def test_every_bad_value_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        check_values([variable(Kind.DATE)], {"v": "soon", "a/b": "x"}, at="/variables")
    assert {error.pointer for error in caught.value.errors} == {"/variables/v", "/variables/a~1b"}


def test_files_never_follow_what_a_person_wrote() -> None:
    allowed = {(later, latest) for later in Origin for latest in Origin if later.may_follow(latest)}
    library, folder, center = Origin
    assert allowed == {
        (library, library),
        (folder, library),
        (folder, folder),
        (center, library),
        (center, folder),
        (center, center),
    }
