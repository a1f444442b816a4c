"""Hands the bot what nobody means well with, and says what becomes of it: a sentence, or a failure.

Run it with: make fuzz, or .venv/bin/python -m benchmarks.fuzz --payloads 100000
Half of the files come from hypothesis, half are real files that were damaged. Half of the interactions are forged, half
use what the bot has sent. They go into the real client over a real database; Discord is a stand-in that refuses what
Discord refuses. A payload fails that ends in anything but a
sentence, or takes more than a second of computing. The same seed makes the same payloads.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import fuzz_payloads as payloads
from benchmarks.fuzz_discord import ADMIN, CHANNEL, GUILD, MEMBER, MODERATORS, UNEXPECTED, StandIn, message_payload
from bot.app import open_services
from bot.domain.interviews import decode_text, parse_interview, seal
from bot.domain.pack_reading import read_pack
from bot.domain.questions import Asker, NewQuestion, QuestionRules
from bot.domain.quotes import stands_alone
from bot.domain.readings import read as read_question
from bot.domain.text import excerpt, pages, sentences, words
from bot.domain.transcripts import Details, read_transcript
from bot.errors import FiresideError
from bot.services import Services
from bot.services.imports import check_file
from bot.services.packs import PackWish
from bot.ui.look import plain

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SECONDS = 1.0
ASKED = (
    "What do you read late at night when you cannot sleep?",
    "Do zebras ever dream about marmalade sandwiches?",
    "Which book would you take to a desert island, and why?",
    "How many people did it take to answer the mail of readers?",
)


@dataclass
class Result:
    """What became of the payloads of one target."""

    name: str
    accepted: int = 0
    sentences: int = 0
    worst: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def payloads(self) -> int:
        """How many there were."""
        return self.accepted + self.sentences + self.failures.total()

    def fail(self, what: str, payload: Any) -> None:
        """Count a failure, and keep the first payload of its kind."""
        self.failures[what] += 1
        self.examples.setdefault(what, f"{payload!r:.2000}")


class UnansweredError(Exception):
    """An interaction did not end in a sentence; the text says what was logged."""


Try = Callable[[Any], bool]


def attempt(result: Result, payload: Any, run: Try) -> None:
    """Hand a payload to a target, which returns whether it took it, and count what became of it."""
    try:
        taken, seconds = _timed(payload, run)
        if seconds > LONGEST_SECONDS:  # or the collector had its round just then
            seconds = min(seconds, _timed(payload, run)[1])
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        result.fail(_place(error), payload)
        return
    result.worst = max(result.worst, seconds)
    if seconds > LONGEST_SECONDS:
        result.fail(f"took {seconds:.1f} s", payload)
    elif taken:
        result.accepted += 1
    else:
        result.sentences += 1


def _timed(payload: Any, run: Try) -> tuple[bool, float]:
    """Return whether a payload was taken, and the seconds of the processor that this took."""
    began = time.process_time()
    try:
        taken = run(payload)
    except FiresideError:
        taken = False
    return taken, time.process_time() - began


def taker(result: Result, run: Try, advance: Callable[[], None]) -> Callable[[Any], None]:
    """Return a function that hands payloads to a target, and says so after each."""

    def take(payload: Any) -> None:
        attempt(result, payload, run)
        advance()

    return take


def _place(error: Exception) -> str:
    trace = error.__traceback__
    where = ""
    while trace is not None:
        where, trace = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}", trace.tb_next
    return f"{type(error).__name__} at {where}: {error!s:.150}"


def drawn(strategy: st.SearchStrategy[Any], count: int, number: int, body: Callable[[Any], None]) -> None:
    """Hand so many examples of a strategy to a function; the same number makes the same examples."""
    quiet = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    seeded(number)(quiet(given(strategy)(body)))()


# Files -------------------------------------------------------------------------------------------------------


def try_transcript(content: bytes) -> bool:
    """Read a file as a transcript; a FiresideError says what is wrong with it."""
    read_transcript(decode_text(content, "fuzz.txt"), "fuzz.txt", Details())
    return True


def try_interview(content: bytes) -> bool:
    """Read an interview file, with its checksums taken anew if need be; a FiresideError says what is wrong with it."""
    # What is sealed anew is checked further than what fails at its checksums.
    try:
        parse_interview(content, "fuzz.json")
    except FiresideError:
        seal(content, "fuzz.json")
    return True


def try_pack(content: bytes) -> bool:
    """Read a file of answers; return whether it holds any. A FiresideError says what is wrong with it."""
    check_file("fuzz.md", len(content))
    return bool(read_pack(content, dict(enumerate(ASKED, start=1))).answers)


def _text(text: str) -> bool:
    """Hand a text to all that takes the words of members and authors apart."""
    plain(text)
    sentences(text)
    words(text)
    pages(text, 1200)
    excerpt(text, text[:300])
    stands_alone(text)
    read_question(text)
    with suppress(FiresideError):  # mostly it is no transcript
        try_pack(text.encode(errors="surrogatepass"))
        try_transcript(text.encode(errors="surrogatepass"))
    return True


def _originals(pattern: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(ROOT.glob(pattern)))


# Interactions ------------------------------------------------------------------------------------------------


async def populate(services: Services) -> None:
    """Give a server some questions in several states, an answer, a daily quote, and something asked in vain."""
    rules = QuestionRules(a_member=0, a_day=0, review_channel_id=MODERATORS)
    await services.questions.set_rules(GUILD, rules)
    asked = []
    for number, text in enumerate(ASKED):
        asker = Asker(GUILD, (MEMBER, ADMIN)[number % 2], "mira")
        asked.append(await services.questions.submit(asker, NewQuestion(text)))
    for question in asked[:2]:
        await services.questions.approve(GUILD, question.id, ADMIN)
    await services.publications.publish(GUILD, asked[0].id, "I never read at night, and I sleep well.", True, ADMIN)
    await services.deliveries.set_daily(GUILD, CHANNEL, "09:00", "Europe/Berlin")
    await services.gaps.record_miss(GUILD, "Do you keep bees?")


class Bot:
    """The real client over a database of its own, and the loop that it lives in."""

    def __init__(self, runner: asyncio.Runner, services: Services) -> None:
        """Take the loop, and the services."""
        self._run, self._services = runner.run, services
        self._handed_in = 0
        self.discord = StandIn(services)
        self.pack = b""

    def start(self) -> None:
        """Bring it on line."""
        self._run(self._start())

    async def _start(self) -> None:
        await self.discord.start()
        await populate(self._services)
        self.pack = (await self._services.packs.write(GUILD, PackWish(None, 1))).content

    def stop(self) -> None:
        """Take it off line."""
        self._run(self.discord.close())

    def handle(self, drawn_interaction: tuple[dict[str, Any], bool]) -> bool:
        """Hand in an interaction; return whether it was answered with something else than a sentence alone."""
        parts, possible = drawn_interaction
        data, user, guild = parts["data"], parts["user"], parts["guild"]
        payload = self.discord.interaction(parts["kind"], data, user=user, guild=guild)
        if "message" in parts:
            payload["message"] = message_payload(CHANNEL, **parts["message"])
        self._run(self.discord.hand_in(payload, self.pack))
        self._handed_in += 1
        if self._handed_in % 2000 == 0:
            self._run(populate(self._services))
        if self.discord.errors and (possible or not self._is_told()):
            raise UnansweredError(self.discord.errors[0])
        answers = [said.get("data") or said for said in self.discord.said]
        return any(part in answer for answer in answers for part in ("embeds", "title", "choices", "attachments"))

    def _is_told(self) -> bool:
        return any(UNEXPECTED in str(said) for said in self.discord.said)

    def take_file(self, content: bytes) -> bool:
        """Hand in a file of answers with `/import-answers`, all the way to the database."""
        proposal = self._run(self._services.imports.keep(GUILD, ADMIN, content))
        self._run(self._services.imports.decide(GUILD, ADMIN, proposal.mark))
        return proposal.changes > 0


@contextmanager
def bot_over(folder: Path) -> Iterator[Bot]:
    """Lend a bot over a new database in a folder."""
    with asyncio.Runner() as runner:
        lent = open_services(f"sqlite+aiosqlite:///{folder / 'fuzz.db'}")
        bot = Bot(runner, runner.run(lent.__aenter__()))
        bot.start()
        try:
            yield bot
        finally:
            bot.stop()
            runner.run(lent.__aexit__(None, None, None))


# The whole ---------------------------------------------------------------------------------------------------


def fuzz(count: int, seed: int, advance: Callable[[], None]) -> list[Result]:
    """Hand so many payloads in, the same number of each kind, and return what became of them.

    Args:
        count: How many payloads, for all targets together.
        seed: What makes the same payloads again.
        advance: Called after each payload.
    """
    random = Random(seed)  # noqa: S311 - the same seed has to make the same payloads
    with TemporaryDirectory(prefix="fireside-fuzz-") as folder, bot_over(Path(folder)) as bot:
        packs = (bot.pack, bot.pack.replace(b"Your answer:", b"Your answer: I do."))
        files: list[tuple[str, Try, st.SearchStrategy[bytes], tuple[bytes, ...]]] = [
            ("transcripts", try_transcript, payloads.transcripts, _originals("data/transcripts/*.txt")),
            ("interview files", try_interview, payloads.documents, _originals("data/interviews/*.json")),
            ("packs", try_pack, payloads.packs, packs),
            ("imports", bot.take_file, payloads.packs, packs),
        ]
        share = count // (len(files) + 3)
        results = []
        for name, run, strategy, originals in files:
            result = Result(name)
            results.append(result)
            body = taker(result, run, advance)
            for _ in range(share - share // 2):
                body(payloads.damaged(random, originals))
            drawn(strategy, share // 2, seed, body)
        results.append(Result("long texts"))
        drawn(payloads.long_texts, share, seed, taker(results[-1], _text, advance))
        results.append(Result("interactions"))
        body = taker(results[-1], bot.handle, advance)
        left = count - share * (len(files) + 1)
        for begin in range(0, left, 1000):  # one run of hypothesis remembers all of its examples
            some = min(1000, left - begin)
            drawn(payloads.interactions(bot.discord.client), some - some // 2, seed + begin, body)
            for _ in range(some // 2):
                body(payloads.used(random, bot.discord.shown))
        return results


def main() -> None:
    """Run it, print the table, and end with 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payloads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.lastResort = None
    console = Console()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Payloads", total=options.payloads)
        results = fuzz(options.payloads, options.seed, lambda: progress.advance(task))
    table = Table("target", *(f"{name}" for name in ("payloads", "sentences", "accepted", "worst, s", "failures")))
    for each in results:
        figures = (each.payloads, each.sentences, each.accepted, f"{each.worst:.2f}", each.failures.total())
        table.add_row(each.name, *map(str, figures))
    console.print(table)
    for each in results:
        for what, times in each.failures.most_common():
            console.print(f"{each.name}: {times} x {what}\n  {each.examples[what]}", markup=False, soft_wrap=True)
    sys.exit(1 if any(each.failures for each in results) else 0)


if __name__ == "__main__":
    main()
