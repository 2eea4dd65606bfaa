"""Bugs of the plan, the orders and the books: each function breaks one promise in this process."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from app.core import ids
from app.domain.campaigns import service as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.deliveries.store import claims
from app.domain.relays.states import State as RelayState
from app.domain.shards import store as shards
from app.flows import drain, keep, plan, sweep
from app.flows.confirm import confirm_all
from app.flows.outcomes import Heard
from app.reports import missed
from app.web.said import Knock
from tests.chaos.planting import swap


def reading_confirms() -> None:
    """Whoever opens a link has done all it asks for."""

    def eager(look: Any) -> Any:
        async def look_and_confirm(self: Knock) -> Any:
            await confirm_all(self.kit, self.key)
            return await look(self)

        return look_and_confirm

    swap(Knock, "look", eager)


async def _nothing(*_: Any, **__: Any) -> None:
    return None


def stops_in_words_only() -> None:
    """Pause, cancel and the kill switch close no gate."""
    swap(deliveries, "close_gate", lambda _: _nothing)


def resume_opens_nothing() -> None:
    swap(deliveries, "open_gate", lambda _: _nothing)


def deadline_forgotten() -> None:
    """Everything has an hour more than was ordered."""
    swap(plan, "planned", _ending(lambda one: one.deadline_at + timedelta(hours=1)))


def time_runs_out_early() -> None:
    """Everything has a second, however long was ordered."""
    swap(plan, "planned", _ending(lambda one: one.starts_at + timedelta(seconds=1)))


def _ending(at: Callable[[Any], Any]) -> Any:
    def otherwise(planned: Any) -> Any:
        return lambda *of: (one._replace(deadline_at=at(one)) for one in planned(*of))

    return otherwise


def outcomes_lost() -> None:
    """Some answers are heard and never written down."""

    def forgetful(write_down: Any) -> Any:
        async def some(tx: Any, heard: Sequence[Heard]) -> None:
            await write_down(tx, [one for one in heard if ids.share(one.claimed.id) > 0.25])

        return some

    swap(drain, "write_down", forgetful)


def nobody_sweeps() -> None:
    """Deliveries whose sender died stay as they are, whoever sits in the keeper's chair."""
    swap(keep, "recover", lambda _: _nothing)
    swap(sweep, "CHORES", lambda chores: tuple(chore for chore in chores if chore.do.__name__ != "recover"))


def leases_outlive_the_dead() -> None:
    """Whoever held a shard and died holds it for another minute."""
    swap(shards, "LEASE", lambda _: timedelta(minutes=1))


def missed_list_hides_doubt() -> None:
    swap(missed, "MISSING_NOW", lambda where: f"{where} AND relay.state <> '{RelayState.UNCERTAIN.value}'")


def plan_skips_the_last() -> None:
    swap(plan, "planned", lambda planned: lambda *of: list(planned(*of))[:-1])


def plan_makes_one_twice() -> None:
    """One group of every batch has two deliveries."""

    def generous(create: Any) -> Any:
        async def create_more(tx: Any, rows: Sequence[Mapping[str, Any]]) -> None:
            first = [row for row in rows if row["kind"] is Kind.ANNOUNCEMENT][:1]
            again = [{**row, "id": ids.derive("dlv", row["id"]), "part": 1, "relay_id": None} for row in first]
            await create(tx, [*rows])
            await create(tx, again)

        return create_more

    swap(deliveries, "create", generous)


def letters_twice() -> None:
    def generous(create: Any) -> Any:
        async def create_more(tx: Any, rows: Sequence[Mapping[str, Any]]) -> None:
            letters = [row for row in rows if row["kind"] is Kind.HAND_OFF]
            again = [{**row, "id": ids.derive("dlv", row["id"]), "turn": row["turn"] + 1} for row in letters]
            await create(tx, [*rows])
            await create(tx, again)

        return create_more

    swap(deliveries, "create", generous)


def journal_has_gaps() -> None:
    """Every fifth line about deliveries is left out."""
    numbers = count(1)

    def sparing(append: Any) -> Any:
        async def most(tx: Any, moves: Any) -> None:
            await append(tx, [move for move in moves if next(numbers) % 5])

        return most

    swap(claims, "append", sparing)


def keys_are_ignored() -> None:
    """Every request makes a campaign of its own."""

    def forgetful(create: Any) -> Any:
        async def under_a_key_of_its_own(*of: Any, key: str, **what: Any) -> Any:
            return await create(*of, key=f"{key} {ids.new('sd')}", **what)

        return under_a_key_of_its_own

    swap(campaigns, "replay", lambda _: _nothing)
    swap(campaigns, "create", forgetful)
