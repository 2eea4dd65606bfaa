"""How a service on this machine is reached, given what it listens on."""

import socket


def reachable(host: str) -> str:
    """The host to connect to: a server that listens on every address is reached on loopback."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return host


def address(host: str, port: int) -> str:
    """The URL of a service listening there."""
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def free_port() -> int:
    """A port of loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
