"""Whether a text can be too long at all: what fits everywhere is too long for no group there could be."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.planning.rules import Brief, Problem, Size, Target, plan
from app.domain.planning.rules.fitting import fits_everywhere
from tests.rules.test_planning import BRIEF, TARGET

SIZES = (
    Size(9, "code points", len),
    Size(24, "bytes", lambda text: len(text.encode()), beside_picture=6),
    Size(40, "code points", len, beside_picture=0),
)
BODIES = some.sampled_from(
    ["short", "seven and more words", "{city} 七个汉字", "{group}", "*{leader}*", "_a_ **b**", "{no} value", "x" * 60]
)
BRIEFS = some.builds(
    lambda bodies, city, sizes, askers, split, markdown, picture, route: replace(
        BRIEF,
        texts=dict(zip(("", "zh", "wecom"), bodies, strict=False)),
        variables=city,
        accounts={f"acc_{number}": size for number, size in enumerate(sizes)},
        askers=frozenset(askers),
        split=split,
        markdown=markdown,
        picture=picture,
        route=route,
    ),
    some.lists(BODIES, min_size=1, max_size=3),
    some.sampled_from([{}, {"city": "Y"}, {"city": "Y" * 30}, {"group": "G", "leader": "L"}]),
    some.lists(some.sampled_from(SIZES), min_size=1, max_size=3),
    some.sets(some.sampled_from(["acc_0", "acc_1"])),
    some.booleans(),
    some.booleans(),
    some.booleans(),
    some.sampled_from(["auto", "bot", "leader"]),
)


def _everywhere(brief: Brief) -> list[Target]:
    """A group for each account, language, platform and way in."""
    ways = product(brief.accounts, (None, "zh"), ("wecom", "telegram"), (("bot",), ("leader", "bot")))
    return [
        TARGET._replace(
            name="a long name of a group" * 3,
            leader_name="Wang" * 20,
            account_id=account,
            language=language,
            platform=platform,
            routes=routes,
            owned=True,
        )
        for account, language, platform, routes in ways
    ]


@given(BRIEFS)
def test_what_fits_everywhere_is_too_long_for_no_group(brief: Brief) -> None:
    too_long = any(one.problem is Problem.TOO_LONG for one in plan(brief, _everywhere(brief)))
    assert not (fits_everywhere(brief) and too_long)


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({"texts": {"": "short"}}, True),
        ({"texts": {"": "{city}"}, "variables": {"city": "Y"}}, True),
        ({"texts": {"": "{city}"}, "variables": {"city": "Y" * 60}}, False),
        ({"texts": {"": "{group}"}}, False),
        ({"texts": {"": "{group}"}, "variables": {"group": "G"}}, True),
        ({"texts": {"": "short", "zh": "x" * 60}}, False),
        ({"texts": {"": "nine chars and more"}}, True),
        ({"texts": {"": "nine chars and more"}, "split": False}, False),
        ({"texts": {"": "nine chars and more"}, "askers": frozenset({"acc_1"})}, False),
        ({"texts": {"": "x" * 60}, "accounts": {}}, True),
    ],
)
def test_what_can_be_too_long_is_said_to_be(change: dict[str, object], fits: bool) -> None:
    brief = replace(BRIEF, **{"accounts": {"acc_1": SIZES[0]}, **change})
    assert fits_everywhere(brief) is fits
