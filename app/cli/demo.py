"""`muster demo`: the whole story on this machine. A service of its own, the practice platform instead of the real
ones, 50 groups, two levels of leaders, some of whom are late or silent; at the end the ledger is held against what
the platform really received."""

import io
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from app.cli.demo_cast import (
    BRANCH_LEADERS,
    PEOPLE,
    RELAY_MINUTES,
    TEXT,
    TITLE,
    Leader,
    sheet,
)
from app.cli.demo_chats import ACCOUNTS, CHATS, KICKED, LOST_HOOK, LOST_ROBOT, SIGNED
from app.cli.demo_verdict import judge, show
from app.cli.places import free_port
from app.cli.remote import Remote, remote
from app.cli.terminal import AsJson, Failed, note, progress, show_json
from app.core.redis import die_with_parent

START_S = 30.0
PATIENCE_S = 55.0


def demo(*, as_json: AsJson = False) -> None:
    """Watch one campaign go to 50 groups over every platform and two levels of leaders, and who missed it.

    Example: muster demo
    """
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-demo-")))
        platform = stack.enter_context(_platform())
        address, key = stack.enter_context(_service(folder, str(platform.base_url)))
        api = stack.enter_context(remote(address, key))
        note(f"Muster is up on {address}, the practice platform on {platform.base_url}.")
        _prepare(api, platform)
        campaign = _launch(api)
        _hand_out(api, platform, campaign)
        _follow(api, platform, campaign)
        verdict = judge(api, platform, campaign)
        if not as_json:
            show(api, platform, campaign)
    found = {name: getattr(verdict, name) for name in ("groups", "relayed", "missed", "uncertain", "violations")}
    for lie in verdict.lies:
        note(f"The ledger and the platform disagree: {lie}")
    show_json({**found, "seconds": round(time.monotonic() - began, 1)})
    if verdict.lies or verdict.violations:
        raise Failed("The demo did not end as it must.")


@contextmanager
def _platform() -> Iterator[httpx.Client]:
    """The practice platform on a free port; yields its control API."""
    port = free_port()
    with _child([sys.executable, "-m", "app.simulator", "--port", str(port)], os.environ):
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        with client:
            _wait(lambda: client.get("/_sim/state").is_success, "the practice platform")
            yield client


@contextmanager
def _service(folder: Path, platform: str) -> Iterator[tuple[str, str]]:
    """An embedded service on a free port and a fresh database; yields its address and its first key."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    settings = {
        "MUSTER_DATA_DIR": str(folder / "data"),
        "MUSTER_PORT": str(port),
        "MUSTER_ALLOWED_HOSTS": httpx.URL(platform).netloc.decode(),
        "MUSTER_LOG_LEVEL": "WARNING",
    }
    with _child([sys.executable, "-m", "app.cli", "up"], {**clean, **settings}, cwd=folder) as process:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"mk_\w+", line)
            if found:
                yield f"http://127.0.0.1:{port}", found.group()
                return
    raise Failed("The service did not start; the lines above say why.")


@contextmanager
def _child(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    env = {**environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command,
        env=env,
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _prepare(api: Remote, platform: httpx.Client) -> None:
    """Accounts, the directory, the branch leaders, and what will go wrong on the platform."""
    base = str(platform.base_url).rstrip("/")
    for account in ACCOUNTS:
        body = {"name": account.name, "platform": account.platform, "base_url": base, "secret": dict(account.secret)}
        api.post("/accounts", body)
    fields = {"dry_run": "false"}
    report = api.send_file("/imports", io.BytesIO(sheet(base)), name="sample-directory.csv", fields=fields)
    if report["errors"]:
        raise Failed(f"The sample directory was refused: {report['errors'][0]['message']}")
    platforms = {chats.platform for chats in CHATS}
    note(f"Imported {report['create']} groups on {len(platforms)} platforms and on paper.")
    branches = {branch["path"]: branch["id"] for branch in api.items("/branches")}
    for person in BRANCH_LEADERS:
        body = {"name": person.name, "contact": person.contact, "language": person.language}
        leader = api.post("/leaders", body)
        api.post("/assignments", {"leader_id": leader["id"], "branch_id": branches[person.branch], "rank": 0})
    _set_the_stage(platform, base)


def _set_the_stage(platform: httpx.Client, base: str) -> None:
    """Who reads the chats, which robots are locked, and what goes wrong: one bot was kicked, two answers get lost."""

    def tell(path: str, body: object) -> None:
        platform.post(f"/_sim/{path}", json=body).raise_for_status()

    people = [_person(person, base) for person in (*PEOPLE, *BRANCH_LEADERS) if person.contact != "none"]
    people += [{**one, "platform": "wecom_customers"} for one in people if one["platform"] == "wecom_app"]
    tell("leaders", {"people": people})
    tell("targets", {"platform": "dingtalk", "target": "*", "secret": SIGNED})
    tell("targets", {"platform": "telegram", "target": KICKED, "state": "kicked"})
    for name, target in (("wecom", LOST_ROBOT), ("webhook", LOST_HOOK)):
        tell("faults", {"platform": name, "target": target, "kind": "drop_after_accept"})


def _person(person: Leader, base: str) -> dict[str, object]:
    kind, _, where = person.contact.format(platform=base).partition(":")
    target = where.rsplit("/", 1)[-1]
    protocol = {"wecom": "wecom_app", "feishu": "feishu_app"}.get(kind, kind)
    return {"platform": protocol, "target": target, "persona": person.persona, "delay_s": person.delay_s}


def _launch(api: Remote) -> str:
    draft = {
        "title": TITLE,
        "body": TEXT,
        "relay_minutes": RELAY_MINUTES,
        "pacing": {"min_gap_s": 0.1, "max_gap_s": 0.5},
        "priority": "incident",
    }
    made = api.post("/campaigns", draft, headers={"Idempotency-Key": secrets.token_hex(16)})
    campaign = str(made["id"])
    seen = api.post(f"/campaigns/{campaign}/preflight")
    note(f"Preflight: {seen['groups']} groups, the last post or deadline at {seen['finish_at']}.")
    for finding in (*seen["warnings"], *seen["blockers"]):
        note(f"  {finding['message']}")
    api.post(f"/campaigns/{campaign}/launch")
    return campaign


def _hand_out(api: Remote, platform: httpx.Client, campaign: str) -> None:
    """The head hands links on paper to those whom no message reaches."""
    on_paper = {person.name: person for person in PEOPLE if person.contact == "none"}

    def handed_off() -> bool:
        counts = api.get(f"/campaigns/{campaign}")["counts"]
        return bool(counts["assigned"]) and not api.get(f"/campaigns/{campaign}/relays?state=planned")["items"]

    _wait(handed_off, "the hand-off")
    links = [
        {"url": item["url"], "persona": on_paper[item["leader"]].persona, "delay_s": on_paper[item["leader"]].delay_s}
        for item in api.post(f"/campaigns/{campaign}/links")["items"]
        if item["leader"] in on_paper
    ]
    platform.post("/_sim/leaders/deliver", json={"links": links}).raise_for_status()


def _follow(api: Remote, platform: httpx.Client, campaign: str) -> None:
    """Show the progress until nothing moves any more: every deadline passed, every late leader done."""
    deadline = time.monotonic() + PATIENCE_S
    with progress("relayed") as advance:
        while time.monotonic() < deadline:
            seen = api.get(f"/campaigns/{campaign}")
            advance(seen["counts"]["relayed"], seen["groups"] or 1)
            moving = sum(seen["counts"][state] for state in ("planned", "assigned", "acknowledged", "posting"))
            if not moving and not platform.get("/_sim/state").json()["leaders_busy"]:
                return
            time.sleep(0.5)
    raise Failed(f"The campaign still moves after {PATIENCE_S:.0f} seconds.")


def _wait(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise Failed(f"{what} did not start.")
