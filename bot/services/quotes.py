"""Quotes on request."""

from dataclasses import dataclass
from random import Random

from bot.domain.interviews import Interview
from bot.domain.quotes import Quote
from bot.errors import NotFoundError
from bot.services.interviews import Interviews


@dataclass(frozen=True, slots=True)
class SourcedQuote:
    """A quote with the interview it is from."""

    quote: Quote
    interview: Interview


class Quotes:
    """Picks quotes from the interviews."""

    def __init__(self, interviews: Interviews, random: Random) -> None:
        """Take the library, and the source of chance."""
        self._interviews = interviews
        self._random = random

    async def any(self) -> SourcedQuote:
        """Return a quote picked by chance.

        Raises:
            NotFoundError: No interview has a passage that stands alone.
        """
        library = await self._interviews.library()
        if not library.quotes:
            raise NotFoundError("There is nothing to quote yet.")
        quote = self._random.choice(library.quotes)
        return SourcedQuote(quote, library.interview(quote.interview))
