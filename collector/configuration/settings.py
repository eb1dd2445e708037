"""What the process is told from outside: `KRD_*` variables and secrets directories, nested by `__`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from collector.errors import UsageError

SECRETS_DIR = "KRD_SECRETS_DIR"
"""Names the folder whose files are settings: the file `KRD_DATABASE__URL` (any case) holds what the variable would."""

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class Database(_Section):
    """Where readings, verdicts and announcements are kept."""

    url: SecretStr = SecretStr("sqlite:///krd.db")
    """SQLAlchemy address of the database: `sqlite:////var/lib/krd/krd.db`, or `postgresql://user@host/name` for more than one machine."""


class Web(_Section):
    """The pages, the API and the feeds."""

    enabled: bool = True
    """Whether `krd run` serves them."""
    listen: str = "127.0.0.1:8080"
    """Address and port; `[::1]:8080` for IPv6, port 0 for any free one."""

    @field_validator("listen")
    @classmethod
    def _has_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            raise ValueError("expected ADDRESS:PORT, such as 127.0.0.1:8080")
        return value

    @property
    def host(self) -> str:
        """The address, without the brackets of IPv6."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port; 0 means any free one."""
        return int(self.listen.rpartition(":")[2])


class Log(_Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is written."""
    format: Literal["auto", "console", "json"] = "auto"
    """auto writes for people on a terminal and JSON elsewhere."""

    @field_validator("level", "format", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


class Daemon(_Section):
    """The pace of the daemon itself."""

    drain: Seconds = 25.0
    """Seconds that a stop waits for work in hand; below the 30 s after which Kubernetes and systemd lose patience."""


class Settings(BaseSettings):
    """The settings of the process. The environment wins over secrets directories, these over the defaults."""

    model_config = SettingsConfigDict(
        env_prefix="KRD_",
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        secrets_nested_delimiter="__",
        secrets_dir_missing="error",
    )

    config: Path | None = None
    """`krd.yaml` or its folder; else `./krd.yaml`, else `./config/krd.yaml`."""
    database: Database = Field(default_factory=Database)
    """Where everything is kept."""
    web: Web = Field(default_factory=Web)
    """The pages, the API and the feeds."""
    log: Log = Field(default_factory=Log)
    """What is logged."""
    daemon: Daemon = Field(default_factory=Daemon)
    """The pace of the daemon."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no `.env` is read
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Rank what was given by the caller over the environment over secrets directories; no `.env` is read."""
        return init_settings, env_settings, NestedSecretsSettingsSource(file_secret_settings)


def read_settings(**given: Any) -> Settings:
    """Read the settings; `given` (from the command line) wins. Raises `UsageError` that names the variable."""
    folder = os.environ.get(SECRETS_DIR)
    try:
        return Settings(_secrets_dir=folder or None, **given)
    except SettingsError as error:
        raise UsageError(f"the folder that {SECRETS_DIR} names cannot be used: {error}") from None
    except ValidationError as error:
        told = "; ".join(
            f"KRD_{'__'.join(str(step).upper() for step in detail['loc'])}: {_told(detail)}"
            for detail in error.errors(include_url=False, include_input=False)
        )
        raise UsageError(f"a setting is wrong: {told}") from None


def _told(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "there is no such setting"
    return detail["msg"].removeprefix("Value error, ")
