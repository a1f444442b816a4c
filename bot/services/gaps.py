"""What members asked in vain: kept for a while, shown to admins, and taught to the matcher as other wordings."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from bot.domain.gaps import (
    EVERYONE,
    KEPT_FOR,
    MOST_WORDINGS,
    Gap,
    Miss,
    Teaching,
    Vain,
    group_misses,
    wording_of,
)
from bot.domain.interviews import Exchange, Interview
from bot.domain.matching import Band, Lessons
from bot.domain.publications import short_place_of
from bot.domain.text import counted, one_line
from bot.errors import DatabaseError, NotFoundError
from bot.services.interviews import ExchangeRef, Interviews, Library, TaughtAlias
from bot.services.rounds import Rounds
from bot.storage.database import Database
from bot.storage.gaps import (
    add_misses,
    crowded_guilds,
    forget_misses,
    forget_misses_before,
    forget_some_misses_before,
    keep_most_recent_misses,
    misses_of_guild,
    put_teaching,
    remove_teaching,
    teaching_of,
    teachings_of_guilds,
)
from bot.storage.guilds import guild_settings, settings_now, taught_revision, taught_revision_now

PAGE_SIZE = 5
CHOICES = 25
# How long misses are gathered before they are stored together.
GATHERED_FOR = timedelta(seconds=1)
GATHERING = "gathering misses"
FORGET_EVERY = timedelta(days=1)
FORGET_AGAIN_AFTER = timedelta(hours=1)
# So many rows are stored or forgotten in one transaction, for which others may have to wait.
STORED_AT_ONCE = FORGOTTEN_AT_ONCE = 500
# What is remembered between calls is thrown away when it grows beyond these.
MOST_GUILDS_REMEMBERED = 1_000
MOST_SEARCHES_REMEMBERED, MOST_FINDINGS_REMEMBERED = 16, 10_000

NO_LESSONS: Final = Lessons()

GONE = "These questions are no longer here: somebody taught or forgot them meanwhile. /gaps shows what is left."
UNDONE = "That is undone already, or was taught anew. /gaps shows what is taught."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """An exchange with the interview that it is in."""

    interview: Interview
    exchange: Exchange

    @property
    def ref(self) -> ExchangeRef:
        """The keys that name the exchange."""
        return ExchangeRef(self.interview.id, self.exchange.id)

    @property
    def turn(self) -> int:
        """The number of the turn that asks, counted from 1."""
        return self.interview.number(self.exchange.asked_in)

    @property
    def where(self) -> str:
        """Where it is asked: "turn 5", or when readers asked."""
        return short_place_of(self.interview, self.interview.turn(self.exchange.asked_in))


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap that nobody has closed yet, and what comes nearest to it, if anything does."""

    gap: Gap
    nearest: Place | None


@dataclass(frozen=True, slots=True)
class GapPage:
    """A page of a server's gaps, counted from 0; whether there is a later one, and whether misses are kept at all."""

    number: int
    gaps: tuple[OpenGap, ...]
    more: bool
    keeping: bool


@dataclass(frozen=True, slots=True)
class Taught:
    """What was taught at once, and the exchange it belongs to, unless the interviews have it no longer."""

    teaching: Teaching
    place: Place | None


@dataclass(frozen=True, slots=True)
class TaughtPage:
    """A page of what a server was taught, counted from 0, newest first, and whether there is a later one."""

    number: int
    taught: tuple[Taught, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What a wording finds now: whether that is sure, and where."""

    sure: bool
    ref: ExchangeRef | None


@dataclass(frozen=True, slots=True)
class _Search:
    """What wordings find in a library with a server's lessons; each is looked for once."""

    library: Library
    lessons: Lessons
    found: dict[str, _Found] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return len(self.found) > MOST_FINDINGS_REMEMBERED

    def find(self, text: str) -> _Found:
        if text not in self.found:
            finding = self.library.matcher.find(text, 1, self.lessons)
            ref = finding.matches[0].key if finding.matches else None
            self.found[text] = _Found(finding.band is Band.ANSWER, ref)
        return self.found[text]


class Gaps:
    """Keeps what was asked in vain, and lets admins teach which exchange answers it."""

    def __init__(
        self,
        database: Database,
        interviews: Interviews,
        clock: Callable[[], datetime],
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take the database, the library, the clock (UTC), and what says whether this process forgets for all."""
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._rounds = Rounds("Old questions without an answer", FORGET_AGAIN_AFTER, leads)
        self._vain: list[Vain] = []
        self._saving: asyncio.Task[None] | None = None
        self._storing = asyncio.Lock()
        # By server, what it was taught as of a revision of its own and those of its library.
        self._here: dict[int, tuple[tuple[int, int, int], tuple[TaughtAlias, ...]]] = {}
        # By server, that as a library's matcher takes it, and what its misses find now.
        self._lessons: dict[int, tuple[Library, tuple[TaughtAlias, ...], Lessons]] = {}
        self._searches: dict[int, _Search] = {}

    # What was asked in vain

    async def record_miss(self, guild_id: int | None, question: str, *, refused: bool = False) -> None:
        """Count that a question found no sure answer in a server; nothing of who asked is kept.

        It is stored soon, together with others, since each write costs more than an answer. Does nothing in a direct
        message, in a server that keeps no misses, and for a question without a word.

        Args:
            guild_id: The server, if it was in one.
            question: As it was typed.
            refused: That what was shown is not what was meant; it counts beside the miss that was recorded before.
        """
        wording = wording_of(question)
        if guild_id is None or wording is None:
            return
        if not (await settings_now(self._database, guild_id)).keep_misses:
            return
        self._vain.append(Vain(guild_id, wording, self._clock(), refused))
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_soon(), name=GATHERING)

    async def _save_soon(self) -> None:
        while self._vain:  # more may have come while those before were stored
            await asyncio.sleep(GATHERED_FOR.total_seconds())
            await self.save()

    async def save(self) -> None:
        """Store the misses that were gathered, and wait for those that are being stored.

        A database that refuses is in the log: the people asked something else, and can't mend it.
        """
        async with self._storing:
            vain, self._vain = self._vain, []
            if not vain:
                return
            for start in range(0, len(vain), STORED_AT_ONCE):
                with suppress(DatabaseError):
                    await self._store(vain[start : start + STORED_AT_ONCE])

    async def _store(self, vain: Sequence[Vain]) -> None:
        guild_ids = {each.guild_id for each in vain}
        async with self._database.write(guild_ids) as connection:
            await forget_misses_before(connection, self._clock() - KEPT_FOR, guild_ids)
            await add_misses(connection, vain)
            for guild_id in await crowded_guilds(connection, vain, MOST_WORDINGS):
                await keep_most_recent_misses(connection, guild_id, MOST_WORDINGS)

    async def page(self, guild_id: int, number: int) -> GapPage:
        """Return a page of a server's gaps, the most frequent first; beyond the last page, the last."""
        library = await self._interviews.library(guild_id)
        misses = await self._untaught(guild_id, library)
        async with self._database.read() as connection:
            keeping = (await guild_settings(connection, guild_id)).keep_misses
        search = await self._search(guild_id, library)

        def work() -> GapPage:
            gaps = _open_gaps(search, misses)
            return GapPage(*_page_of(gaps, number), keeping=keeping)

        return await asyncio.to_thread(work)

    async def gap(self, guild_id: int, key: str) -> OpenGap:
        """Return the gap that a wording of that key belongs to.

        Raises:
            NotFoundError: It was taught, forgotten or became too old meanwhile.
        """
        library = await self._interviews.library(guild_id)
        misses = await self._untaught(guild_id, library)
        for gap in await asyncio.to_thread(group_misses, misses):
            if any(miss.key == key for miss in gap.misses):
                search = await self._search(guild_id, library)
                return OpenGap(gap, _place(library, search.find(gap.text).ref))
        raise NotFoundError(GONE)

    async def choices(self, gap: Gap, guild_id: int | None = None) -> list[Place]:
        """Return the exchanges that may answer a gap, at most 25: what comes near first, then the others in order."""
        library = await self._interviews.library(guild_id)

        def work() -> list[ExchangeRef]:
            found = (match.key for match in library.matcher.find(gap.text, CHOICES).matches)
            suggested = (suggestion.key for suggestion in library.matcher.suggest(gap.text, CHOICES))
            return list(dict.fromkeys([*found, *suggested, *library.exchanges]))[:CHOICES]

        return [Place(*library.exchange(ref)) for ref in await asyncio.to_thread(work)]

    async def forget(self, guild_id: int, key: str) -> Gap:
        """Forget a gap of a server, and return what it was.

        Raises:
            NotFoundError: It was taught, forgotten or became too old meanwhile.
        """
        gap = (await self.gap(guild_id, key)).gap
        await self.save()
        async with self._database.write([guild_id]) as connection:
            await forget_misses(connection, guild_id, [miss.wording for miss in gap.misses])
        return gap

    async def export_markdown(self, guild_id: int) -> tuple[bytes, int]:
        """Return a server's gaps as a Markdown file for the author, and how many they are; nobody is named in it."""
        library = await self._interviews.library(guild_id)
        misses = await self._untaught(guild_id, library)
        search, today = await self._search(guild_id, library), self._clock()

        def work() -> tuple[bytes, int]:
            gaps = list(_open_gaps(search, misses))
            return as_markdown(gaps, today).encode(), len(gaps)

        return await asyncio.to_thread(work)

    async def forget_old(self) -> int:
        """Forget what was last asked more than 90 days ago, in all servers; return how many wordings that were."""
        await self.save()
        forgotten, gone = 0, FORGOTTEN_AT_ONCE
        while gone == FORGOTTEN_AT_ONCE:
            async with self._database.write([]) as connection:
                gone = await forget_some_misses_before(connection, self._clock() - KEPT_FOR, FORGOTTEN_AT_ONCE)
            forgotten += gone
        return forgotten

    async def run(self) -> None:
        """Forget what is too old, now and once a day, until `stop` is called."""

        async def work() -> timedelta:
            await self.forget_old()
            return FORGET_EVERY

        await self._rounds.run(work)

    def stop(self) -> None:
        """Let `run` end."""
        self._rounds.stop()

    async def _untaught(self, guild_id: int, library: Library) -> list[Miss]:
        """Return the misses of a server that nobody has taught yet, after what is too old was forgotten."""
        await self.save()
        async with self._database.write([guild_id]) as connection:
            await forget_misses_before(connection, self._clock() - KEPT_FOR, [guild_id])
        async with self._database.read() as connection:
            misses = await misses_of_guild(connection, guild_id)
            teachings = await teachings_of_guilds(connection, [guild_id, EVERYONE])
        taught = {wording.folded for teaching in _living(library, teachings) for wording in teaching.wordings}
        return [miss for miss in misses if miss.wording.folded not in taught]

    async def _search(self, guild_id: int, library: Library) -> _Search:
        lessons = await self.lessons(guild_id, library)
        known = self._searches.get(guild_id)
        if known is None or known.library is not library or known.lessons is not lessons or known.is_full:
            _make_room(self._searches, MOST_SEARCHES_REMEMBERED)
            known = self._searches[guild_id] = _Search(library, lessons)
        return known

    # What was taught

    async def teach(self, guild_id: int, key: str, ref: ExchangeRef, taught_by: int, *, everywhere: bool) -> Taught:
        """Give all wordings of a gap to an exchange, and return what was taught; the misses themselves stay.

        Args:
            guild_id: The server whose gap it is.
            key: The key of one of its wordings.
            ref: The exchange that answers it.
            taught_by: Who teaches, by Discord's id.
            everywhere: Whether it is taught for every server, which is for the operator to decide.

        Raises:
            NotFoundError: The gap, or the exchange, is no longer there.
        """
        library = await self._interviews.library(guild_id)
        place = Place(*library.exchange(ref))
        gap = (await self.gap(guild_id, key)).gap
        teaching = Teaching(
            token=secrets.token_hex(8),
            guild_id=EVERYONE if everywhere else guild_id,
            interview=ref.interview,
            exchange=ref.exchange,
            wordings=tuple(miss.wording for miss in gap.misses),
            taught_by=taught_by,
            taught_at=self._clock(),
        )
        # What everyone is taught changes the library of all.
        async with self._database.write(None if everywhere else [guild_id]) as connection:
            await put_teaching(connection, teaching)
        return Taught(teaching, place)

    async def undo(self, guild_id: int, token: str, *, everywhere: bool) -> Taught:
        """Take back what was taught at once in a server, or for every server where that is allowed, and return it.

        Raises:
            NotFoundError: It is undone already, or not for this person to undo.
        """
        library = await self._interviews.library(guild_id)
        async with self._database.write(None if everywhere else [guild_id]) as connection:
            teaching = await teaching_of(connection, token)
            if teaching is None or teaching.guild_id not in _reach(guild_id, everywhere=everywhere):
                raise NotFoundError(UNDONE)
            await remove_teaching(connection, teaching)
        return Taught(teaching, _place(library, _ref(teaching)))

    async def taught_page(self, guild_id: int, number: int, *, everywhere: bool) -> TaughtPage:
        """Return a page of what a server was taught and, if asked for, all servers; beyond the last page, the last."""
        library = await self._interviews.library(guild_id)
        async with self._database.read() as connection:
            teachings = await teachings_of_guilds(connection, _reach(guild_id, everywhere=everywhere))
        return TaughtPage(*_page_of((Taught(one, _place(library, _ref(one))) for one in teachings), number))

    async def taught_here(self, guild_id: int | None, library: Library | None = None) -> tuple[TaughtAlias, ...]:
        """Return the wordings that one server was taught, whose exchanges are there; none in a direct message.

        What was taught for everyone is in the library's matcher already. As long as nothing has changed, it is the
        same tuple.

        Args:
            guild_id: The server, if it is in one.
            library: Its library; looked up if left out.
        """
        if guild_id is None:
            return ()
        library = library or await self._interviews.library(guild_id)
        taught = await taught_revision_now(self._database, guild_id)
        if not taught:
            return ()
        known = self._here.get(guild_id)
        if known is not None and known[0] == (taught, library.revision, library.answers):
            return known[1]
        async with self._database.read() as connection:
            revisions = await taught_revision(connection, guild_id), library.revision, library.answers
            teachings = await teachings_of_guilds(connection, [guild_id])
        found = tuple(
            TaughtAlias(_ref(teaching), wording.text)
            for teaching in _living(library, teachings)
            for wording in teaching.wordings
        )
        _make_room(self._here, MOST_GUILDS_REMEMBERED)
        self._here[guild_id] = revisions, found
        return found

    async def lessons(self, guild_id: int | None, library: Library) -> Lessons:
        """Return what one server was taught as the matcher of a library takes it; nothing in a direct message."""
        taught = await self.taught_here(guild_id, library)
        if guild_id is None or not taught:
            return NO_LESSONS
        known = self._lessons.get(guild_id)
        if known is None or known[0] is not library or known[1] is not taught:
            _make_room(self._lessons, MOST_GUILDS_REMEMBERED)
            lessons = library.matcher.lessons((alias.ref, alias.text) for alias in taught)
            known = self._lessons[guild_id] = library, taught, lessons
        return known[2]


def _reach(guild_id: int, *, everywhere: bool) -> list[int]:
    return [guild_id, EVERYONE] if everywhere else [guild_id]


def _ref(teaching: Teaching) -> ExchangeRef:
    return ExchangeRef(teaching.interview, teaching.exchange)


def _living(library: Library, teachings: Iterable[Teaching]) -> Iterator[Teaching]:
    """Yield what was taught of exchanges that are there; the others are kept, since an interview may come back."""
    return (teaching for teaching in teachings if _ref(teaching) in library.exchanges)


def _place(library: Library, ref: ExchangeRef | None) -> Place | None:
    found = library.exchanges.get(ref) if ref is not None else None
    return Place(*found) if found is not None else None


def _make_room(by_server: dict[int, Any], most: int) -> None:
    if len(by_server) >= most:
        by_server.clear()


def _open_gaps(search: _Search, misses: Sequence[Miss]) -> Iterator[OpenGap]:
    """Yield the gaps that misses make, but for those that by now have a sure answer which nobody refused."""
    for gap in group_misses(misses):
        found = search.find(gap.text)
        if gap.refused or not found.sure:
            yield OpenGap(gap, _place(search.library, found.ref))


def _page_of(entries: Iterable[T], number: int) -> tuple[int, tuple[T, ...], bool]:
    """Return a page's number, its entries and whether there is a later one; beyond the last page, the last."""
    read = list(islice(entries, (number + 1) * PAGE_SIZE + 1))
    number = min(number, max(0, len(read) - 1) // PAGE_SIZE)
    end = (number + 1) * PAGE_SIZE
    return number, tuple(read[end - PAGE_SIZE : end]), len(read) > end


def as_markdown(gaps: Sequence[OpenGap], made_at: datetime) -> str:
    """Return gaps as a Markdown text that shows people's words as they are, links and markup too."""
    asked = sum(entry.gap.count for entry in gaps)
    head = f"{counted(len(gaps), 'question')}, asked {counted(asked, 'time')} in the last {KEPT_FOR.days} days."
    parts = ["# What the interview has no answer to", f"{head} As of {_day(made_at)}."]
    for number, entry in enumerate(gaps, start=1):
        parts += _markdown_parts(number, entry)
    return "\n\n".join(parts) + "\n"


def _markdown_parts(number: int, entry: OpenGap) -> Iterator[str]:
    gap = entry.gap
    yield f"## {number}. {_code(gap.text)}"
    yield f"Asked {counted(gap.count, 'time')}, last on {_day(gap.last_at)}."
    if len(gap.misses) > 1:
        yield "\n".join(f"- {_code(miss.wording.text)} ({counted(miss.count, 'time')})" for miss in gap.misses)
    if entry.nearest is not None:
        place = entry.nearest
        yield f"Nearest in the interview: {place.where} of {_code(place.interview.title)}, " + _code(
            one_line(place.exchange.question)
        )


def _code(text: str) -> str:
    """Return one line of text as code, in which nothing is markup; its fence is longer than any in the text."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d}"
