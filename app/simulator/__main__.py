"""`python -m app.simulator [serve] --port N [--host 127.0.0.1]`: runs the practice platform until it is stopped."""

import argparse
import asyncio
import sys

from app.simulator.app import create_app
from app.simulator.server import NotLoopback, bind, server


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="muster simulate",
        description="The practice platform: every chat platform Muster speaks to, its limits and errors, on loopback.",
        epilog="Example: muster simulate --port 9000",
    )
    parser.add_argument("serve", nargs="?", choices=["serve"], help="may be left out")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one (default: 9000)")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    chosen = parser.parse_args(arguments)
    try:
        line = bind(chosen.host, chosen.port)
    except (NotLoopback, OSError, OverflowError) as error:
        parser.error(str(error))
    host, port = line.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"The practice platform listens on http://{name}:{port}; what it hears is shown there.\n")
    sys.stdout.flush()
    with line:
        asyncio.run(server(create_app()).serve(sockets=[line]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
