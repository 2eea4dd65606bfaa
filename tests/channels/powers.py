"""One call of a channel's optional powers, against a platform that acts like this."""

from app.channels.port import Checked, Checks, Credential, Outcome, Posted, Recalls
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Bench
from tests.channels.platform import Act, Platform, platform
from tests.conftest import T0


async def recalled(bench: Bench, message_id: str, act: Act, *, deadline_s: float = 5.0) -> tuple[Outcome, Platform]:
    assert isinstance(bench.channel, Recalls)
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts), deadline_s=deadline_s)
        address = bench.address.replace("{base}", there.base)
        outcome = await bench.channel.recall(Posted(message_id, T0, address, bench.secret, there.base), http)
        await http.close()
    return outcome, there


async def checked(bench: Bench, act: Act, *, deadline_s: float = 5.0) -> tuple[Checked, Platform]:
    assert isinstance(bench.channel, Checks)
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts), deadline_s=deadline_s)
        found = await bench.channel.check(Credential(T0, bench.secret, there.base), http)
        await http.close()
    return found, there


def tells_no_secret(said: Outcome | Checked, bench: Bench) -> bool:
    """Whether neither the answer nor its repr repeats a secret."""
    return not any(secret in repr(said) for secret in (CANARY, *bench.secret.values()))
