"""The operator's pages say the same things in both languages, and nothing that no page says."""

import ast
import re
import string
from collections import Counter
from enum import StrEnum

import pytest

from app.channels.port import Verdict
from app.channels.registry import channels
from app.core.journal import Subject
from app.core.settings import ROOT
from app.domain.access.states import Role
from app.domain.campaigns import states as campaigns
from app.domain.deliveries import states as deliveries
from app.domain.escalation.rules import Action
from app.domain.planning.rules import Problem
from app.domain.recalls import states as recalls
from app.domain.relays import states as relays
from app.domain.webhooks.states import State as NoticeState
from app.web.phrases import PARTS, PHRASES
from app.web.words import Tongue

WEB = ROOT / "app/web"
TEXT = "\n".join(
    path.read_text(encoding="utf-8") for path in [*(WEB / "templates/board").glob("*.html"), *WEB.glob("*.py")]
)
BUILT = set(re.findall(r"""["']([a-z]+(?:_[a-z]+)*_)["'] ~|f"([a-z]+(?:_[a-z]+)*_)\{""", TEXT))
"""The beginnings of keys that are put together on the spot: `'state_' ~ name`, `f"said_{…}"`."""


def places(phrase: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def findings() -> set[str]:
    """The code of everything a preflight can find, as the flows write it."""
    found = {problem.value for problem in Problem}
    for path in (ROOT / "app/flows").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Finding":
                words = [one.value for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant)]
                found |= {word for word in words if isinstance(word, str)}
    return found


def test_whatever_a_preflight_finds_is_said_in_both_languages() -> None:
    assert {f"finding_{code}" for code in findings()} - PHRASES["zh"].keys() == set()


def test_every_way_into_a_platform_and_each_of_its_secrets_has_a_name() -> None:
    ways = channels()
    named = {f"way_{name}" for name in ways}
    named |= {f"secret_{secret}" for way in ways.values() for secret in way.account_secret}
    assert named - PHRASES["zh"].keys() == set()


def test_both_languages_have_the_same_keys_and_the_same_places() -> None:
    zh, en = PHRASES["zh"], PHRASES["en"]
    assert zh.keys() == en.keys()
    assert {key: places(zh[key]) for key in zh} == {key: places(en[key]) for key in en}


@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_nothing_is_empty_and_no_key_stands_in_two_parts(tongue: Tongue) -> None:
    assert [key for key, phrase in PHRASES[tongue].items() if not phrase.strip()] == []
    keys = Counter(key for part in PARTS for key in getattr(part, tongue.upper()))
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize(
    ("beginning", "words"),
    [
        ("state_", relays.State),
        ("via_", relays.Via),
        ("via_", relays.Route),
        ("evidence_", relays.Evidence),
        ("message_", deliveries.State),
        ("kind_", deliveries.Kind),
        ("control_", campaigns.State),
        ("next_", Action),
        ("role_", Role),
        ("subject_", Subject),
        ("recall_", recalls.State),
        ("outcome_", Verdict),
        ("notice_", NoticeState),
        ("mode_", campaigns.Mode),
    ],
)
def test_every_word_of_the_ledger_can_be_said(beginning: str, words: type[StrEnum]) -> None:
    assert {beginning + word for word in words} - PHRASES["zh"].keys() == set()


def test_every_phrase_is_said_somewhere() -> None:
    begun = {first or second for first, second in BUILT}
    unsaid = [
        key
        for key in PHRASES["zh"]
        if f"'{key}'" not in TEXT and f'"{key}"' not in TEXT and not key.startswith(tuple(begun))
    ]
    assert unsaid == []


def test_every_phrase_a_page_says_exists() -> None:
    said = set(re.findall(r"""\bsay\(["']([a-z_0-9]+)["'][,)]""", TEXT))
    assert len(said) > 30
    assert said - PHRASES["zh"].keys() == set()
