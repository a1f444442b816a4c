"""Members' favourite quotes: kept and taken back with one press, and listed on a shelf of one's own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.favourites import Favourite
from bot.domain.interviews import Interview, Turn
from bot.services.interviews import Interviews, Library
from bot.services.quotes import QuoteRef, Quotes, SourcedQuote
from bot.storage.database import Database
from bot.storage.favourites import (
    add_favourite,
    count_favourites,
    count_favourites_of_member,
    favourite_of_member,
    favourites_of_member,
    remove_favourite,
)

PAGE_SIZE = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """A favourite with where it was said; without a turn where the interviews no longer have it."""

    favourite: Favourite
    interview: Interview | None
    turn: Turn | None

    @property
    def ref(self) -> QuoteRef:
        """The keys that name the quote."""
        quote = self.favourite.quote
        return QuoteRef(quote.interview, quote.turn, quote.key)


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """A page of a member's favourites, newest first; pages are counted from 0, and there is always one."""

    kept: tuple[Kept, ...]
    number: int
    pages: int


class Favourites:
    """Keeps the quotes that members like."""

    def __init__(
        self, database: Database, interviews: Interviews, quotes: Quotes, clock: Callable[[], datetime]
    ) -> None:
        """Take the database, the library, what finds quotes, and the clock."""
        self._database = database
        self._interviews = interviews
        self._quotes = quotes
        self._clock = clock

    async def counted(self, sourced: SourcedQuote) -> SourcedQuote:
        """Return a quote with how many members keep it now."""
        async with self._database.read() as connection:
            return replace(sourced, favourites=await count_favourites(connection, sourced.quote.key))

    async def toggle(self, member_id: int, ref: QuoteRef, guild_id: int | None = None) -> int:
        """Put a quote on a member's shelf, or take it off where it is there; return how many members keep it now.

        Raises:
            NotFoundError: It is not on the shelf, and the interviews no longer have it. Taking back always works.
        """
        async with self._database.read() as connection:
            there = await favourite_of_member(connection, member_id, ref.key) is not None
        # Before the lock is held: to look for a quote may take the library.
        quote = None if there else (await self._quotes.find(ref, guild_id)).quote
        async with self._database.write([member_id]) as connection:
            # Another press may have been faster, so that what to do is decided here.
            if not await remove_favourite(connection, member_id, ref.key) and quote is not None:
                await add_favourite(connection, member_id, quote, self._clock())
            return await count_favourites(connection, ref.key)

    async def remove(self, member_id: int, quote_key: str) -> None:
        """Take a quote off a member's shelf; it may be gone from there already."""
        async with self._database.write([member_id]) as connection:
            await remove_favourite(connection, member_id, quote_key)

    async def page(self, member_id: int, number: int, guild_id: int | None = None) -> ShelfPage:
        """Return a page of a member's favourites as a server knows them; a number past the end is the last page's."""
        library = await self._interviews.library(guild_id)
        async with self._database.read() as connection:
            pages = max(-(-await count_favourites_of_member(connection, member_id) // PAGE_SIZE), 1)
            number = min(max(number, 0), pages - 1)
            found = await favourites_of_member(connection, member_id, PAGE_SIZE, number * PAGE_SIZE)
        return ShelfPage(tuple(_placed(favourite, library) for favourite in found), number, pages)


def _placed(favourite: Favourite, library: Library) -> Kept:
    quote = favourite.quote
    interview = next((known for known in library.interviews if known.id == quote.interview), None)
    return Kept(favourite, interview, interview.find_turn(quote.turn) if interview is not None else None)
