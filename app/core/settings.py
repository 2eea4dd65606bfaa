"""Everything that can be set from outside: environment variables with the prefix MUSTER_, or a `.env` file."""

import base64
import binascii
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "MUSTER_"
ROOT = Path(__file__).resolve().parents[2]

_DATABASE = re.compile(r"^(sqlite|postgres(ql)?)(\+\w+)?://")
_REDIS = re.compile(r"^(rediss?|unix)://.")
_HOST = re.compile(r"^(\[?[0-9a-fA-F:.]+\]?|[^\s/:@\[\]]+)(:\d{1,5})?$")


class Settings(BaseSettings):
    """The settings by their short names; `docs/settings.md` says what each one means."""

    # `.env` also serves docker compose: names without our prefix are its own.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        dotenv_filtering="match_prefix",
        extra="forbid",
        frozen=True,
    )

    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: AnyHttpUrl | None = None
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    worker_concurrency: Annotated[int, Field(ge=1, le=1000)] = 32
    api_url: AnyHttpUrl | None = None
    api_key: SecretStr | None = None

    @field_validator("secret_keys", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url", "redis_url")
    @classmethod
    def _address(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        shape, forms = (
            (_DATABASE, "sqlite:/// or postgresql://")
            if info.field_name == "database_url"
            else (_REDIS, "redis://, rediss:// or unix://")
        )
        if value is not None and not shape.match(value.get_secret_value()):
            raise ValueError(f"the address must begin with {forms}")
        return value

    @field_validator("secret_keys")
    @classmethod
    def _keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for place, key in enumerate(value, 1):
            if not _is_key(key.get_secret_value()):
                raise ValueError(f"key {place} is not 32 bytes in URL-safe base64")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not _HOST.match(host):
                raise ValueError(f"{host!r} is neither `host` nor `host:port`")
        return value

    @property
    def database(self) -> str:
        """The database's address, as given or the SQLite file in the data directory."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'muster.db').resolve()}"

    @property
    def base_url(self) -> str:
        """The base of every link that leaves the house, without a closing slash."""
        return str(self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load() -> Settings:
    """Read the settings; an unknown or malformed one ends the process with one line that names it."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        sys.exit(_unknown(unknown[0]))
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper().removeprefix(PREFIX)
        if first["type"] == "extra_forbidden":
            sys.exit(_unknown(name))
        sys.exit(f"muster: setting {name}: {first['msg'].removeprefix('Value error, ')}")


def _unknown(name: str) -> str:
    return f"muster: unknown setting {name}; docs/settings.md lists the known ones"


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text)) == 32
    except (binascii.Error, ValueError):
        return False
