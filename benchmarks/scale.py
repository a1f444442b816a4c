"""How the matcher grows with the number of exchanges, side by side with what people use in its place.

Run it with: .venv/bin/python benchmarks/scale.py; it takes about two minutes.
12 exchanges are the interview that ships with the bot, with its aliases. 1,000 and 10,000 are made up, the same in
every run: a good half of what is said is grammar, and the other words come as often as Zipf's law has it; a question of
12 words, an answer of 8 sentences with 15 words on average, no aliases. People ask with some words of a question and
some of its answer, in any order, and misspell a word in every fourth question; a keystroke is the beginning of one.

Each ranker has a process of its own, so that none pays for another or lives off its caches, and a second one for
its memory, whose tracing slows things down. "x" is the median beside the matcher's own, over as many exchanges.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path

from rich.table import Table

from benchmarks.ranking import RANKERS, afresh, build_bytes, wide_console
from bot.domain.matching import STOP_WORDS, Entry
from bot.services.evaluation import Collection, read_interview

INTERVIEW = Path(__file__).resolve().parent.parent / "data" / "interviews" / "francois-chollet.json"
SIZES = (1_000, 10_000)
COMPARED = ("fireside", "WRatio + aliases", "rank-bm25", "bm25s")
QUESTIONS = 200
FOUND, SUGGESTED = 4, 25  # what /ask shows, and what a field that completes what is typed may show
SEED = 2026
VOCABULARY = 20_000


@dataclass(frozen=True, slots=True)
class Times:
    """How long something takes each time, in milliseconds: on the clock, and of the processor."""

    median: float
    p99: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Growth:
    """What a ranker takes: seconds to build, bytes an exchange, and times a question and a keystroke."""

    seconds: float
    bytes_each: float
    question: Times
    keystroke: Times


def made_up(size: int) -> Collection:
    """Return so many made-up exchanges, the same in every run."""
    rng = random.Random(SEED)  # noqa: S311 - nothing here is secret
    grammar = sorted(word for word in STOP_WORDS if len(word) > 1)
    rng.shuffle(grammar)
    vocabulary = grammar + _telling_words(rng, VOCABULARY)
    often = list(accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))

    def sentence(length: int, end: str) -> str:
        return " ".join(rng.choices(vocabulary, cum_weights=often, k=length)).capitalize() + end

    def answer() -> str:
        return " ".join(sentence(rng.randint(10, 20), ".") for _ in range(8))

    return Collection(tuple(Entry(number, sentence(12, "?"), answer()) for number in range(1, size + 1)))


def _telling_words(rng: random.Random, count: int) -> list[str]:
    syllables = [start + vowel for start in "bcdfghklmnprstvw" for vowel in ("a", "e", "i", "o", "u", "ar", "en", "is")]
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(rng.choices(syllables, k=rng.choice((2, 2, 3, 3, 4))))] = None
    return list(made)


def asked(collection: Collection, count: int) -> list[str]:
    """Return questions as people may ask them of a collection, the same in every run."""
    rng = random.Random(SEED)  # noqa: S311 - nothing here is secret
    return [_asked(rng.choice(collection.entries), rng, slip=number % 4 == 0) for number in range(count)]


def _asked(entry: Entry[int], rng: random.Random, *, slip: bool) -> str:
    said = [text.split() for text in (entry.question, entry.answer)]
    words = [word.strip(".,?!").lower() for text in said for word in rng.sample(text, min(6, len(text)))]
    rng.shuffle(words)
    if slip:
        longest = max(words, key=len)
        place = rng.randrange(len(longest) - 1)
        swapped = longest[:place] + longest[place + 1] + longest[place] + longest[place + 2 :]
        words[words.index(longest)] = swapped
    return " ".join(words)


def typed(questions: Sequence[str]) -> list[str]:
    """Return the beginning of each question, up to some letter, the same in every run."""
    rng = random.Random(SEED)  # noqa: S311 - nothing here is secret
    return [question[: rng.randint(1, len(question))] for question in questions]


def grow(name: str, collection: Collection) -> Growth:
    """Return what a ranker takes over a collection, each measured in a new process."""
    seconds, question, keystroke = afresh(_times, name, collection)
    return Growth(seconds, afresh(build_bytes, name, collection), question, keystroke)


def _times(name: str, collection: Collection) -> tuple[float, Times, Times]:
    begin = time.perf_counter()
    ranker = RANKERS[name](collection)
    seconds = time.perf_counter() - begin
    questions = asked(collection, QUESTIONS)
    return (
        seconds,
        _timed(lambda question: ranker.find(question, FOUND), questions),
        _timed(lambda text: ranker.suggest(text, SUGGESTED), typed(questions)),
    )


def _timed(work: Callable[[str], object], texts: Sequence[str]) -> Times:
    walls, cpus = [], []
    for text in texts:
        begin, cpu = time.perf_counter(), time.process_time()
        work(text)
        cpus.append((time.process_time() - cpu) * 1000)
        walls.append((time.perf_counter() - begin) * 1000)
    slow = sorted(walls)[min(len(walls) * 99 // 100, len(walls) - 1)]
    return Times(statistics.median(walls), slow, statistics.median(cpus))


def growth_table(measured: Mapping[int, Mapping[str, Growth]]) -> Table:
    """Return what each ranker takes, by the number of exchanges."""
    table = Table("exchanges", "ranker", title="a question is asked (q), a key is pressed (k); medians in ms")
    for column in ("build s", "bytes each", "q", "q p99", "q CPU", "q x", "k", "k p99", "k CPU", "k x"):
        table.add_column(column, justify="right")
    for size, rankers in measured.items():
        own = rankers["fireside"]
        for name, growth in rankers.items():
            cells = [f"{growth.seconds:.3f}", f"{growth.bytes_each:,.0f}"]
            for times, ours in ((growth.question, own.question), (growth.keystroke, own.keystroke)):
                cells += [f"{value:.2f}" for value in (times.median, times.p99, times.cpu, times.median / ours.median)]
            table.add_row(f"{size:,}", name, *cells, end_section=name == COMPARED[-1])
    return table


def main() -> None:
    """Measure and print the table."""
    collections = [read_interview(INTERVIEW), *map(made_up, SIZES)]
    measured = {
        len(collection.entries): {name: grow(name, collection) for name in COMPARED} for collection in collections
    }
    wide_console().print(growth_table(measured))
    plain = {size: {name: asdict(growth) for name, growth in rankers.items()} for size, rankers in measured.items()}
    sys.stdout.write(json.dumps(plain) + "\n")


if __name__ == "__main__":
    main()
