"""How the demo ends: the ledger held against what the practice platform really received, and shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from app.cli.campaign import show_missed
from app.cli.remote import Remote


@dataclass(frozen=True)
class Verdict:
    """The ledger against the receipts. `lies` are sentences about groups for which they disagree."""

    groups: int
    relayed: int
    missed: int
    uncertain: int
    violations: int
    lies: Sequence[str]


def judge(api: Remote, platform: httpx.Client, campaign: str) -> Verdict:
    """Hold every relay against the platform's own receipts: what stands in each group, and how often."""
    receipts = platform.get("/_sim/receipts").json()["items"]
    stands = Counter(one["text"] for one in receipts if one["accepted"] and not one["duplicate"])
    states: Counter[str] = Counter()
    lies = []
    for line in api.items(f"/campaigns/{campaign}/relays"):
        relay = api.get(f"/relays/{line['id']}")
        states[relay["state"]] += 1
        posted = relay["via"] == "bot" or relay["evidence"] == "platform_verified"
        allowed = {1} if posted else {0, 1} if relay["state"] == "uncertain" else {0}
        if stands[relay["text"]] not in allowed:
            lies.append(f"{relay['group_name']} is {relay['state']}, but {stands[relay['text']]} posts stand there.")
    return Verdict(
        groups=sum(states.values()),
        relayed=states["relayed"],
        missed=states["missed"] + states["failed"],
        uncertain=states["uncertain"],
        violations=platform.get("/_sim/state").json()["violations"],
        lies=lies,
    )


def show(api: Remote, platform: httpx.Client, campaign: str) -> None:
    seen = api.get(f"/campaigns/{campaign}")
    print(f"\n“{seen['title']}”: {seen['counts']['relayed']} of {seen['groups']} groups have it, {seen['late']} late.")
    print("\nWho missed it, and who is on it:")
    show_missed(list(api.items(f"/campaigns/{campaign}/missed")))
    print("\nThe tree:")
    for top in api.get(f"/campaigns/{campaign}/tree")["items"]:
        _branch(top, 0)
    stands = platform.get("/_sim/state").json()["accepted_by_platform"]
    print("\nMessages that stand in the chats, letters to leaders among them:")
    print(", ".join(f"{name} {count}" for name, count in sorted(stands.items())))
    print()


def _branch(node: Any, depth: int) -> None:
    print(f"{'  ' * depth}{node['name'] or '(no branch)'}: {node['counts'].get('relayed', 0)} of {node['groups']}")
    for child in node["children"]:
        _branch(child, depth + 1)
