"""What a person reads in a page or a letter, for tests that look for something that must not be there."""

import re

SECRETS = re.compile(r"[A-Za-z0-9_-]{16,}")


def without_secrets(text: str) -> str:
    """Without tokens, keys and ids: in one of 22 random letters a name of two stands by chance every 200th time."""
    return SECRETS.sub("…", text)
