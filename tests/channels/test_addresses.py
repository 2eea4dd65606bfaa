"""The address guard: no spelling of our own network, by any road, is ever connected to."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.adapters.zulip import Zulip
from app.channels.addresses import address_problem, base_url_problem, host_allowed
from app.core.addresses import AddressRefused, Guard, GuardedResolver, Place, is_public, place
from app.core.http import HttpClient, NotSent, Request
from tests.channels.platform import answer, platform

LOOPBACK = (
    "127.0.0.1", "127.1", "127.0.1", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "2130706433", "017700000001", "0177.0.0.1",
    "0", "0.0.0.0", "00000", "127.0.0.1.", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "１２７.0.0.1", "①②⑦.0.0.1",
    "127.255.255.254", "localhost", "LOCALHOST", "localhost.", "ｌocalhost", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
    "[2002:7f00:0001::1]", "[64:ff9b:1::7f00:1]", "[::127.0.0.1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
)  # fmt: skip
INSIDE = (
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]",
    "10.0.0.1", "10.1", "0xa000001", "167772161", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.257",
    "100.64.0.1", "100.100.100.200", "192.0.0.8", "192.0.0.192", "192.88.99.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[fc00::1]", "[100::1]",
    "metadata", "intranet", "redis", "host.docker.internal:2375", "[::ffff:10.0.0.1]", "[64:ff9b::10.0.0.1]",
    "[2002:0a00:0001::]", "[2001:db8::1]",
)  # fmt: skip
SHAPES = (
    "https://{host}/", "https://{host}:443/x?y=z", "http://{host}/", "http://{host}:80/", "https://{host}:8443/",
    "HTTPS://{host}/#f", "https://{host}:0/",
)  # fmt: skip
CORPUS = [shape.format(host=host) for host in (*LOOPBACK, *INSIDE) for shape in SHAPES]
TRICKS = [
    "https://example.org@127.0.0.1/", "https://127.0.0.1@example.org/", "https://a:b@example.org/",
    "https://example.org#@127.0.0.1:1/".replace("#", "\\"), "https://example.org\\@127.0.0.1/",
    "https://127.0.0.1\\.example.org/", "https://127%2e0%2e0%2e1/", "https://127.0.0.1%00.example.org/",
    "https://exa mple.org/", "https://example.org/\r\nHost: x", "https://\texample.org/", "https://example..org/",
    "https://.example.org/", "https://example.org:99999/", "https://example.org:x/", "https://[::1/", "https://[]/",
    "https://", "https:///etc/passwd", "//example.org/", "example.org", "", "gopher://example.org/", "file:///etc/passwd",
    "ftp://example.org/", "javascript:alert(1)", "unix:///run/redis.sock", "https://[127.0.0.1]/", "https://ex_am;ple.org/",
    "https://api.telegram.org,evil.example/", "https://ａpi.telegram.org/", "https://" + "a" * 64 + ".org/",
]  # fmt: skip


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(CORPUS) + len(TRICKS) >= 200


@pytest.mark.parametrize("url", [*CORPUS, *TRICKS])
def test_the_guard_refuses(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        Guard().check(url)
    assert "/x" not in str(refused.value)
    assert "y=z" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://api.telegram.org/bot1:x/sendMessage", "api.telegram.org", 443),
        ("https://Example.ORG./in", "example.org", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700:4700::1111]/", "2606:4700:4700::1111", 443),
        ("https://bücher.example/", "xn--bcher-kva.example", 443),
        ("https://例子.测试/", "xn--fsqu00a.xn--0zwm56d", 443),
    ],
)
def test_the_public_internet_may_be_contacted(url: str, host: str, port: int) -> None:
    assert Guard().check(url) == Place("https", host, port)


def test_what_the_operator_lists_may_be_contacted_as_listed() -> None:
    guard = Guard(frozenset({"127.0.0.1:9000", "Intranet", "[::1]:9001", "::1"}))
    assert guard.check("http://127.0.0.1:9000/x") == Place("http", "127.0.0.1", 9000)
    assert guard.check("http://intranet:1/").host == "intranet"
    assert guard.check("http://[::1]:77/").port == 77
    for other in ("http://127.0.0.1:9001/", "http://127.1:9000/", "http://localhost:9000/"):
        with pytest.raises(AddressRefused):
            guard.check(other)


def test_a_listed_host_with_its_usual_port_need_not_spell_it() -> None:
    assert Guard(frozenset({"intranet:80"})).check("http://intranet/").port == 80


@pytest.mark.parametrize("address", ["64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "fec0::1", "100.64.0.1"])
def test_what_python_calls_global_and_is_not(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


class Blind(Guard):
    """A guard that reads nothing, so that what stands behind it has to hold alone."""

    def check(self, url: str) -> Place:
        return Place("http", "nowhere.example", 80)


async def test_behind_the_guard_the_sockets_refuse_every_spelling_too() -> None:
    async with platform(answer(200, {}, b"")) as canary:
        http = HttpClient(Blind(), deadline_s=3)
        for host in LOOPBACK:
            with pytest.raises(NotSent):
                await http.send(Request(f"http://{host}:{canary.port}/", method="GET"))
        await http.close()
        assert canary.connections == 0


@dataclass
class Fickle(AbstractResolver):
    """A name server that answers with the next of its lists each time it is asked."""

    answers: list[tuple[str, ...]]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self.answers.pop(0)
        ]

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("10.0.0.1",), ("::1",), ("2130706433",)]
)
async def test_one_address_inside_refuses_the_whole_name(addresses: tuple[str, ...]) -> None:
    resolver = GuardedResolver(Guard(), Fickle([addresses]))
    with pytest.raises(OSError, match="not public"):
        await resolver.resolve("evil.example", 443)


async def test_a_name_that_turns_inwards_between_two_looks_reaches_nobody() -> None:
    """Rebinding: the second answer is judged like the first, and the socket looks once more."""
    fickle = Fickle([("93.184.216.34",), ("127.0.0.1",)])
    resolver = GuardedResolver(Guard(), fickle)
    assert await resolver.resolve("evil.example", 443)
    async with platform(answer(200, {}, b"")) as canary:
        http = HttpClient(Blind(), deadline_s=3, resolver=fickle)
        with pytest.raises(NotSent):
            await http.send(Request(f"http://evil.example:{canary.port}/", method="GET"))
        await http.close()
        assert canary.connections == 0


async def test_a_name_server_that_never_answers_means_nothing_was_sent() -> None:
    class Silent(Fickle):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            await asyncio.sleep(60)
            return []

    http = HttpClient(Guard(), deadline_s=0.2, resolver=Silent([]))
    with pytest.raises(NotSent):
        await http.send(Request("https://example.org/"))
    await http.close()


def test_a_url_names_the_platforms_own_host_or_a_listed_one() -> None:
    guard = Guard(frozenset({"127.0.0.1:9000"}))
    robot = "/cgi-bin/webhook/send?key=a1234567"
    assert host_allowed(WeCom(), f"https://qyapi.weixin.qq.com{robot}", guard)
    assert host_allowed(WeCom(), f"http://127.0.0.1:9000{robot}", guard)
    assert not host_allowed(WeCom(), f"https://evil.example{robot}", guard)
    assert not host_allowed(WeCom(), f"http://qyapi.weixin.qq.com{robot}", guard)
    assert not host_allowed(WeCom(), f"https://qyapi.weixin.qq.com.evil.example{robot}", guard)
    assert not host_allowed(WeCom(), f"https://evil.example\\@qyapi.weixin.qq.com{robot}", guard)
    assert host_allowed(Webhook(), "https://anyone.example/in", guard)
    assert not host_allowed(Webhook(), "https://10.0.0.1/in", guard)
    assert not host_allowed(Webhook(), "http://anyone.example/in", guard)


def test_an_address_is_judged_by_shape_and_then_by_host() -> None:
    guard = Guard()
    evil = "https://evil.example/cgi-bin/webhook/send?key=a1234567"
    problem = address_problem(WeCom(), evil, guard)
    assert problem is not None
    assert "MUSTER_ALLOWED_HOSTS" in problem
    assert "a1234567" not in problem
    assert address_problem(WeCom(), "a1234567-0000", guard) is None
    assert address_problem(Telegram(), "-100123", guard) is None
    assert address_problem(Webhook(), "https://anyone.example/in", guard) is None
    assert "whole URL" in (address_problem(Webhook(), "anyone", guard) or "")


def test_a_base_url_is_the_platforms_own_or_a_listed_one() -> None:
    guard = Guard(frozenset({"tg.internal:8081"}))
    assert base_url_problem(Telegram(), "https://api.telegram.org", guard) is None
    assert base_url_problem(Telegram(), "http://tg.internal:8081", guard) is None
    assert base_url_problem(Telegram(), "https://evil.example", guard) is not None
    assert base_url_problem(Telegram(), "https://api.telegram.org/?x", guard) is not None
    assert base_url_problem(Telegram(), "api.telegram.org", guard) is not None


def test_a_server_of_ones_own_is_any_public_host_or_a_listed_one() -> None:
    guard = Guard(frozenset({"127.0.0.1:9000"}))
    assert base_url_problem(Zulip(), "https://chat.example.org", guard) is None
    assert base_url_problem(Zulip(), "http://127.0.0.1:9000/zulip", guard) is None
    for inside in ("http://chat.example.org", "https://10.0.0.1", "https://intranet"):
        assert "not a public https host" in (base_url_problem(Zulip(), inside, guard) or "")


def test_a_place_is_read_once_for_all() -> None:
    assert place("http://EXAMPLE.org:8080/x") == Place("http", "example.org", 8080)
