"""Standard Webhooks 1.0.0: the signature of a body that goes out, and of one that comes in."""

import re
from datetime import datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError
from standardwebhooks.webhooks import Webhook as Signer

_SECRET = re.compile(r"(whsec_)?[A-Za-z0-9+/]+={0,2}", re.ASCII)  # the signer itself skips what is not base64


def signature(secret: str, number: str, at: datetime, body: bytes) -> str | None:
    """The signature of exactly these bytes under this id at this second; None for a secret that is none, or a body
    that is no text."""
    if not _SECRET.fullmatch(secret):
        return None
    try:
        return Signer(secret).sign(number, at, body.decode())
    except (ValueError, EmptyWebhookSecretError):
        return None
