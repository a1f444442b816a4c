"""Every setting, typed, from the environment and `.env`; no other module reads the environment."""

import os
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What the person who runs the bot may choose; `.env.example` says what each is for."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True, frozen=True
    )

    discord_token: SecretStr | None = None
    # An address of a database may hold a password.
    database_url: str = Field(f"sqlite+aiosqlite:///{ROOT / 'data' / 'fireside.db'}", repr=False)
    backup_dir: Path | None = None
    support_url: HttpUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    health_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    discord_stand_in: HttpUrl | None = None
    demo_port: Annotated[int, Field(ge=1, le=65535)] = 8137

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("log_format", mode="before")
    @classmethod
    def _lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

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


def load_settings() -> Settings:
    """Return the settings in force.

    Raises:
        SettingsError: Some can't be used; the message names every one of them, and no value.
    """
    try:
        return Settings()
    except ValidationError as error:
        mistakes = "; ".join(f"{str(mistake['loc'][0]).upper()}: {mistake['msg']}" for mistake in error.errors())
        raise SettingsError(f"Settings in the environment or .env can't be used: {mistakes}.") from None
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8. Save it as UTF-8.") from None


def env_file_warning() -> str | None:
    """Return what to do where others on the machine can read `.env`, which may hold the token; None where none can."""
    path = Path(str(Settings.model_config["env_file"]))
    if os.name != "posix" or not path.exists() or not path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return None
    return "Others on this machine can read .env, where the token is. Run: chmod 600 .env"
