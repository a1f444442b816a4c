"""The people of an interview: who speaks in a text, what their full names are, and who of them asks."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.text import fold
from bot.domain.transcripts.lines import PARTICLES, Block, LeftOut, is_comments_heading, label_of, spoken_by
from bot.errors import InterviewFileError

_NOT_SPEAKERS = frozenset(
    {"note", "notes", "update", "edit", "example", "tip", "warning", "caution", "disclaimer", "source", "sources"}
    | {"correction", "ps", "p.s.", "nb", "n.b.", "date", "title", "links", "tags", "photo", "image"}
)
_ASKS = frozenset({"q", "question", "interviewer", "host", "moderator"})
_ANSWERS = frozenset({"a", "answer", "interviewee", "guest"})

_GUEST_NAME = re.compile(
    r"(?i:\binterview|\bconversation|\bq&a) with ([^\W\d_a-z][\w'’-]{0,40}(?: [^\W\d_a-z][\w'’-]{0,40}){1,3})"
)
_CLOSING_MARKS = "?!.…\"'”’»)]"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said in the interview, or wrote beneath it."""

    name: str
    block: Block
    paragraphs: list[str]

    @property
    def text(self) -> str:
        """The paragraphs as one text, with a blank line between them."""
        return "\n\n".join(self.paragraphs)


def drop_empty(said: list[Said], left_out: list[LeftOut]) -> None:
    """Remove the last one where no words follow the name, and report the name as left out."""
    if said and not said[-1].paragraphs:
        left_out.append(said.pop().block.leave_out("a name without words"))


def speakers_of(lines: Sequence[str], given: Iterable[str], name: str) -> list[str]:
    """Return the labels that are speakers', in the order in which they first speak; a given one may be there once."""
    known = {fold(label) for label in given}
    count: Counter[str] = Counter()
    for line in _above_comments(lines):
        label = label_of(line)
        if label and (fold(label.name) not in _NOT_SPEAKERS or fold(label.name) in known):
            count[label.name] += 2 if label.counts_once or fold(label.name) in known else 1
    twice = {label for label, times in count.items() if times > 1}
    # Print often gives a full name once, and a part of it from then on.
    labels = [label for label in count if label in twice or not twice.isdisjoint(label.split())]
    if len({fold(label) for label in labels}) < 2:
        found = f"only {labels[0]} speaks" if labels else "nobody speaks"
        raise InterviewFileError(
            f"{name}, line {_first_line(lines, labels)}: {found} here, and an interview has two speakers or more. "
            "Begin each turn with who speaks, as in `Ana: Why did you start?`. A label counts when it is there "
            'twice, or when you name it, as in `--name Ana="Ana Sol"`.'
        )
    return labels


def _first_line(lines: Sequence[str], labels: Collection[str]) -> int:
    spoken = (number for number, line in enumerate(lines, start=1) if spoken_by(line, labels))
    return next(spoken, 1)


def _above_comments(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines up to the heading of the comments; before anybody spoke, such a line is a link to it."""
    spoken = False
    for line in lines:
        if spoken and is_comments_heading(line):
            return
        spoken = spoken or label_of(line) is not None
        yield line


def full_names_of(labels: Sequence[str], lines: Sequence[str], given: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the full name of each label: as given, or as the text writes it."""
    by_label = {fold(label): full_name for label, full_name in given.items()}
    if unknown := set(by_label) - {fold(label) for label in labels}:
        raise InterviewFileError(_nobody(name, sorted(unknown), labels))
    written = _names_written({fold(label.split()[0]) for label in labels}, lines)
    guest = next((match[1] for line in lines if (match := _GUEST_NAME.search(line))), None)
    names = {}
    for label in labels:
        key = fold(label)
        if key in {"a", "answer"} and not (guest or key in by_label):
            raise InterviewFileError(
                f"{name}, line {_first_line(lines, [label])}: the label {label} does not say who answers. "
                f'Name the people, as in `--name {labels[0]}="Ana Sol" --name {label}="Ben Ode"`.'
            )
        known = by_label.get(key) or (guest if key in _ANSWERS else None)
        names[label] = known or ("Interviewer" if key in {"q", "question"} else _written(label, written))
    return names


def _nobody(name: str, unknown: Iterable[str], labels: Iterable[str]) -> str:
    return f"{name}: nobody speaks as {', '.join(unknown)}. The labels in the text are {', '.join(labels)}."


def _names_written(first_names: Collection[str], lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Return how often each full name is written that begins with one of the folded first names."""
    written: dict[str, Counter[str]] = {first: Counter() for first in first_names}
    for line in lines:
        words = line.split()
        for place, word in enumerate(words[:-1]):
            first = word.lstrip("([\"'“‘*_@")
            counter = written.get(first.lower() if first.isascii() else fold(first))
            if counter is not None and (surname := _surname(words[place + 1 : place + 5])):
                counter[f"{first} {surname}"] += 1
    return written


def _surname(words: Sequence[str]) -> str | None:
    """Return the surname that the words begin with, with what stands before it, as in `van Dyk`."""
    for place, word in enumerate(words):
        if word not in PARTICLES:
            surname = re.split(r"[’'](?=s\W*$)|[^\w’'-]", word, maxsplit=1)[0]
            return " ".join([*words[:place], surname]) if len(surname) > 1 and surname[0].isupper() else None
    return None


def _written(label: str, written: Mapping[str, Counter[str]]) -> str:
    """Return a label's name as the text most often writes it in full."""
    key, first = fold(label), fold(label.split(maxsplit=1)[0])
    alike: Counter[str] = Counter()
    for full_name, times in written[first].items():
        if key in {first, fold(full_name)}:
            alike[fold(full_name)] += times
    if not alike:
        return label.title() if label.isupper() and len(label) > 2 else label
    most = alike.most_common(1)[0][0]
    spelt = {full_name: times for full_name, times in written[first].items() if fold(full_name) == most}
    # The label knows its own accents; readers often leave them out.
    like_label = {full_name: times for full_name, times in spelt.items() if full_name.startswith(label)}
    best = max(like_label or spelt, key=spelt.__getitem__)
    return best.title() if best.isupper() else best


def hosts_of(turns: Sequence[Said], names: Mapping[str, str], given: Collection[str], name: str) -> frozenset[str]:
    """Return the full names of those who ask: as given, as their labels say, or whose turns most often ask."""
    by_key = {fold(key): full_name for label, full_name in names.items() for key in (label, full_name)}
    if unknown := [host for host in given if fold(host) not in by_key]:
        raise InterviewFileError(_nobody(name, unknown, names))
    speakers = dict.fromkeys(turn.name for turn in turns)
    hosts = {by_key[fold(host)] for host in given}
    hosts = hosts or {full_name for label, full_name in names.items() if fold(label) in _ASKS}
    asked = Counter(turn.name for turn in turns if asks(turn.text))
    # Where two ask equally often, the first to speak is the host.
    hosts = hosts or {max(speakers, key=asked.__getitem__)}
    if hosts >= speakers.keys():
        raise InterviewFileError(
            f"{name}: everybody who speaks is a host, so nobody answers. Name fewer hosts, or check that at least "
            "two people have words after their labels."
        )
    return frozenset(hosts)


def asks(text: str) -> bool:
    """Return whether a text ends with a question mark, whatever closes after it."""
    return "?" in text[len(text.rstrip(_CLOSING_MARKS)) :]
