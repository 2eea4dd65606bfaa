"""`muster simulate`: this process becomes the practice platform."""

import os
import sys
from typing import Annotated

import typer

from app.cli.places import address, free_port
from app.cli.terminal import AsJson, show_json


def simulate(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0 takes a free port.")] = 9000,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    as_json: AsJson = False,
) -> None:
    """Run the practice platform on loopback: every chat platform Muster speaks to with its limits and errors, and no
    real group. An account whose base_url is its address practises there; put the address into MUSTER_ALLOWED_HOSTS.

    Example: muster simulate --port 9000
    """
    if as_json:
        port = port or free_port()
        show_json({"address": address(host, port)})
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    words = ("--port", str(port), "--host", host)
    os.execv(sys.executable, [sys.executable, "-m", "app.simulator", *words])  # noqa: S606
