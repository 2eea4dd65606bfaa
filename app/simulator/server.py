"""Serves the simulator on loopback, and nowhere else."""

import ipaddress
import socket

import uvicorn
from starlette.types import ASGIApp

from app.simulator.lines import Line


class NotLoopback(ValueError):
    """The practice platform trusts whoever reaches it; it must be reachable from this machine alone."""


def bind(host: str, port: int) -> socket.socket:
    """A listening address; port 0 takes a free one. Raises NotLoopback, and OSError when the port is taken."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise NotLoopback(f"{host} is not a loopback address") from error
    if not address.is_loopback:
        raise NotLoopback(f"{host} is not a loopback address")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # asyncio turns Nagle's delay (40 ms an answer) off only for sockets that name their protocol.
    line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((str(address), port))
    except OSError:
        line.close()
        raise
    return line


def server(app: ASGIApp) -> uvicorn.Server:
    """A server of a practice platform (`create_app()`); run it with `serve(sockets=[bind(…)])`."""
    config = uvicorn.Config(
        app,
        http=Line,
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
