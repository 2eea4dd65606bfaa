"""`python -m tests.synapse`: installs the homeserver ahead of the tests. Ends with 1 when it cannot be had."""

import sys

from tests.synapse.installed import NotInstalled, python

if __name__ == "__main__":
    try:
        python()
    except NotInstalled as error:
        sys.exit(f"{'*' * 84}\n{error}\n{'*' * 84}")
