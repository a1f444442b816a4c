"""The author pack: the readers' questions as one Markdown file that an author fills in with any editor.

An editor may reformat the whole file, so nothing in it depends on markup. Marks such as [Q-1234-k7f] tell where an
answer belongs. What a mark cannot vouch for is written in a form that `bot.domain.pack_reading` knows again.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import isqrt
from string import punctuation

from bot.domain.matching.words import STOP_WORDS, plain_words, stem_of
from bot.domain.text import counted, shorten

OTHER = "Other questions"
ANONYMOUS = "a reader"

# What the file says on its own. All of it is ASCII, so that it survives every encoding.
HOW_TO = (
    (
        'Write each answer beneath the words "Your answer:", as short or as long as you like. Leave out what you would '
        "rather not answer. Any editor will do. Then save the file and send it back to whoever sent it to you."
    ),
    'If we may not quote an answer, change the "yes" beneath it to "no".',
    (
        "Please keep the marks in [square brackets]: they lead your answers back to their questions. Everything else "
        "may be moved, changed or deleted."
    ),
)
PLACE = "Your answer"
QUOTED = "May be quoted"
NEARBY = "Nearby in the interview"
THE_END = "That was the last question. Thank you!"

# With these, what has to stay on one line does so even where lines are wrapped at 72 characters.
_LONGEST_NAME, _LONGEST_THEME = 32, 48
_LONGEST_AUTHOR, _LONGEST_INTERVIEW, _LONGEST_NEARBY = 60, 150, 1_000

# No vowels and nothing that is mistaken for something else: neither words nor slips.
_CODE_LETTERS = "bcdfghjkmnpqrstvwxz2345789"
_KEY = re.compile(r"[a-z0-9]{1,32}")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT_ASCII_WORD = re.compile(r"[a-z](?=[\u0300-\u036f])|[^a-z0-9]+")

# A theme's title names so many words, and so many of its questions have to share each word after the first.
_TITLE_WORDS, _SHARED = 3, 0.5


@dataclass(frozen=True, slots=True)
class PackQuestion:
    """A reader's question as the author gets it; `asked_by` is None for an anonymous one.

    `wanted_by` counts who wants an answer, the asker included. `nearby` is what the interview already says about it,
    such as "Turn 11 says: ...", and `answer` one given before, to be edited.
    """

    number: int
    text: str
    asked_by: str | None
    wanted_by: int
    nearby: str | None
    answer: str | None
    quotable: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """Questions about the same."""

    title: str
    questions: tuple[PackQuestion, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """What an author is sent; `key` names this export in up to 32 small letters and digits.

    `people` is how many people want an answer to any of the questions, each counted once, if that is known.
    """

    key: str
    interview_title: str
    author: str
    themes: tuple[Theme, ...]
    people: int | None = None

    def __post_init__(self) -> None:
        """Raise a ValueError for a key that could not be read back."""
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"The key {self.key!r} has something else than small letters and digits.")


def write_pack(pack: Pack) -> str:
    """Return a pack as the text of a Markdown file."""
    themes = [theme for theme in pack.themes if theme.questions]
    count = sum(len(theme.questions) for theme in themes)
    parts = [*_head(pack, themes), *HOW_TO, f"This file is {pack_mark(pack.key)}."]
    number = 0
    for place, theme in enumerate(themes, start=1):
        title = _short(theme.title, _LONGEST_THEME)
        parts.append(f"## Theme {place} of {len(themes)}: {title}")
        for question in theme.questions:
            number += 1
            parts.append(f"### Question {number} of {count} {question_mark(question.number, pack.key)}")
            parts.extend(_body(question))
    parts.append(f"{THE_END} {pack_mark(pack.key)}")
    return "\n\n".join(parts) + "\n"


def _head(pack: Pack, themes: Iterable[Theme]) -> Iterator[str]:
    questions = [question for theme in themes for question in theme.questions]
    author = _short(pack.author, _LONGEST_AUTHOR)
    yield f"# {counted(len(questions), 'question')} for {author}: write your answers below and send this file back"
    interview = f'the interview "{_short(pack.interview_title, _LONGEST_INTERVIEW)}"'
    if pack.people is None:
        wishes = counted(sum(question.wanted_by for question in questions), "time")
        yield f"Readers of {interview} have asked for your answers {wishes} in all."
    else:
        yield f"{counted(pack.people, 'reader')} of {interview} would like to read your answers."


def _body(question: PackQuestion) -> Iterator[str]:
    lines = _uncommented(_visible(question.text)).strip("\n").split("\n")
    yield "\n".join(f"> {line}".rstrip() for line in lines)
    name = _short(question.asked_by or "", _LONGEST_NAME) or ANONYMOUS
    yield f"Asked by {name}; wanted by {counted(question.wanted_by, 'reader')}."
    if question.nearby:
        text = f"{NEARBY}: {_short(question.nearby, _LONGEST_NEARBY)}"
        yield f"{text} [{seal(text)}]"
    yield f"**{PLACE}:**"
    yield _visible(question.answer or "").strip("\n")
    yield f"{QUOTED}: {'yes' if question.quotable else 'no'}"


def _short(text: str, limit: int) -> str:
    return shorten(_uncommented(_visible(text)), limit)


def _uncommented(text: str) -> str:
    """Return a text without comments: a tool that removes them would also remove all between two halves of one."""
    return text.replace("<!--", "<! --")


def _visible(text: str) -> str:
    """Return a text with plain line ends, without what makes a file look broken."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def question_mark(number: int, key: str) -> str:
    """Return the mark of a question in a pack, such as "[Q-1234-k7f]"."""
    return f"[Q-{number}-{question_check(number, key)}]"


def pack_mark(key: str) -> str:
    """Return the mark of a pack, such as "[P-x7k2-9df]"."""
    return f"[P-{key}-{pack_check(key)}]"


def question_check(number: int, key: str) -> str:
    """Return the end of a question's mark, which fits that number in that pack only."""
    return _code(f"question {number} {key}", 3)


def pack_check(key: str) -> str:
    """Return the end of a pack's mark."""
    return _code(f"pack {key}", 3)


def seal(text: str) -> str:
    """Return by what a text of ours is known again when it comes back, whatever became of all but its plain letters."""
    return _code(_NOT_ASCII_WORD.sub("", text.lower()), 4)


def _code(text: str, length: int) -> str:
    digest = blake2b(text.encode(errors="replace"), digest_size=length).digest()
    return "".join(_CODE_LETTERS[byte % len(_CODE_LETTERS)] for byte in digest)


def themes_of(questions: Iterable[PackQuestion]) -> tuple[Theme, ...]:
    """Return questions as themes, the most wanted first, and "Other questions" last; most wanted first in each.

    A theme is what shares a telling word. The word that most of the remaining questions share makes the next theme; in
    whatever order the questions come, the result is the same.
    """
    ordered = sorted(questions, key=lambda question: (-question.wanted_by, question.number))
    said = [_stems(question.text) for question in ordered]
    holders: dict[str, set[int]] = defaultdict(set)
    for place, stems in enumerate(said):
        for stem in stems:
            holders[stem].add(place)
    # Of a word in nearly all questions, such as the name of what the interview is about, no theme can be made.
    shared = {stem: places for stem, places in holders.items() if 2 * len(places) <= max(len(ordered), 4)}
    groups: list[list[int]] = []
    left = set(range(len(ordered)))
    fewest = max(2, isqrt(len(ordered)) // 4)
    while shared:
        stem = min(shared, key=lambda stem: (-len(shared[stem]), stem))
        group = shared.pop(stem)
        if len(group) < fewest:
            break
        groups.append(sorted(group))
        left -= group
        for other in {other for place in group for other in said[place]} & shared.keys():
            shared[other] = shared[other] - group
    themes = [
        Theme(_title([ordered[place] for place in group], [said[place] for place in group]), _at(ordered, group))
        for group in groups
    ]
    themes.sort(key=lambda theme: (-sum(question.wanted_by for question in theme.questions), theme.title))
    rest = [Theme(OTHER, _at(ordered, sorted(left)))] if left else []
    return (*themes, *rest)


def _at(questions: list[PackQuestion], places: Iterable[int]) -> tuple[PackQuestion, ...]:
    return tuple(questions[place] for place in places)


def _stems(text: str) -> Mapping[str, str]:
    """Return the stems of a text's telling words, each with the word as it was written."""
    found: dict[str, str] = {}
    for written in text.split():
        for word in plain_words(written):
            if word not in STOP_WORDS and not word.isdecimal():
                bare = written.strip(punctuation + "“”‘’…—–")
                whole = plain_words(bare) == [word]
                found.setdefault(stem_of(word), bare if whole else word)
    return found


def _title(questions: list[PackQuestion], said: list[Mapping[str, str]]) -> str:
    counts = Counter(stem for stems in said for stem in stems)
    telling = [stem for stem, count in counts.items() if count > _SHARED * len(questions)]
    telling.sort(key=lambda stem: (-counts[stem], stem))
    written = []
    for stem in telling[:_TITLE_WORDS]:
        spellings = Counter(_spelling(stems[stem]) for stems in said if stem in stems)
        written.append(min(spellings, key=lambda word: (-spellings[word], word)))
    title = ", ".join(written)
    return title[:1].upper() + title[1:]


def _spelling(written: str) -> str:
    """Return a word as it stands within a sentence: its first word has a capital only there."""
    ours = written.removesuffix("'s").removesuffix("’s")
    return ours.lower() if ours.istitle() else ours
