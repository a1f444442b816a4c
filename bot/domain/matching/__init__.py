"""Which exchange of an interview answers a question in somebody's own words, and how sure that is."""

from bot.domain.matching.confidence import Band, Signals
from bot.domain.matching.matcher import Entry, Finding, Match, Matcher, Reading, Suggestion, Taught

__all__ = ["Band", "Entry", "Finding", "Match", "Matcher", "Reading", "Signals", "Suggestion", "Taught"]
