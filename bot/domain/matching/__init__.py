"""Which exchange of an interview answers a question in somebody's own words, and how sure that is."""

from bot.domain.matching.confidence import NEAR, SURE, Band, Signals
from bot.domain.matching.matcher import Entry, Finding, Lessons, Match, Matcher, Reading, Suggestion
from bot.domain.matching.words import STOP_WORDS

__all__ = [
    "NEAR",
    "STOP_WORDS",
    "SURE",
    "Band",
    "Entry",
    "Finding",
    "Lessons",
    "Match",
    "Matcher",
    "Reading",
    "Signals",
    "Suggestion",
]
