"""The library of interviews: loaded from files, kept in memory, rebuilt when what is stored has changed.

A server in which answers to readers' questions are published has a library of its own, in which they are exchanges too.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.domain.gaps import EVERYONE
from bot.domain.interviews import Exchange, Interview
from bot.domain.matching import Entry, Matcher
from bot.domain.publications import Publication, with_answers
from bot.domain.quotes import Quote, find_quotes
from bot.errors import NotFoundError
from bot.storage.database import Database
from bot.storage.gaps import teachings_of_guilds
from bot.storage.guilds import answers_revision, answers_revisions
from bot.storage.interviews import Stored, library_revision, load_library, store_interview
from bot.storage.publications import published_in

# So many servers' own libraries are kept: one of 12 exchanges and 20 answers takes 8 MB, and a quarter of a second.
SERVERS_KEPT = 24


class ExchangeRef(NamedTuple):
    """Names an exchange among all interviews, by the keys their files give."""

    interview: str
    exchange: str


@dataclass(frozen=True, slots=True)
class TaughtAlias:
    """Another way to ask for an exchange, which an admin has taught."""

    ref: ExchangeRef
    text: str


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Library:
    """All interviews as they were stored at one moment, with what is worked out from them.

    Attributes:
        revision: Which state of the interviews it is.
        taught: What was taught of them for everyone.
        answers: Which state of a server's answers is in it; 0 where none are.
    """

    revision: int
    interviews: tuple[Interview, ...]
    matcher: Matcher[ExchangeRef]
    quotes: tuple[Quote, ...]
    exchanges: Mapping[ExchangeRef, tuple[Interview, Exchange]]
    taught: tuple[TaughtAlias, ...] = ()
    answers: int = 0

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


def build_library(
    revision: int, interviews: tuple[Interview, ...], taught: Iterable[TaughtAlias] = (), answers: int = 0
) -> Library:
    """Return the library of some interviews, with what was taught of them for everyone."""
    taught = tuple(taught)
    quotes = tuple(quote for interview in interviews for quote in find_quotes(interview))
    exchanges = {
        ExchangeRef(interview.id, exchange.id): (interview, exchange)
        for interview in interviews
        for exchange in interview.exchanges
    }
    return Library(revision, interviews, build_matcher(interviews, taught), quotes, exchanges, taught, answers)


def extend_library(base: Library, publications: Iterable[Publication], answers: int) -> Library:
    """Return a library with what is published in one server; answers about interviews that are gone are left out."""
    by_interview = defaultdict(list)
    for publication in publications:
        by_interview[publication.question.interview].append(publication)
    interviews = tuple(with_answers(interview, by_interview[interview.id]) for interview in base.interviews)
    return build_library(base.revision, interviews, base.taught, answers)


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
        # By server, the one used last at the end; who asks while it is built waits for the same.
        self._of_servers: OrderedDict[int, tuple[tuple[int, int], asyncio.Task[Library]]] = OrderedDict()

    async def library(self, guild_id: int | None = None) -> Library:
        """Return the library as it is stored now; it's built anew only when its revision has changed.

        That of a server has the answers that are published there, and of no other. Without any it is the one of all.
        """
        async with self._database.read() as connection:
            revision = await library_revision(connection)
            answers = await answers_revision(connection, guild_id) if guild_id is not None else 0
        base = await self._base(revision)
        return base if guild_id is None or not answers else await self._of_server(guild_id, base, answers)

    async def libraries(self, guild_ids: Collection[int]) -> Mapping[int, Library]:
        """Return the libraries of some servers, by server."""
        async with self._database.read() as connection:
            revision = await library_revision(connection)
            answers = await answers_revisions(connection, guild_ids)
        base = await self._base(revision)
        own = {guild_id: await self._of_server(guild_id, base, answers[guild_id]) for guild_id in answers}
        return {guild_id: own.get(guild_id, base) for guild_id in guild_ids}

    async def _base(self, revision: int) -> Library:
        if self._library is not None and self._library.revision == revision:
            return self._library
        async with self._building, self._database.read() as connection:
            # Somebody else may have built it meanwhile, or stored another one.
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

    async def _of_server(self, guild_id: int, base: Library, answers: int) -> Library:
        wanted = base.revision, answers
        known = self._of_servers.get(guild_id)
        if known is None or known[0] != wanted or _has_failed(known[1]):
            known = wanted, asyncio.create_task(self._extend(guild_id, base))
            self._of_servers[guild_id] = known
        self._of_servers.move_to_end(guild_id)
        while len(self._of_servers) > SERVERS_KEPT:
            self._of_servers.popitem(last=False)
        # Who gives up waiting must not take the library from the others.
        return await asyncio.shield(known[1])

    async def _extend(self, guild_id: int, base: Library) -> Library:
        async with self._database.read() as connection:
            answers = await answers_revision(connection, guild_id)
            publications = await published_in(connection, guild_id)
        if not publications:  # all of them were taken back
            return base
        return await asyncio.to_thread(extend_library, base, publications, answers)

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


def _has_failed(task: asyncio.Task[Library]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
