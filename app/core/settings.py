"""Everything that can be set from outside: environment variables with the prefix MUSTER_, or a `.env` file."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "MUSTER_"
ROOT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """The settings by their short names; `docs/settings.md` says what each one means."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="forbid", frozen=True)

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
        sys.exit(f"muster: unknown setting {unknown[0]}; docs/settings.md lists the known ones")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper().removeprefix(PREFIX)
        sys.exit(f"muster: setting {PREFIX}{name}: {first['msg']}")
