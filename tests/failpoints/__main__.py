"""`python -m tests.failpoints POINT [N] [ACTION]`: a worker that falls there, or for the `draft_…` points an API."""

import sys

from tests.failpoints.processes import fall

if __name__ == "__main__":
    point, nth, action = [*sys.argv[1:], *("", "1", "kill")[len(sys.argv) - 1 :]]
    fall({}, point, int(nth), action)
