"""The demo goes to every platform there is, by each of its ways in."""

from app.channels.registry import channels, way_of
from app.cli.demo_cast import BRANCH_LEADERS, PEOPLE
from app.cli.demo_chats import ACCOUNTS, CHATS, rows
from app.flows.writers import WRITES

OWN_LINES = {"email", "apprise"}  # no practice platform speaks them
WRITES_TO_PEOPLE = {"wecom_app"}


def test_every_way_into_every_platform_is_gone() -> None:
    known = channels()
    named = {account.name for account in ACCOUNTS}
    ways = set()
    for row in rows("http://127.0.0.1:9"):
        way = way_of(known, row["平台"], row["群地址"])
        assert way is not None
        assert way.address_problem(row["群地址"]) is None, row
        assert bool(way.account_secret) is (row["发送账号"] in named), row
        ways.add(way.name)
    assert ways == set(known) - OWN_LINES - WRITES_TO_PEOPLE


def test_a_leader_is_written_to_in_each_way_that_can_be_practised() -> None:
    kinds = {person.contact.partition(":")[0] for person in (*PEOPLE, *BRANCH_LEADERS)}
    assert kinds == set(WRITES) - OWN_LINES | {"none"}


def test_the_demo_has_fifty_groups() -> None:
    assert sum(chats.count for chats in CHATS) + sum(person.groups for person in (*PEOPLE, *BRANCH_LEADERS)) == 50
