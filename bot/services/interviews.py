"""The library of interviews: loaded from files, kept in memory, rebuilt when what is stored has changed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.domain.gaps import EVERYONE
from bot.domain.interviews import Exchange, Interview
from bot.domain.matching import Entry, Matcher
from bot.domain.quotes import Quote, find_quotes
from bot.errors import NotFoundError
from bot.storage.database import Database
from bot.storage.gaps import teachings_of_guilds
from bot.storage.interviews import Stored, library_revision, load_library, store_interview


class ExchangeRef(NamedTuple):
    """Names an exchange among all interviews, by the keys their files give."""

    interview: str
    exchange: str


@dataclass(frozen=True, slots=True)
class TaughtAlias:
    """Another way to ask for an exchange, which an admin has taught."""

    ref: ExchangeRef
    text: str


@dataclass(frozen=True, slots=True)
class Library:
    """All interviews as they were stored at one moment, with what is worked out from them."""

    revision: int
    interviews: tuple[Interview, ...]
    matcher: Matcher[ExchangeRef]
    quotes: tuple[Quote, ...]
    exchanges: Mapping[ExchangeRef, tuple[Interview, Exchange]]

    def interview(self, key: str | None = None) -> Interview:
        """Return the interview of that key, or the first one.

        Raises:
            NotFoundError: There is none.
        """
        for interview in self.interviews:
            if key in {None, interview.id}:
                return interview
        if key is None:
            raise NotFoundError("No interview is loaded yet. The operator loads one with: python -m bot import FILE")
        raise NotFoundError("That interview is no longer here.")

    def exchange(self, ref: ExchangeRef) -> tuple[Interview, Exchange]:
        """Return an exchange with its interview.

        Raises:
            NotFoundError: It isn't there, or no longer.
        """
        if ref not in self.exchanges:
            raise NotFoundError("That part of the interview is no longer here. Ask again with /ask.")
        return self.exchanges[ref]


def build_library(revision: int, interviews: tuple[Interview, ...], taught: Iterable[TaughtAlias] = ()) -> Library:
    """Return the library of some interviews, with what was taught of them for everyone."""
    quotes = tuple(quote for interview in interviews for quote in find_quotes(interview))
    exchanges = {
        ExchangeRef(interview.id, exchange.id): (interview, exchange)
        for interview in interviews
        for exchange in interview.exchanges
    }
    return Library(revision, interviews, build_matcher(interviews, taught), quotes, exchanges)


def build_matcher(interviews: Iterable[Interview], taught: Iterable[TaughtAlias] = ()) -> Matcher[ExchangeRef]:
    """Return the matcher over all exchanges of some interviews; what was taught of others is passed over."""
    more = defaultdict(list)
    for alias in taught:
        more[alias.ref].append(alias.text)
    entries, names = [], []
    for interview in interviews:
        names += [person.name for person in interview.people]
        entries += [replace(entry, aliases=(*entry.aliases, *more[entry.key])) for entry in entries_of(interview)]
    return Matcher(entries, names)


def entries_of(interview: Interview) -> list[Entry[ExchangeRef]]:
    """Return the exchanges of an interview as the matcher takes them in, in order."""
    return [
        Entry(
            ExchangeRef(interview.id, exchange.id),
            interview.turn(exchange.asked_in).text,
            interview.answer(exchange),
            exchange.aliases,
        )
        for exchange in interview.exchanges
    ]


class Interviews:
    """Loads interview files into the database, and lends the library of all that are stored."""

    def __init__(self, database: Database) -> None:
        """Take the database that holds the interviews."""
        self._database = database
        self._library: Library | None = None
        self._building = asyncio.Lock()

    async def library(self) -> Library:
        """Return the library as it is stored now; it's built anew only when its revision has changed."""
        async with self._building, self._database.read() as connection:
            revision = await library_revision(connection)
            if self._library is None or self._library.revision != revision:
                interviews = await load_library(connection)
                taught = [
                    TaughtAlias(ExchangeRef(teaching.interview, teaching.exchange), wording.text)
                    for teaching in await teachings_of_guilds(connection, [EVERYONE])
                    for wording in teaching.wordings
                ]
                self._library = await asyncio.to_thread(build_library, revision, interviews, taught)
            return self._library

    async def load(self, interviews: Sequence[Interview], loaded: Callable[[], None] = lambda: None) -> list[Stored]:
        """Store interviews in one transaction, and say of each whether it was new, changed or as before.

        Args:
            interviews: What to store.
            loaded: Called after each of them.
        """
        outcomes = []
        async with self._database.write() as connection:
            for interview in interviews:
                outcomes.append(await store_interview(connection, interview))
                loaded()
        return outcomes

    async def is_empty(self) -> bool:
        """Return whether no interview was ever stored."""
        return not (await self.library()).interviews
