"""The composition root: opens what the bot needs, wires it, and closes it in reverse order."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

from bot.domain.text import counted
from bot.errors import FiresideError
from bot.services import Services
from bot.services.answers import Answers, Reply
from bot.services.asking import Asking, TakenComments
from bot.services.cards import Cards
from bot.services.commands import CommandRecord
from bot.services.deliveries import Deliveries
from bot.services.drafts import Drafts
from bot.services.exporting import Exports
from bot.services.favourites import Favourites
from bot.services.files import read_interview_files
from bot.services.gaps import Gaps
from bot.services.guilds import Guilds
from bot.services.imports import AnswerImports
from bot.services.interviews import Interviews
from bot.services.packs import Packs
from bot.services.privacy import Privacy
from bot.services.publications import Publications
from bot.services.questions import Questions
from bot.services.quotes import Quotes
from bot.services.retention import Retention
from bot.services.reviewing import Reviewing
from bot.services.similar import Similar
from bot.settings import ROOT, Settings
from bot.storage.database import Database

BUNDLED_INTERVIEWS = ROOT / "data" / "interviews"

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Return the present instant; everything else is handed a clock."""
    return datetime.now(UTC)


def build_services(database: Database, clock: Clock) -> Services:
    """Return the services, wired to a database and a clock."""
    interviews = Interviews(database)
    gaps = Gaps(database, interviews, clock)
    quotes = Quotes(interviews, SystemRandom())
    answers = Answers(interviews, gaps)
    reviewing = Reviewing(database, clock)
    questions = Questions(database, interviews, clock, changed=reviewing.show)
    similar = Similar(database)
    publications, drafts = Publications(database, clock, changed=reviewing.show), Drafts(database, clock)
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
        deliveries=Deliveries(database, interviews, clock),
        drafts=drafts,
        guilds=Guilds(database, gaps.save),
        gaps=gaps,
        privacy=Privacy(database, clock),
        retention=Retention(database, clock, reviewing.refresh),
        commands=CommandRecord(database),
    )


@asynccontextmanager
async def open_services(
    database_url: str, clock: Clock = wall_clock, *, bundled: bool = True
) -> AsyncIterator[Services]:
    """Lend the services over a database that is migrated; one without an interview gets the bundled ones first.

    Raises:
        DatabaseError: The database can't be opened.
        InterviewFileError: A bundled interview can't be used.
    """
    database = await Database.open(database_url)
    try:
        services = build_services(database, clock)
        if bundled and await services.interviews.is_empty():
            files = sorted(BUNDLED_INTERVIEWS.glob("*.json"))
            await services.interviews.load(await asyncio.to_thread(read_interview_files, files))
        try:
            yield services
        finally:
            await services.gaps.save()
    finally:
        await database.close()


async def run_bot(settings: Settings, token: str) -> None:
    """Keep the bot on line until SIGINT or SIGTERM.

    Raises:
        FiresideError: It can't come on line; the message says why, and what to do.
    """
    # Discord's library takes a third of a second to import: commands that don't need it don't wait for it.
    from bot.client import Fireside, serve  # noqa: PLC0415

    start_logging(settings.log_level)
    support_url = str(settings.support_url) if settings.support_url else None
    async with open_services(settings.database_url) as services:
        await serve(Fireside(services, support_url), token, stop_on_signals())


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set, so that whatever is half done can be finished."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def start_logging(level: str) -> None:
    """Log to standard error from that level on, one line an event."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


async def run_demo(
    port: int, announce: Callable[[str], None], *, open_browser: bool = True, speed: float = 1.0
) -> None:
    """Run the demo with a database of its own until SIGINT or SIGTERM, its clock `speed` times as fast as the wall's.

    `announce` receives the page's address.

    Raises:
        FiresideError: The port is in use, or the demo's libraries are not installed.
    """
    try:
        from bot.client import Fireside  # noqa: PLC0415
        from bot.demo import DemoClock, DemoOptions, serve_demo  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise FiresideError(f"The demo needs {error.name}, which is not installed. Run: make demo") from error

    start_logging("WARNING")
    clock = DemoClock()
    with TemporaryDirectory(prefix="fireside-demo-") as folder:
        async with open_services(f"sqlite+aiosqlite:///{Path(folder, 'demo.db')}", clock.now) as services:
            client = Fireside(services, shard_count=1)
            await serve_demo(client, clock, DemoOptions(port, open_browser, speed), announce, stop_on_signals())


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
