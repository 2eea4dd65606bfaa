"""`muster simulate`: this process becomes the practice platform."""

import os
import sys

import typer


def simulate(context: typer.Context) -> None:
    """Run the practice platform on loopback: every platform's protocol, limits and errors, and no real group.
    Options after `--` go to it.

    Example: muster simulate
    """
    os.execv(sys.executable, [sys.executable, "-m", "app.simulator", *context.args])  # noqa: S606
