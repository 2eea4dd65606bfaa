"""Accounts: sealed for their own row, one of each name, refused once."""

import asyncio

import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

from app.core import audit
from app.core.addresses import Guard
from app.core.db import Database
from app.core.errors import Conflict, Invalid, NotFound
from app.core.limits import Limit, Scope
from app.core.secrets import SecretBroken, Vault
from app.domain.access import service as access
from app.domain.accounts import service, store
from app.domain.accounts.rules import OwnLimit, of_its_own, shared
from app.domain.accounts.service import Changes, House, NewAccount
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account


class Bot:
    name = platform = "bot"
    account_secret = ("bot_token",)
    limits = (Limit(Scope.CHAT, 20, 60), Limit(Scope.ACCOUNT, 30, 1))


HOUSE = House(Vault([Fernet.generate_key().decode()]), Guard(), {"bot": Bot()})
NEW = NewAccount("Main", "bot", None, {"bot_token": "0123456789abcdef"}, None)


async def _center(db: Database) -> str:
    async with db.write() as tx:
        return (await access.create_center(tx, "main", actor="test")).id


async def _account(db: Database, center_id: str) -> Account:
    async with db.write() as tx:
        return await service.create(tx, center_id, NEW, house=HOUSE, actor="test")


async def test_a_secret_opens_for_its_own_row_only(db: Database) -> None:
    center_id = await _center(db)
    account = await _account(db, center_id)
    assert service.secret(HOUSE.vault, account) == {"bot_token": "0123456789abcdef"}
    async with db.write() as tx:
        other = await store.ensure(tx, center_id, "bot")
        assert service.secret(HOUSE.vault, other) == {}
        await store.change(tx, other.id, {"secret_box": account.secret_box})
        (swapped,) = await store.get(tx, [other.id])
    with pytest.raises(SecretBroken):
        service.secret(HOUSE.vault, swapped)


async def test_of_many_who_need_an_account_one_creates_it(db: Database) -> None:
    center_id = await _center(db)

    async def ensure() -> str:
        async with db.write() as tx:
            return (await store.ensure(tx, center_id, "wecom")).id

    assert len(set(await asyncio.gather(*(ensure() for _ in range(8))))) == 1
    async with db.read() as tx:
        assert [(row.name, row.status) for row in await store.of_center(tx, center_id)] == [("wecom", Status.ACTIVE)]


async def test_an_account_that_only_bears_a_platforms_name_is_not_taken_for_it(db: Database) -> None:
    center_id = await _center(db)
    async with db.write() as tx:
        await service.create(
            tx, center_id, NewAccount("WeCom", "bot", None, NEW.secret, None), house=HOUSE, actor="test"
        )
        account = await store.ensure(tx, center_id, "wecom")
        assert (account.name, account.platform) == ("wecom 2", "wecom")
        assert (await store.ensure(tx, center_id, "wecom")).id == account.id


async def test_accounts_are_found_by_comparable_name_in_their_center(db: Database) -> None:
    center_id, other = await _center(db), await _center(db)
    account = await _account(db, center_id)
    async with db.read() as tx:
        assert {name: row.id for name, row in (await store.by_name(tx, center_id)).items()} == {"main": account.id}
        assert await store.by_name(tx, other) == {}
        assert [row.id for row in await store.get(tx, [account.id, "acc_none"])] == [account.id]
        with pytest.raises(NotFound):
            await service.one(tx, other, account.id)


async def test_a_credential_is_refused_once(db: Database) -> None:
    account = await _account(db, await _center(db))

    async def refuse() -> bool:
        async with db.write() as tx:
            return await store.refuse(tx, account.id, "Unauthorized")

    assert sum(await asyncio.gather(*(refuse() for _ in range(6)))) == 1
    async with db.read() as tx:
        (row,) = await store.get(tx, [account.id])
    assert (row.status, row.status_reason) == (Status.REFUSED, "Unauthorized")


async def test_an_account_that_is_off_is_not_refused(db: Database) -> None:
    center_id = await _center(db)
    account = await _account(db, center_id)
    async with db.write() as tx:
        await service.patch(tx, center_id, account.id, Changes(status=Status.OFF), house=HOUSE, actor="test")
        assert not await store.refuse(tx, account.id, "Unauthorized")


async def test_a_change_tells_what_it_opened_and_closed(db: Database) -> None:
    center_id = await _center(db)
    account = await _account(db, center_id)

    async def patch(changes: Changes) -> tuple[bool, bool]:
        async with db.write() as tx:
            changed = await service.patch(tx, center_id, account.id, changes, house=HOUSE, actor="test")
        return changed.opened, changed.closed

    assert await patch(Changes(name="Other")) == (False, False)
    assert await patch(Changes(secret={"bot_token": "x" * 20})) == (True, False)
    assert await patch(Changes(status=Status.OFF)) == (False, True)
    assert await patch(Changes(status=Status.OFF)) == (False, False)
    assert await patch(Changes(secret={"bot_token": "y" * 20})) == (False, False)
    assert await patch(Changes(status=Status.ACTIVE)) == (True, False)


async def test_a_refused_change_leaves_nothing_behind(db: Database) -> None:
    center_id = await _center(db)
    account = await _account(db, center_id)
    async with db.write() as tx:
        await service.create(
            tx, center_id, NewAccount("Second", "bot", None, NEW.secret, None), house=HOUSE, actor="test"
        )
    for changes, error in (
        (Changes(name="Fresh", base_url="https://127.0.0.1"), Invalid),
        (Changes(name="second", secret={"bot_token": "z" * 20}), Conflict),
    ):
        with pytest.raises(error):
            async with db.write() as tx:
                await service.patch(tx, center_id, account.id, changes, house=HOUSE, actor="test")
    async with db.read() as tx:
        assert await tx.first(select(Account).where(Account.id == account.id)) == account
        written = await audit.entries(tx, center_id, limit=50, cursor=None)
    assert {entry.action for entry in written.items} == {"center.create", "account.create"}


async def test_an_account_is_paced_by_the_stricter_limits_unless_more_was_granted(db: Database) -> None:
    center_id = await _center(db)
    account = await _account(db, center_id)
    assert shared(Bot.limits, [service.own_limits(account.limits)]) == Bot.limits
    own = [OwnLimit(Scope.CHAT, 5, 60), OwnLimit(Scope.ACCOUNT, 1000, 1, higher_quota=True)]
    async with db.write() as tx:
        changed = await service.patch(tx, center_id, account.id, Changes(limits=own), house=HOUSE, actor="test")
        [written, *_] = (await audit.entries(tx, center_id, limit=1, cursor=None)).items
    stored = service.own_limits(changed.account.limits)
    assert stored == own
    assert shared(Bot.limits, [stored]) == (Limit(Scope.CHAT, 20, 60),)
    assert shared(Bot.limits, [stored, []]) == Bot.limits
    assert of_its_own(stored) == (Limit(Scope.CHAT, 5, 60), Limit(Scope.ACCOUNT, 1000, 1))
    assert written.detail["limits"][1] == {"scope": "account", "count": 1000, "per_seconds": 1, "higher_quota": True}
