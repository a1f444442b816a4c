"""What a server chose, beside its daily quote."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """Whether sure answers are shown to the asker alone, and whether questions that found none are kept."""

    answers_private: bool = False
    keep_misses: bool = True
