"""Accounts, settings, keys and the audit log: what only an owner may change, and what never comes out."""

import re

import httpx
import pytest

from app.channels.registry import channels
from app.core.db import Database
from app.domain.access.states import Role
from app.flows.kit import Kit
from tests.builders.board import Operator, key_of
from tests.builders.directory import bring_in, center
from tests.builders.imports import TWO

TOKEN = "123456:abcdefghijklmnopqrstuvwxyz-SECRET-9876"


@pytest.fixture
def kit(kit: Kit) -> Kit:
    return Kit(**{**kit.__dict__, "channels": channels()})


@pytest.fixture
async def owner(client: httpx.AsyncClient, db: Database, kit: Kit) -> Operator:
    await center(db)
    await bring_in(kit, TWO)
    operator = Operator(client)
    await operator.sign_in(await key_of(db, "cen_1", Role.OWNER))
    return operator


async def test_an_accounts_secret_goes_in_and_never_comes_out(owner: Operator) -> None:
    assert 'name="secret.bot_token"' in await owner.page("/accounts/new?channel=telegram")
    asked = {"channel": "telegram", "name": "公告", "secret.bot_token": TOKEN, "limits": "account 999 1"}
    refused = await owner.press("/accounts", **asked)
    assert (refused.status_code, TOKEN in refused.text, 'id="wrong-limits"' in refused.text) == (422, False, True)
    missing = await owner.press("/accounts", **asked | {"secret.bot_token": "", "limits": ""})
    assert 'id="wrong-secret.bot_token"' in missing.text
    made = await owner.press("/accounts", **asked | {"limits": "account 5 60"})
    path = made.headers["location"].partition("?")[0]
    page = await owner.page(path)
    assert (TOKEN in page, "…9876" in page, "account 5 60" in page) == (False, True, True)
    assert (await owner.press(path, name="公告二", limits="", status="off")).status_code == 303
    page = await owner.page(path)
    assert all(text in page for text in ("公告二", "…9876", "已停用"))
    assert "公告二" in await owner.page("/accounts")


async def test_an_account_that_names_its_server_in_a_secret_is_asked_for_no_other(owner: Operator) -> None:
    assert 'name="base_url"' in await owner.page("/accounts/new?channel=matrix")
    page = await owner.page("/accounts/new?channel=email")
    assert ('name="base_url"' in page, 'name="secret.smtp_url"' in page) == (False, True)
    secret = {"secret.smtp_url": "smtp://mail.example.org:587", "secret.sender": "a@example.org"}
    made = await owner.press("/accounts", channel="email", name="Post", **secret)
    assert 'name="base_url"' not in await owner.page(made.headers["location"].partition("?")[0])


@pytest.mark.parametrize("limits", ["fast", "account 0 60", "account 1 nan", "account 1 inf", "chat 1 3 more"])
async def test_a_limit_that_is_none_says_so_beside_itself(owner: Operator, limits: str) -> None:
    fields = {"channel": "telegram", "name": "A", "secret.bot_token": TOKEN, "limits": limits}
    assert 'id="wrong-limits"' in (await owner.press("/accounts", **fields)).text


async def test_an_account_is_asked_after_by_a_button(owner: Operator) -> None:
    path = re.findall(r'href="(/accounts/acc_[^"]+)"', await owner.page("/accounts"))[0]
    checked = await owner.press(f"{path}/check")
    assert checked.status_code == 200
    assert "不能确定" in checked.text


async def test_the_center_is_kept_and_wrong_names_stand_beside_their_fields(owner: Operator) -> None:
    good = {"name": "总部", "timezone": "Asia/Shanghai", "language": "zh", "head": "王芳", "main_group": "Desk"}
    assert (await owner.press("/settings", **good, needs_approval="true")).status_code == 303
    page = await owner.page("/settings")
    assert all(f'value="{text}"' in page for text in good.values())
    assert 'value="true" checked' in page
    bad = {"name": "", "timezone": "Mars", "language": "?", "head": "", "main_group": ""}
    refused = await owner.press("/settings", **bad)
    assert all(f'id="wrong-{name}"' in refused.text for name in ("name", "timezone", "language"))
    assert 'id="wrong-head"' in (await owner.press("/settings", **good | {"head": "Nobody"})).text
    assert 'id="wrong-main_group"' in (await owner.press("/settings", **good | {"main_group": "Nowhere"})).text
    assert 'value="总部"' in await owner.page("/settings")


async def test_a_key_is_shown_once_and_revoked(owner: Operator) -> None:
    assert 'id="wrong-key_name"' in (await owner.press("/settings/keys", key_name="", role="viewer")).text
    made = await owner.press("/settings/keys", key_name="看板", role="viewer")
    token = re.findall(r"mk_\w{12}_[\w-]{43}", made.text)[0]
    page = await owner.page("/settings")
    assert ("看板" in page, token in page) == (True, False)
    asks = re.findall(r'href="(/settings/keys/[^/"]+)/ask/revoke', page)
    assert "看板" in await owner.page(f"{asks[-1]}/ask/revoke")
    assert (await owner.press(f"{asks[-1]}/revoke")).status_code == 303
    assert "已吊销" in await owner.page("/settings")
    assert (await owner.press(f"{asks[0]}/revoke")).status_code == 409


async def test_the_audit_log_is_paged_newest_first(owner: Operator) -> None:
    for number in range(60):
        await owner.press("/tree", name=f"支部{number}")
    page = await owner.page("/audit")
    assert page.index("支部59") < page.index("支部58")
    assert "添加分支" in page
    more = re.findall(r'href="(\?cursor=[^"]+)"', page)[0]
    assert "支部1<" in (await owner.page(f"/audit{more}"))


async def test_an_operator_sees_accounts_but_not_what_an_owner_keeps(
    owner: Operator, client: httpx.AsyncClient, db: Database
) -> None:
    operator = Operator(client)
    await operator.sign_in(await key_of(db, "cen_1", Role.OPERATOR))
    page = await operator.page("/accounts")
    assert ("/settings" in page, "/audit" in page, "/accounts/new" in page) == (False, False, False)
    for path in ("/settings", "/audit", "/accounts/new?channel=telegram"):
        assert (await operator.look(path)).status_code == 403
