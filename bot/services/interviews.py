"""The library of interviews: loaded from files, kept in memory, rebuilt when what is stored has changed.

A server in which answers to readers' questions are published has a library of its own, in which they are exchanges too.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
from bot.storage.publications import library_revisions, published_in

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


@dataclass(frozen=True, eq=False)
class Library:
    """All interviews as they were stored at one moment, with what is worked out from them.

    Attributes:
        revision: Which state of the interviews it is.
        taught: What was taught of them for everyone.
        answers: Which state of a server's answers is in it; 0 where none are.
    """

    revision: int
    interviews: tuple[Interview, ...]
    quotes: tuple[Quote, ...]
    exchanges: Mapping[ExchangeRef, tuple[Interview, Exchange]]
    taught: tuple[TaughtAlias, ...] = ()
    answers: int = 0

    @cached_property
    def matcher(self) -> Matcher[ExchangeRef]:
        """What finds exchanges by anybody's words; worked out once, and at once wherever a library is lent to ask."""
        return build_matcher(self.interviews, self.taught)

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
    library = Library(revision, interviews, quotes, _exchanges(interviews), tuple(taught))
    library.matcher  # noqa: B018 - it is built here, where nobody waits for it
    return library


def extend_library(base: Library, publications: Iterable[Publication], answers: int) -> Library:
    """Return a library with what is published in one server; answers about interviews that are gone are left out."""
    by_interview = defaultdict(list)
    for publication in publications:
        by_interview[publication.question.interview].append(publication)
    interviews = tuple(with_answers(interview, by_interview[interview.id]) for interview in base.interviews)
    quotes = [
        quote
        for interview, own in zip(interviews, base.interviews, strict=True)
        for quote in (
            *(quote for quote in base.quotes if quote.interview == own.id),
            *find_quotes(interview, interview.turns[len(own.turns) :]),
        )
    ]
    return Library(base.revision, interviews, tuple(quotes), _exchanges(interviews), base.taught, answers)


def _exchanges(interviews: Iterable[Interview]) -> dict[ExchangeRef, tuple[Interview, Exchange]]:
    return {
        ExchangeRef(interview.id, exchange.id): (interview, exchange)
        for interview in interviews
        for exchange in interview.exchanges
    }


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


@dataclass(slots=True)
class _OfServer:
    """A server's own library while it is built and after: first what is quoted, then what is asked.

    Until then the one before stands in for it, if there was one.
    """

    revisions: tuple[int, int]
    library: asyncio.Task[Library]
    before: Library | None = None
    indexed: asyncio.Task[object] | None = None

    async def ready(self) -> Library:
        """Return the library as soon as it can be asked."""
        # Who gives up waiting must not take the library from the others.
        library = await asyncio.shield(self.library)
        if self.indexed is None:
            self.indexed = asyncio.create_task(asyncio.to_thread(lambda: library.matcher))
        await asyncio.shield(self.indexed)
        self.before = None
        return library

    @property
    def latest(self) -> Library | None:
        """The library if it can be asked, else the one that stands in for it."""
        indexed = self.indexed is not None and self.indexed.done() and not self.has_failed
        return self.library.result() if indexed else self.before

    @property
    def has_failed(self) -> bool:
        """Whether it has to be built anew."""
        return any(
            task.done() and (task.cancelled() or task.exception() is not None)
            for task in (self.library, self.indexed)
            if task is not None
        )


class Interviews:
    """Loads interview files into the database, and lends the library of all that are stored.

    Attributes:
        patience: For how many seconds somebody waits for a server's own library; None: until it is built.
    """

    patience: float | None = None

    def __init__(self, database: Database) -> None:
        """Take the database that holds the interviews."""
        self._database = database
        self._library: Library | None = None
        self._building = asyncio.Lock()
        # By server, the one used last at the end; who asks while it is built waits for the same.
        self._of_servers: OrderedDict[int, _OfServer] = OrderedDict()

    async def library(self, guild_id: int | None = None) -> Library:
        """Return the library as it is stored now; it's built anew only when its revision has changed.

        That of a server has the answers that are published there, and of no other. Without any it is the one of all.
        Where it takes longer to build than anybody waits, it is the one that was there before.
        """
        revision, answers = await library_revisions(self._database, guild_id or 0)
        base = await self._base(revision)
        if guild_id is None or not answers:
            return base
        own = self._of_server(guild_id, base, answers)
        try:
            async with asyncio.timeout(self.patience):
                return await own.ready()
        except TimeoutError:
            return own.before or base

    async def libraries(self, guild_ids: Collection[int]) -> Mapping[int, Library]:
        """Return the libraries of some servers, by server, to quote from: a crowd of them is there at once."""
        async with self._database.read() as connection:
            revision = await library_revision(connection)
            answers = await answers_revisions(connection, guild_ids)
        base = await self._base(revision)
        own = {
            guild_id: await asyncio.shield(self._of_server(guild_id, base, count).library)
            for guild_id, count in answers.items()
        }
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

    def _of_server(self, guild_id: int, base: Library, answers: int) -> _OfServer:
        """Return a server's own library, which is built in the background if it is not there."""
        wanted = base.revision, answers
        own = self._of_servers.get(guild_id)
        if own is None or own.revisions != wanted or own.has_failed:
            before = own.latest if own is not None else None
            own = _OfServer(wanted, asyncio.create_task(self._extend(guild_id, base)), before)
            self._of_servers[guild_id] = own
        self._of_servers.move_to_end(guild_id)
        while len(self._of_servers) > SERVERS_KEPT:
            self._of_servers.popitem(last=False)
        return own

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
