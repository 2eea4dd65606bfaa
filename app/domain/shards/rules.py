"""How accounts are spread over shards and shards over workers."""

import zlib
from datetime import timedelta

SHARDS = 16
KEEPER = -1
LEASE = timedelta(seconds=5)


def shard_of(account_id: str) -> int:
    """The shard an account belongs to, the same in every process."""
    return zlib.crc32(account_id.encode()) % SHARDS


def fair_share(workers: int) -> int:
    """How many shards a worker may hold when so many live."""
    return -(-SHARDS // max(1, workers))
