"""Every setting, typed, from the environment and `.env`; no other module reads the environment."""

import os
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, HttpUrl, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.shards import ALL, Shards, cluster, parse_shard_ids
from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
# Far beyond what any bot has; who types a server's id by mistake is told.
MOST_SHARDS = 65_536


class Settings(BaseSettings):
    """What the person who runs the bot may choose; `.env.example` says what each is for."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True, frozen=True
    )

    discord_token: SecretStr | None = None
    # An address of a database may hold a password.
    database_url: str = Field(f"sqlite+aiosqlite:///{ROOT / 'data' / 'fireside.db'}", repr=False)
    backup_dir: Path | None = None
    # What is looked at beside another setting comes after it.
    shard_count: Annotated[int, Field(ge=1, le=MOST_SHARDS)] | None = None
    shard_ids: Annotated[tuple[int, ...] | None, NoDecode] = None
    cluster_count: Annotated[int, Field(ge=1)] | None = None
    cluster_index: Annotated[int, Field(ge=0)] | None = Field(None, validate_default=True)
    support_url: HttpUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    health_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    discord_stand_in: HttpUrl | None = None
    demo_port: Annotated[int, Field(ge=1, le=65535)] = 8137

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Leave out what is blank, as what is empty is."""
        return {name: value for name, value in values.items() if not (isinstance(value, str) and value.isspace())}

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("log_format", mode="before")
    @classmethod
    def _lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("shard_ids", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return parse_shard_ids(value) if isinstance(value, str) else value

    @field_validator("shard_ids")
    @classmethod
    def _among_the_shards(cls, value: tuple[int, ...] | None, info: ValidationInfo) -> tuple[int, ...] | None:
        if value is not None and "shard_count" in info.data:
            count = _needed(info, "shard_count")
            if beyond := [number for number in value if number >= count]:
                raise ValueError(f"{beyond[0]} is not one of the {count} shards of SHARD_COUNT, which begin at 0")
        return value

    @field_validator("cluster_count")
    @classmethod
    def _fits_the_shards(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("shard_ids") is not None:
            raise ValueError("give either this or SHARD_IDS")
        if value is not None and "shard_count" in info.data and value > _needed(info, "shard_count"):
            raise ValueError("more processes than SHARD_COUNT has shards")
        return value

    @field_validator("cluster_index")
    @classmethod
    def _fits_the_cluster(cls, value: int | None, info: ValidationInfo) -> int | None:
        if "cluster_count" not in info.data:
            return value
        if value is not None and value >= (count := _needed(info, "cluster_count")):
            raise ValueError(f"not below {count}, the CLUSTER_COUNT; the first process has 0")
        return value

    @property
    def shards(self) -> Shards:
        """The shards of this process.

        Raises:
            SettingsError: It is one of several, and nothing says which.
        """
        if self.shard_count is None:
            return ALL
        if self.cluster_count is not None:
            if self.cluster_index is None:  # other commands than `run` don't need it
                raise SettingsError("CLUSTER_INDEX is needed beside CLUSTER_COUNT: which process this is, from 0.")
            return cluster(self.shard_count, self.cluster_index, self.cluster_count)
        return Shards(self.shard_count, self.shard_ids or tuple(range(self.shard_count)))

    @property
    def sharding(self) -> dict[str, Any]:
        """What the client is told of its shards; nothing where Discord is to say how many there are."""
        if self.shard_count is None:
            return {}
        return {"shard_count": self.shards.count, "shard_ids": list(self.shards.ids)}

    @field_validator("discord_stand_in")
    @classmethod
    def _on_this_machine(cls, value: HttpUrl | None) -> HttpUrl | None:
        """Take a loopback address alone: whoever listens there is sent the token."""
        try:
            local = value is None or (value.scheme == "http" and ip_address((value.host or "").strip("[]")).is_loopback)
        except ValueError:  # a name, which may be anybody's
            local = False
        if not local:
            raise ValueError("not an address of this machine, such as http://127.0.0.1:8200")
        return value


def _needed(info: ValidationInfo, name: str) -> int:
    """Return another setting, which is there."""
    value = info.data[name]
    if value is None:
        raise ValueError(f"needs {name.upper()}")
    return int(value)


def load_settings() -> Settings:
    """Return the settings in force.

    Raises:
        SettingsError: Some can't be used; the message names every one of them, and no value.
    """
    try:
        return Settings()
    except ValidationError as error:
        mistakes = "; ".join(
            f"{str(mistake['loc'][0]).upper()}: {mistake['msg'].removeprefix('Value error, ')}"
            for mistake in error.errors()
        )
        raise SettingsError(f"Settings in the environment or .env can't be used: {mistakes}.") from None
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8. Save it as UTF-8.") from None
    except PermissionError:
        raise SettingsError(
            "You may not read the file .env. Run this as the user that the bot runs as, with sudo -u USER before it."
        ) from None


def env_file_warning() -> str | None:
    """Return what to do where others on the machine can read `.env`, which may hold the token; None where none can."""
    path = Path(str(Settings.model_config["env_file"]))
    if os.name != "posix" or not path.exists() or not path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return None
    return "Others on this machine can read .env, where the token is. Run: chmod 600 .env"
