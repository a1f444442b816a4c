"""Which exchange of an interview answers a question in somebody's own words, and how sure that is."""

from bot.domain.matching.confidence import BIAS, WEIGHTS, Band, Signals
from bot.domain.matching.matcher import Entry, Finding, Match, Matcher, Reading, Suggestion, Taught
from bot.domain.matching.words import STOP_WORDS

__all__ = [
    "BIAS",
    "STOP_WORDS",
    "WEIGHTS",
    "Band",
    "Entry",
    "Finding",
    "Match",
    "Matcher",
    "Reading",
    "Signals",
    "Suggestion",
    "Taught",
]
