"""The composition root: opens what the bot needs, wires it, and closes it in reverse order."""

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.domain.checkups import Finding, Verdict
from bot.domain.pauses import growing_pauses
from bot.domain.shards import ALL, Shards
from bot.domain.text import counted
from bot.errors import DatabaseAwayError, DatabaseError, FiresideError, SettingsError
from bot.lock import alone_with
from bot.services import Services
from bot.services.answers import Answers, Reply
from bot.services.asking import Asking, TakenComments
from bot.services.backups import Backup, Backups, backups_beside
from bot.services.cards import Cards
from bot.services.checkups import Checkups
from bot.services.commands import CommandRecord
from bot.services.deliveries import Deliveries
from bot.services.drafts import Drafts
from bot.services.exporting import Exports
from bot.services.favourites import Favourites
from bot.services.figures import Figures
from bot.services.files import read_interview_files
from bot.services.gaps import Gaps
from bot.services.guilds import Guilds
from bot.services.imports import AnswerImports
from bot.services.interviews import Interviews
from bot.services.moving import MovedTable, Watch, move
from bot.services.packs import Packs
from bot.services.presence import Presence
from bot.services.privacy import Privacy
from bot.services.publications import Publications
from bot.services.questions import Questions
from bot.services.quotes import Quotes
from bot.services.retention import Retention
from bot.services.reviewing import Reviewing
from bot.services.rounds import sleep_unless
from bot.services.similar import Similar
from bot.settings import ROOT, Settings, env_file_warning
from bot.storage.checkups import check_moved
from bot.storage.database import Database
from bot.storage.engines import sqlite_file
from bot.storage.presence import Locks, lent_locks

if TYPE_CHECKING:
    from bot.client import Fireside

BUNDLED_INTERVIEWS = ROOT / "data" / "interviews"
# Seconds to wait for what has to be built first, of the 3 after which Discord takes no answer.
PATIENCE = 1.5
# Seconds between two tries to reach a database that is away when the bot is started.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0

log = logging.getLogger(__name__)

# How long the running bot may take to say how it is.
HEALTH_SECONDS = 10.0

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Return the present instant; everything else is handed a clock."""
    return datetime.now(UTC)


def build_services(
    database: Database,
    clock: Clock,
    backup_dir: Path | None = None,
    shards: Shards = ALL,
    locks: Locks | None = None,
) -> Services:
    """Return the services, wired to a database and a clock.

    Args:
        database: What they work with.
        clock: Says what time it is.
        backup_dir: The folder for copies, where there shall be some.
        shards: Those of this process.
        locks: What keeps its shards from other processes, where it is to run them.
    """
    presence = Presence(shards, locks)
    interviews = Interviews(database)
    gaps = Gaps(database, interviews, clock, presence.leads)
    quotes = Quotes(interviews, SystemRandom())
    answers = Answers(interviews, gaps)
    reviewing = Reviewing(database, clock, shards)
    questions = Questions(database, interviews, clock, changed=reviewing.show)
    similar = Similar(database)
    publications = Publications(database, clock, changed=reviewing.show, shards=shards)
    drafts = Drafts(database, clock)
    return Services(
        interviews=interviews,
        answers=answers,
        cards=Cards(),
        quotes=quotes,
        favourites=Favourites(database, interviews, quotes, clock),
        questions=questions,
        similar=similar,
        asking=Asking(database, interviews, answers, questions, similar, clock),
        reviewing=reviewing,
        publications=publications,
        exports=Exports(database, clock),
        packs=Packs(database, interviews, answers),
        imports=AnswerImports(publications, drafts),
        deliveries=Deliveries(database, interviews, clock, shards),
        drafts=drafts,
        guilds=Guilds(database, gaps.save),
        gaps=gaps,
        privacy=Privacy(database, clock, drafts.forget, reviewing.refresh),
        retention=Retention(database, clock, reviewing.refresh, presence.leads),
        backups=Backups(database.file, clock, backup_dir),
        commands=CommandRecord(database, presence.leads),
        figures=Figures(database, clock),
        presence=presence,
    )


@asynccontextmanager
async def open_services(
    database_url: str,
    clock: Clock = wall_clock,
    *,
    bundled: bool = True,
    stays: bool = False,
    backup_dir: Path | None = None,
    shards: Shards = ALL,
    locks: Locks | None = None,
) -> AsyncIterator[Services]:
    """Lend the services over a database that is migrated; one without an interview gets the bundled ones first.

    Args:
        database_url: The database's SQLAlchemy address.
        clock: What says the present instant (UTC).
        bundled: Whether a database without an interview gets the bundled ones.
        stays: Whether they are used for so long that it is worth it to remember what every question needs.
        backup_dir: Where the running bot copies the database to once a day, if it shall.
        shards: Which servers are this process's own.
        locks: What keeps other processes from doing what this one does.

    Raises:
        DatabaseError: The database can't be opened.
        InterviewFileError: A bundled interview can't be used.
    """
    database = await Database.open(database_url, remember=stays)
    try:
        services = build_services(database, clock, backup_dir, shards, locks)
        if bundled and await services.interviews.is_empty():
            files = sorted(BUNDLED_INTERVIEWS.glob("*.json"))
            await services.interviews.load(await asyncio.to_thread(read_interview_files, files))
        try:
            yield services
        finally:
            await services.gaps.save()
    finally:
        await database.close()


async def run_bot(settings: Settings, token: SecretStr) -> None:
    """Keep the bot on line until SIGINT or SIGTERM.

    Raises:
        FiresideError: It can't come on line; the message says why, and what to do.
    """
    # Discord's library takes a third of a second to import: commands that don't need it don't wait for it.
    from bot.client import Fireside  # noqa: PLC0415
    from bot.supervisor import supervise  # noqa: PLC0415

    if warning := env_file_warning():
        log.warning("%s", warning)
    _use_stand_in(settings)
    support_url = str(settings.support_url) if settings.support_url else None
    file = sqlite_file(settings.database_url)
    backup_dir = settings.backup_dir or (backups_beside(file) if file else None)
    shards, sharding = checked_shards(settings), settings.sharding
    stopped = stop_on_signals()
    async with AsyncExitStack() as stack:
        if file is not None:
            stack.enter_context(alone_with(file))
        locks = await stack.enter_async_context(lent_locks(settings.database_url))
        lend = partial(
            open_services, settings.database_url, stays=True, backup_dir=backup_dir, shards=shards, locks=locks
        )
        # A file is opened in no time, and nobody else is waited for: whoever migrates it is not cut off.
        opened = stack.enter_async_context(lend()) if file is not None else _opened(stack, lend, stopped)
        services = await opened
        if services is None:
            return
        services.interviews.patience = PATIENCE
        follow = await stack.enter_async_context(watched(settings.health_port, services))

        def make_client() -> Fireside:
            client = Fireside(services, support_url, **sharding)
            follow(client)
            return client

        if await services.presence.enter(stopped):
            async with services.presence.kept(stopped):
                await supervise(make_client, token, stopped)


def checked_shards(settings: Settings) -> Shards:
    """Return the shards of this process, which its database lets it run.

    Raises:
        SettingsError: Nothing says which of several processes it is, or its database can't be shared with the others.
    """
    shards = settings.shards
    if sqlite_file(settings.database_url) is not None and not shards.are_all:
        raise SettingsError(
            "SHARD_IDS or CLUSTER_INDEX leave shards to other processes, which SQLite can't be shared with. Let "
            "DATABASE_URL name a PostgreSQL database, or let this process run all shards."
        )
    return shards


async def _opened(
    stack: AsyncExitStack, lend: Callable[[], AbstractAsyncContextManager[Services]], stopped: asyncio.Event
) -> Services | None:
    """Return the services as soon as the database's server can be reached: both may have been started at once.

    None where it was told to stop before that.
    """
    pauses = growing_pauses(FIRST_PAUSE, LONGEST_PAUSE)
    while not stopped.is_set():
        try:
            return await _unless(stopped, stack.enter_async_context(lend()))
        except DatabaseAwayError as error:
            pause = next(pauses)
            log.warning("%s Trying again in %.0f s.", error, pause)
            await sleep_unless(stopped, pause)
    return None


async def _unless(stopped: asyncio.Event, opening: Coroutine[Any, Any, Services]) -> Services | None:
    """Return what is opened; or None where it is said to stop before that, which cancels it."""
    tasks = working, stopping = asyncio.create_task(opening), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.wait(tasks)


def _use_stand_in(settings: Settings) -> None:
    from bot.loopback import use_loopback  # noqa: PLC0415

    if settings.discord_stand_in is not None:
        use_loopback(str(settings.discord_stand_in))


@asynccontextmanager
async def watched(port: int | None, services: Services) -> AsyncIterator[Callable[["Fireside"], None]]:
    """Say on a port how the bot is, if there is to be one; lend what has to be told of the client, and of each new one.

    Raises:
        FiresideError: The port can't be used.
    """
    if port is None:
        yield lambda _client: None
    else:
        # Its libraries take a tenth of a second to import.
        from bot.health import serve_health  # noqa: PLC0415

        async with serve_health(port, services) as follow:
            yield follow


def ask_health(port: int) -> tuple[bool, str]:
    """Return whether the bot that runs on this machine is well, and what it says of itself; it answers on that port."""
    connection = HTTPConnection("127.0.0.1", port, timeout=HEALTH_SECONDS)
    try:
        connection.request("GET", "/health")
        response = connection.getresponse()
        report = json.loads(response.read())
        problems, standby = report["problems"], report["standby"]
    except (OSError, HTTPException) as error:
        return (
            False,
            f"Nothing answers on port {port} ({type(error).__name__}). Is the bot running, with HEALTH_PORT={port}?",
        )
    except (ValueError, KeyError, TypeError):
        return False, f"Another program than Fireside answers on port {port}. Choose another one for HEALTH_PORT."
    finally:
        connection.close()
    well = f"All is well; it stands by: {standby}." if standby else "All is well."
    return response.status == HTTPStatus.OK, " ".join(problems) or well


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set, so that whatever is half done can be finished."""
    stopped = asyncio.Event()

    def stop(said: str) -> None:
        log.info("Told to stop by %s", said)
        stopped.set()

    for said in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(signal.Signals[said], stop, said)
    return stopped


async def run_demo(
    port: int, announce: Callable[[str], None], *, open_browser: bool = True, speed: float = 1.0
) -> None:
    """Run the demo with a database of its own until SIGINT or SIGTERM, its clock `speed` times as fast as the wall's.

    `announce` receives the page's address.

    Raises:
        FiresideError: The port is in use, or the demo's libraries are not installed.
    """
    # While it is imported, simcord tries out what the library warns of.
    logging.getLogger("discord.state").setLevel(logging.ERROR)
    try:
        from bot.client import Fireside  # noqa: PLC0415
        from bot.demo import DemoClock, DemoOptions, serve_demo  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise FiresideError(f"The demo needs {error.name}, which is not installed. Run: make demo") from error

    clock = DemoClock()
    with TemporaryDirectory(prefix="fireside-demo-") as folder:
        async with open_services(f"sqlite+aiosqlite:///{Path(folder, 'demo.db')}", clock.now) as services:
            client = Fireside(services, shard_count=1)
            await serve_demo(client, clock, DemoOptions(port, open_browser, speed), announce, stop_on_signals())


@contextmanager
def restoring(settings: Settings) -> Iterator[Backups]:
    """Lend what puts a copy of the database in its place, while no bot can run with it.

    Raises:
        DatabaseError: A bot runs with it.
    """
    file = sqlite_file(settings.database_url)
    with alone_with(file) if file else nullcontext():
        yield Backups(file, wall_clock, settings.backup_dir)


async def move_database(source_url: str, target_url: str, watch: Watch) -> list[MovedTable]:
    """Move everything from one database into another, while no bot can run with either; return what is there then.

    Raises:
        DatabaseError: It can't be done; the message says what to do.
    """
    files = sqlite_file(source_url, "--from"), sqlite_file(target_url, "--to")
    if files[0] is not None and files[0].resolve() == (files[1] and files[1].resolve()):
        raise DatabaseError(f"{files[0]} can't be moved to itself. Name another one with --to.")
    with ExitStack() as stack:
        for file in files:
            if file is not None:
                stack.enter_context(alone_with(file))
        return await move(source_url, target_url, watch)


async def back_up(settings: Settings, to: Path | None) -> Backup:
    """Write a copy of the database as it is, bot running or not, into a folder or where copies go by themselves.

    Raises:
        DatabaseError: No copy could be written, or only part of a database is there; the message says what to do.
    """
    file = sqlite_file(settings.database_url)
    if file is not None and file.is_file():
        await check_moved(settings.database_url)
    return await Backups(file, wall_clock, settings.backup_dir).write(to)


async def examine(settings: Settings, *, online: bool = True) -> AsyncIterator[Finding]:
    """Yield what may keep the bot from working, on this machine and with Discord; nothing is changed."""
    file = sqlite_file(settings.database_url)
    backups = Backups(file, wall_clock, settings.backup_dir)
    checkups = Checkups(settings.database_url, file, backups, wall_clock, settings.cluster_count or 1)
    yield _shards_finding(settings)
    for finding in await checkups.of_machine():
        yield finding
    if not online:
        return
    from bot import doctor  # noqa: PLC0415

    _use_stand_in(settings)
    for finding in await doctor.clock_findings(wall_clock):
        yield finding
    if settings.discord_token is None:
        yield Finding("token", Verdict.FAULT, "there is none", "Put it into DISCORD_TOKEN in .env.")
        return
    places = await checkups.places()
    if places is None:
        yield Finding("servers", Verdict.WARNING, "not looked at: the database can't be read as it is")
    async for finding in doctor.account_findings(settings.discord_token.get_secret_value(), places or ()):
        yield finding


def _shards_finding(settings: Settings) -> Finding:
    try:
        shards = checked_shards(settings)
    except SettingsError as error:
        remedy = "Mend .env; what one process alone has, put before the command: CLUSTER_INDEX=0 python -m bot doctor"
        return Finding("shards", Verdict.FAULT, str(error), remedy)
    says = f"{len(shards.ids)} of {shards.count}" if settings.shard_count else "all, as many as Discord wants"
    return Finding("shards", Verdict.GOOD, says)


async def load_files(database_url: str, paths: Sequence[Path], loaded: Callable[[], None]) -> list[tuple[str, str]]:
    """Load interview files in one transaction; return for each its title and whether it was new, changed or unchanged.

    Raises:
        InterviewFileError: One of them can't be used; nothing was loaded.
    """
    interviews = await asyncio.to_thread(read_interview_files, paths)
    # Who loads an interview of their own into a new database wants that one, not the bundled ones before it.
    async with open_services(database_url, bundled=False) as services:
        outcomes = await services.interviews.load(interviews, loaded)
    return [(interview.title, outcome.value) for interview, outcome in zip(interviews, outcomes, strict=True)]


@asynccontextmanager
async def open_server(database_url: str, server: int | None) -> AsyncIterator[tuple[Services, int]]:
    """Lend the services, with the server that is meant: the one that has questions, where none is named.

    Raises:
        FiresideError: None is named, and there are several, or none.
    """
    async with open_services(database_url) as services:
        if server is None:
            counts = await services.exports.servers()
            if not counts:
                raise FiresideError("There is no question in the database yet.")
            if len(counts) > 1:
                known = "\n".join(f"  {guild_id}  {counted(count, 'question')}" for guild_id, count in counts.items())
                raise FiresideError(f"Say which server with --server ID. These have questions:\n{known}")
            (server,) = counts
        yield services, server


async def ask(database_url: str, question: str) -> Reply:
    """Return what the interviews say to a question."""
    async with open_services(database_url) as services:
        return await services.answers.find(question)


async def import_comments(database_url: str, guild_id: int, interview: str | None) -> list[TakenComments]:
    """Take what readers asked beneath the interviews, or beneath one, as questions of a server.

    Raises:
        NotFoundError: There is no interview of that key.
    """
    async with open_services(database_url) as services:
        return await services.asking.take_comments(guild_id, interview)
