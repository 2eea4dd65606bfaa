"""The page of limits is the table, every channel that publishes one is in it, and no adapter has figures of its own."""

import re

import pytest

from app.channels import published
from app.channels.registry import channels
from app.core.settings import ROOT

PAGE = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    """The rows of the first table behind this line."""
    lines = PAGE.split(heading, 1)[1].splitlines()
    rows = [line for line in lines[: lines.index("", 1)] if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def test_the_page_lists_exactly_what_the_table_holds() -> None:
    told = [
        [one.channel, str(one.limit), one.per, one.shape, one.penalty or "—", one.trust, one.kept, one.source]
        for one in published.TABLE
    ]
    assert _rows("| channel | limit | counted per | shape | a breach costs | trust | kept | source |") == told


def test_the_page_names_who_shares_and_what_is_avoided() -> None:
    shared = {row[0]: re.findall(r"`(\w+)`", row[1]) for row in _rows("| channel | secrets that name the sender |")}
    assert shared == {channel: [*secrets] for channel, secrets in published.SHARED.items()}
    for one in published.ADVICE:
        assert f"| {one.channel} | from {one.rush.before_s:g} s before to {one.rush.after_s:g} s after :00" in PAGE


@pytest.mark.parametrize("name", sorted(channels()))
def test_a_channel_reads_its_limits_from_the_table(name: str) -> None:
    assert channels()[name].limits == published.paced(name)
    source = (ROOT / "app/channels/adapters" / f"{name}.py").read_text(encoding="utf-8")
    assert "Limit(" not in source


def test_of_whom_a_platform_keeps_a_key_is_known_where_it_keeps_one() -> None:
    keyed = {name for name, channel in channels().items() if channel.keyed is not None}
    assert {name for name in keyed if published.SHARED.get(name)} == keyed - {"webhook"}, "its key is in what is said"


def test_the_table_names_channels_and_secrets_that_there_are() -> None:
    known = channels()
    assert {one.channel for one in published.TABLE} <= known.keys()
    for channel, secrets in published.SHARED.items():
        assert set(secrets) <= set(known[channel].account_secret)
