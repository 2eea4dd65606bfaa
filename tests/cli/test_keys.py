"""`muster keys` on both databases: made, shown once, listed without tokens, revoked."""

import json
import re

import pytest

from tests.cli.conftest import Muster

TOKEN = re.compile(r"^mk_[a-zA-Z0-9]{12}_[a-zA-Z0-9]{43}$")

pytestmark = pytest.mark.usefixtures("house")


def test_the_first_owner_key_makes_the_first_center(muster: Muster) -> None:
    made = muster("keys", "create", "--role", "owner")
    assert made.code == 0
    assert TOKEN.match(made.out.strip())
    (key,) = json.loads(muster("keys", "list", "--json").out)
    assert key["role"] == "owner"
    assert made.out.strip() not in muster("keys", "list").out


def test_without_a_center_no_smaller_key_is_made(muster: Muster) -> None:
    refused = muster("keys", "create", "--role", "viewer")
    assert refused.code == 1
    assert "--role owner" in refused.err
    assert refused.out == ""


def test_a_key_is_listed_and_revoked_and_the_last_owner_stays(muster: Muster) -> None:
    owner = json.loads(muster("keys", "create", "--role", "owner", "--json").out)
    crm = json.loads(muster("keys", "create", "--role", "operator", "--name", "客户系统", "--json").out)
    assert TOKEN.match(crm["token"])
    assert "客户系统" in muster("keys", "list").out
    assert muster("keys", "revoke", crm["id"]).code == 0
    revoked = {key["id"]: key["revoked_at"] for key in json.loads(muster("keys", "list", "--json").out)}
    assert revoked[crm["id"]]
    kept = muster("keys", "revoke", owner["id"])
    assert kept.code == 1
    assert "last owner key" in kept.err


def test_an_unknown_key_is_a_failure_in_one_sentence(muster: Muster) -> None:
    muster("keys", "create", "--role", "owner")
    refused = muster("keys", "revoke", "key_nowhere")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "muster: There is no such API key.\n"


@pytest.mark.parametrize(
    "words", [("--role", "king"), ("--role", "owner", "--name", "two\nlines"), ("--role", "owner", "--nme", "x"), ()]
)
def test_wrong_usage_ends_with_two(muster: Muster, words: tuple[str, ...]) -> None:
    assert muster("keys", "create", *words).code == 2


def test_an_unknown_center_is_refused(muster: Muster) -> None:
    muster("keys", "create", "--role", "owner")
    refused = muster("keys", "list", "--center", "elsewhere")
    assert refused.code == 1
    assert "main (cen_" in refused.err
