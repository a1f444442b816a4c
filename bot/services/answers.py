"""What happens when somebody asks: the exchange that answers, what comes near, or an honest nothing."""

from dataclasses import dataclass

from bot.domain.interviews import Exchange, Interview
from bot.domain.matching import Band, Finding, Reading
from bot.domain.text import shorten
from bot.services.gaps import Gaps
from bot.services.interviews import ExchangeRef, Interviews

NEAREST = 3
MAX_SUGGESTIONS = 25
MAX_SUGGESTION_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """An exchange that was found, how well it fits, and the passage of it that fits best."""

    interview: Interview
    exchange: Exchange
    score: float = 0.0
    passage: str = ""

    @property
    def ref(self) -> ExchangeRef:
        """The keys that name the exchange."""
        return ExchangeRef(self.interview.id, self.exchange.id)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a question found: what to do with it, how sure that is (0 to 1), the hits, best first, and how it was read.

    The readings say of each telling word what it was taken for, and whether the first hit speaks of it.
    """

    question: str
    band: Band
    confidence: float
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...] = ()


class Answers:
    """Finds what the interviews say to a question."""

    def __init__(self, interviews: Interviews, gaps: Gaps) -> None:
        """Take the library to search, and what servers were taught beside it."""
        self._interviews = interviews
        self._gaps = gaps

    async def find(self, question: str, guild_id: int | None = None, limit: int = NEAREST + 1) -> Reply:
        """Return what the interviews say to a question in anybody's own words, with at most so many hits.

        In a server, what it was taught and the answers that are published there count too.
        """
        library = await self._interviews.library(guild_id)
        lessons = await self._gaps.lessons(guild_id, library)
        finding: Finding[ExchangeRef] = library.matcher.find(question, limit, lessons)
        hits = tuple(
            Hit(*library.exchange(match.key), score=match.score, passage=match.passage) for match in finding.matches
        )
        return Reply(question, finding.band, finding.confidence, hits, finding.readings)

    async def suggest(self, typed: str, guild_id: int | None = None) -> list[str]:
        """Return questions that come near to what is being typed, as asked or aliases, each once, at most 25."""
        library = await self._interviews.library(guild_id)
        suggestions = library.matcher.suggest(typed, MAX_SUGGESTIONS)
        questions = (each.alias or library.exchange(each.key)[1].question for each in suggestions)
        return list(dict.fromkeys(shorten(question, MAX_SUGGESTION_LENGTH) for question in questions))

    async def exchange(self, ref: ExchangeRef, guild_id: int | None = None) -> Hit:
        """Return the exchange that two keys name, in a server one that is published there too.

        Raises:
            NotFoundError: It isn't there, or no longer.
        """
        library = await self._interviews.library(guild_id)
        return Hit(*library.exchange(ref))
