"""Quotes: picked by chance, found by words, and found again with what was said around them."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import NamedTuple
from weakref import WeakKeyDictionary

from bot.domain.favourites import find_passage
from bot.domain.interviews import Exchange, Interview, Turn
from bot.domain.matching import Band, Entry, Matcher
from bot.domain.publications import may_be_quoted
from bot.domain.quotes import Quote
from bot.domain.text import excerpt
from bot.errors import NotFoundError
from bot.services.interviews import Interviews, Library

# How many quotes a search may find.
MOST_FOUND = 25
GONE = "That quote is no longer in the interview."


class QuoteRef(NamedTuple):
    """Names a quote among all interviews: the keys of its interview and turn, and its own."""

    interview: str
    turn: str
    key: str


@dataclass(frozen=True, slots=True)
class SourcedQuote:
    """A quote with the interview it is from, and how many members keep it as a favourite."""

    quote: Quote
    interview: Interview
    favourites: int = 0

    @property
    def ref(self) -> QuoteRef:
        """The keys that name the quote."""
        return QuoteRef(self.quote.interview, self.quote.turn, self.quote.key)

    @property
    def turn(self) -> Turn | None:
        """The turn it was said in, or None where the interview no longer has it."""
        return self.interview.find_turn(self.quote.turn)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a quote was said: the turn, the exchange it answers in, if any, and the quote if it is still said."""

    interview: Interview
    turn: Turn
    exchange: Exchange | None
    quote: Quote | None

    @property
    def passage(self) -> str:
        """The longest part of the quote that leaves nothing out, as the turn has it, or ""."""
        parts = excerpt(self.turn.text, self.quote.text) if self.quote is not None else ()
        return max((self.turn.text[start:end] for start, end in parts), key=len, default="")


class Quotes:
    """Picks quotes from the interviews, and finds them."""

    def __init__(self, interviews: Interviews, random: Random) -> None:
        """Take the library, and the source of chance."""
        self._interviews = interviews
        self._random = random
        self._indexes: WeakKeyDictionary[Library, Matcher[Quote]] = WeakKeyDictionary()
        self._building = asyncio.Lock()

    async def any(self, guild_id: int | None = None) -> SourcedQuote:
        """Return a quote picked by chance; in a server, what is published there counts too, here and below.

        Raises:
            NotFoundError: No interview has a passage that stands alone.
        """
        library = await self._interviews.library(guild_id)
        if not library.quotes:
            raise NotFoundError("There is nothing to quote yet.")
        quote = self._random.choice(library.quotes)
        return SourcedQuote(quote, library.interview(quote.interview))

    async def search(self, words: str, guild_id: int | None = None) -> list[SourcedQuote]:
        """Return the quotes that speak of some words, best first, at most 25; misspelt words are mended.

        After those that have the words come the quotes of the exchange that answers them, if there is one.
        """
        library = await self._interviews.library(guild_id)
        finding = library.matcher.find(words, 1)
        # The interviews have more words than their quotes: what is misspelt is better read with all of them.
        meant = " ".join(reading.meant for reading in finding.readings) or words
        found = [match.key for match in (await self._matcher(library)).find(meant, MOST_FOUND).matches]
        if finding.band is not Band.NONE:
            interview, exchange = library.exchange(finding.matches[0].key)
            found += [
                quote
                for quote in library.quotes
                if quote.interview == interview.id and quote.turn in exchange.answered_in
            ]
        return [
            SourcedQuote(quote, library.interview(quote.interview)) for quote in list(dict.fromkeys(found))[:MOST_FOUND]
        ]

    async def _matcher(self, library: Library) -> Matcher[Quote]:
        """Return the index over a library's quotes; it's built when first asked for."""
        async with self._building:
            if library not in self._indexes:
                self._indexes[library] = await asyncio.to_thread(build_quote_matcher, library)
            return self._indexes[library]

    async def find(self, ref: QuoteRef, guild_id: int | None = None) -> SourcedQuote:
        """Return the quote that three keys name.

        Raises:
            NotFoundError: The interviews no longer have it.
        """
        place = await self.context(ref, guild_id)
        if place.quote is None:
            raise NotFoundError(GONE)
        return SourcedQuote(place.quote, place.interview)

    async def context(self, ref: QuoteRef, guild_id: int | None = None) -> Context:
        """Return where a quote was said; the turn may have been changed since.

        Raises:
            NotFoundError: The interviews no longer have the turn.
        """
        library = await self._interviews.library(guild_id)
        interview = library.interview(ref.interview)
        turn = interview.find_turn(ref.turn)
        if turn is None:
            raise NotFoundError(GONE)
        exchange = next((known for known in interview.exchanges if turn.id in known.answered_in), None)
        return Context(interview, turn, exchange, _quote_of(ref, turn, library))


def build_quote_matcher(library: Library) -> Matcher[Quote]:
    """Return the matcher over all quotes of a library; the names of who speaks tell nothing."""
    names = [person.name for interview in library.interviews for person in interview.people]
    return Matcher([Entry(quote, "", quote.text) for quote in dict.fromkeys(library.quotes)], names)


def _quote_of(ref: QuoteRef, turn: Turn, library: Library) -> Quote | None:
    """Return a quote as its turn has it, or None where that has it no more."""
    for quote in library.quotes:
        if (quote.interview, quote.turn) == (ref.interview, ref.turn) and quote.key == ref.key:
            return quote
    return find_passage(ref.interview, turn, ref.key) if may_be_quoted(turn) else None
