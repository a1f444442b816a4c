"""Every setting, typed, from the environment and `.env`; no other module reads the environment."""

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
    support_url: HttpUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    health_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    demo_port: Annotated[int, Field(ge=1, le=65535)] = 8137

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("log_format", mode="before")
    @classmethod
    def _lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value


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
