"""What every flow is handed: the concrete things of this process, chosen once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.channels.port import Channel
from app.core.clock import Clock
from app.core.db import Database
from app.core.gather import Gather
from app.core.http import Http
from app.core.jobs import Queue
from app.core.marks import Marks
from app.core.secrets import Vault
from app.core.settings import Settings
from app.flows.album import Album


@dataclass(frozen=True)
class Kit:
    settings: Settings
    db: Database
    clock: Clock
    queue: Queue
    vault: Vault
    http: Http
    channels: Mapping[str, Channel]
    marks: Marks = field(default_factory=Marks)
    gather: Gather = field(default_factory=Gather)
    album: Album = field(default_factory=Album)
