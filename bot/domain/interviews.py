"""An interview: who speaks, every turn in order, its exchanges, and what readers wrote beneath it.

The models here are the file format too. `python -m bot schema` writes their JSON Schema, so that an editor
completes and checks an interview file while it is written.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.domain.text import excerpt, not_text, shorten
from bot.errors import InterviewFileError

# The accent of an interview that names none: embers.
NEUTRAL_COLOUR = "#b4541f"

MAX_FILE_BYTES = 8 * 1024 * 1024
MISTAKES_SHOWN = 5
QUOTE_SHOWN = 60
SCHEMA_FILE = "../interview.schema.json"

KEY_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LINE_PATTERN = r"^\S(.*\S)?$"
CHECKSUM_PATTERN = r"^[0-9a-f]{64}$"
LANGUAGE_PATTERN = r"^[a-z]{2}(-[A-Z]{2})?$"
COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"

LONGEST_KEY = 32
# Keys name things in the file, in the database and in the ids of Discord's buttons (100 characters in all).
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN, max_length=LONGEST_KEY)]


def _check_characters(text: str) -> str:
    if not_text(text) is not None:
        raise PydanticCustomError("not_text", "has characters that are no valid text")
    return text


_Characters = AfterValidator(_check_characters)
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=LINE_PATTERN), _Characters]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S"), _Characters]


# Pydantic's kinds of mistakes, as they follow the name of the place.
_IN_PLAIN_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of an interview file; check its spelling",
    "string_type": "should be text, in quotation marks",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "string_unicode": "has characters that are no valid text",
    "not_text": "has characters that are no valid text",
    "too_short": "is empty",
    "tuple_type": "should be a list, in [ and ]",
    "model_type": "should be an object, in {{ and }}",
    "enum": "should be {expected}",
    "literal_error": "should be {expected}",
    "date_from_datetime_parsing": 'should be a date such as "2018-07-02"',
    "url_scheme": "should begin with http:// or https://",
    "url_parsing": 'should be an address such as "https://example.org/interview"',
}
_PATTERNS = {
    KEY_PATTERN: "may have small letters and digits only, in groups with one hyphen between them",
    LINE_PATTERN: "should be one line, without blanks at its ends",
    CHECKSUM_PATTERN: "is not a SHA-256; `python -m bot seal FILE` writes it",
    LANGUAGE_PATTERN: 'should be a language such as "en" or "pt-BR"',
    COLOUR_PATTERN: 'should be a colour such as "#d00000"',
}


class Role(StrEnum):
    """What a person does in an interview: the host asks, the guest answers."""

    HOST = "host"
    GUEST = "guest"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Part):
    """Somebody who speaks in the interview."""

    id: Key
    name: Line = Field(description="Full name, as it is shown.")
    role: Role


class Introduction(_Part):
    """What the publisher wrote above the interview."""

    text: Annotated[str, _Characters] = Field("", description="Paragraphs, with a blank line between them.")
    topics: tuple[Line, ...] = ()


class Turn(_Part):
    """What one person said until the next one spoke, word for word."""

    id: Key
    speaker: Key = Field(description="The id of one of the people.")
    text: Text = Field(description="Verbatim, with a blank line between paragraphs.")
    sha256: str = Field(
        pattern=CHECKSUM_PATTERN,
        description="SHA-256 of the text in UTF-8; `python -m bot seal FILE` writes it.",
    )

    @property
    def is_verbatim(self) -> bool:
        """Whether the text is still the one its checksum was taken of."""
        return checksum(self.text) == self.sha256


class Exchange(_Part):
    """A question of the host with its answer."""

    id: Key
    question: Text = Field(description="The part of the host's turn to show: verbatim, greetings left out.")
    asked_in: Key = Field(description="The id of the turn that asks.")
    answered_in: tuple[Key, ...] = Field(min_length=1, description="The ids of the turns that answer, in order.")
    aliases: tuple[Line, ...] = Field((), description="Other ways to ask for this answer.")


class Reply(_Part):
    """What somebody answered to a reader's comment. Never part of what the guest said in the interview."""

    id: Key
    author: Line
    text: Text


class Comment(_Part):
    """What a reader wrote beneath the interview, with its replies. Never part of what the guest said."""

    id: Key
    author: Line
    text: Text
    replies: tuple[Reply, ...] = ()


class ChosenQuotes(_Part):
    """What the interview's author wants to be quoted, and what not, whatever the bot finds by itself."""

    named: tuple[Line, ...] = Field(
        (), description="Quotes word for word from a guest's turn; […] stands where words are left out."
    )
    vetoed: tuple[Line, ...] = Field((), description="Words of a guest's turn that no quote found by itself may hold.")


class Interview(_Part):
    """A whole interview, as its file holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Fireside interview", validate_by_name=True)

    schema_file: str = Field(SCHEMA_FILE, alias="$schema", description="Where editors find this schema.")
    format: Literal[1] = Field(1, description="Version of this file format.")
    id: Key = Field(description="Names the interview; keep it for as long as the interview is in use.")
    title: Line
    publisher: Line
    published: date | None = None
    source: HttpUrl | None = Field(None, description="The page where the interview was published.")
    language: str = Field("en", pattern=LANGUAGE_PATTERN)
    colour: str | None = Field(None, pattern=COLOUR_PATTERN, description="Accent colour of its embeds.")
    people: tuple[Person, ...] = Field(min_length=1)
    introduction: Introduction = Introduction()
    turns: tuple[Turn, ...] = Field(min_length=1)
    exchanges: tuple[Exchange, ...] = ()
    quotes: ChosenQuotes = ChosenQuotes()
    comments: tuple[Comment, ...] = ()

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        """Refuse an interview whose parts do not fit together, naming all that is wrong with it."""
        if mistakes := list(_mistakes(self)):
            shown = mistakes[:MISTAKES_SHOWN]
            more = len(mistakes) - len(shown)
            raise ValueError(" ".join(shown) + (f" And {more} more." if more else ""))
        return self

    @cached_property
    def _person_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def _number_by_turn(self) -> dict[str, int]:
        return {turn.id: number for number, turn in enumerate(self.turns, start=1)}

    @property
    def imprint(self) -> str:
        """Who published the interview, with the year where it is known."""
        return f"{self.publisher}, {self.published.year}" if self.published else self.publisher

    def speaker(self, turn: Turn) -> Person:
        """Return who speaks in a turn of this interview."""
        return self._person_by_id[turn.speaker]

    def number(self, turn_id: str) -> int:
        """Return the place of a turn in this interview, counted from 1."""
        return self._number_by_turn[turn_id]

    def turn(self, turn_id: str) -> Turn:
        """Return the turn of that id; a KeyError says that there is none."""
        return self.turns[self._number_by_turn[turn_id] - 1]

    def find_turn(self, turn_id: str) -> Turn | None:
        """Return the turn of that id, or None where there is none, or no longer."""
        return self.turn(turn_id) if turn_id in self._number_by_turn else None

    def people_of(self, role: Role) -> tuple[Person, ...]:
        """Return the people with that role, in the file's order."""
        return tuple(person for person in self.people if person.role is role)

    def answer_turns(self, exchange: Exchange) -> tuple[Turn, ...]:
        """Return the turns that answer in an exchange, in order."""
        return tuple(self.turn(turn_id) for turn_id in exchange.answered_in)

    def answer(self, exchange: Exchange) -> str:
        """Return the whole answer of an exchange, with a blank line between paragraphs and turns."""
        return "\n\n".join(turn.text for turn in self.answer_turns(exchange))


def checksum(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    # Half a character is no valid text; it is refused by name later, so it must not fail here.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _mistakes(interview: Interview) -> Iterable[str]:
    """Yield a sentence for each thing in an interview that does not fit the rest of it."""
    yield from _duplicates("people", (person.id for person in interview.people))
    yield from _duplicates("turns", (turn.id for turn in interview.turns))
    yield from _duplicates("exchanges", (exchange.id for exchange in interview.exchanges))
    replies = (reply.id for comment in interview.comments for reply in comment.replies)
    yield from _duplicates("comments", (*(comment.id for comment in interview.comments), *replies))
    people = {person.id: person for person in interview.people}
    turns = {turn.id: turn for turn in interview.turns}
    for turn in interview.turns:
        if turn.speaker not in people:
            yield f"turn {turn.id}: nobody among the people has the id {turn.speaker}."
        if not turn.is_verbatim:
            yield (
                f"turn {turn.id}: its text is not the one that its checksum was taken of. Put the words back, or "
                "run `python -m bot seal FILE` if the change is meant."
            )
    for exchange in interview.exchanges:
        yield from _exchange_mistakes(exchange, turns, people)
    yield from _quote_mistakes(interview)


def _exchange_mistakes(exchange: Exchange, turns: dict[str, Turn], people: dict[str, Person]) -> Iterable[str]:
    where = f"exchange {exchange.id}:"
    missing = [key for key in (exchange.asked_in, *exchange.answered_in) if key not in turns]
    if missing:
        yield f"{where} there is no turn {', '.join(missing)}."
        return
    if exchange.question not in turns[exchange.asked_in].text:
        yield f"{where} its question is not word for word a part of turn {exchange.asked_in}."
    for key in exchange.answered_in:
        speaker = people.get(turns[key].speaker)
        if speaker is not None and speaker.role is not Role.GUEST:
            yield f"{where} turn {key} answers, but {speaker.name} is not a guest."


def _quote_mistakes(interview: Interview) -> Iterable[str]:
    """Yield a sentence for each chosen quote that no guest said, or that is there twice."""
    chosen = interview.quotes
    guests = {person.id for person in interview.people if person.role is Role.GUEST}
    texts = [turn.text for turn in interview.turns if turn.speaker in guests]
    for field, quotes in (("named", chosen.named), ("vetoed", chosen.vetoed)):
        for number, quote in enumerate(quotes, start=1):
            where = f'quotes, {field}[{number}]: "{shorten(quote, QUOTE_SHOWN)}"'
            if quote in quotes[: number - 1]:
                yield f"{where} is there twice. Delete one of them."
            elif field == "vetoed" and quote in chosen.named:
                yield f"{where} is named too. Delete it from one of the lists."
            elif not any(excerpt(text, quote) for text in texts):
                yield (
                    f"{where} is not word for word in one turn of a guest. Copy it from the turn, and put […] where "
                    "you leave words out."
                )


def _duplicates(what: str, keys: Iterable[str]) -> Iterable[str]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield f"{what}: the id {key} is there {count} times."


def parse_interview(data: bytes, name: str) -> Interview:
    """Return the interview in a file's bytes.

    Args:
        data: The file as it was read.
        name: The file's name, for messages.

    Raises:
        InterviewFileError: It is not an interview; the message names the file, the place and the remedy.
    """
    return check_interview(_parse_json(data, name), name)


def check_interview(document: Any, name: str) -> Interview:
    """Return the interview in a document: what a file holds, as dictionaries and lists.

    Raises:
        InterviewFileError: It is not an interview; the message names the file, the place and the remedy.
    """
    try:
        return Interview.model_validate(document)
    except ValidationError as error:
        problems = " ".join(_sentence(mistake, document) for mistake in error.errors()[:MISTAKES_SHOWN])
        more = error.error_count() - MISTAKES_SHOWN
        raise InterviewFileError(f"{name}: {problems}" + (f" And {more} more." if more > 0 else "")) from None


def decode_text(data: bytes, name: str) -> str:
    """Return the text in a file's bytes of UTF-8, without a byte order mark.

    Raises:
        InterviewFileError: It is not UTF-8; the message names the file and the line.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InterviewFileError(f"{name}, line {line}: the text is not UTF-8. Save the file as UTF-8.") from None


def _parse_json(data: bytes, name: str) -> Any:
    if len(data) > MAX_FILE_BYTES:
        raise InterviewFileError(
            f"{name}: the file is larger than {MAX_FILE_BYTES // 1_000_000} MB, which is too much for an interview. "
            "Check that it is the right file."
        )
    try:
        return json.loads(decode_text(data, name))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InterviewFileError(f"{name}, {place}: this is not JSON ({error.msg}).") from None
    except ValueError:
        raise InterviewFileError(f"{name}: this is not an interview; a number in it is too long.") from None
    except RecursionError:
        raise InterviewFileError(f"{name}: this is not an interview; its brackets are nested too deep.") from None


def _sentence(mistake: Any, document: Any) -> str:
    """Return a sentence for one of pydantic's mistakes, with the place named as the file names it."""
    message = str(mistake["msg"]).removeprefix("Value error, ")
    if not mistake["loc"]:
        return message if mistake["type"] == "value_error" else "It should be one object, in { and }."
    known = _IN_PLAIN_WORDS.get(mistake["type"])
    if mistake["type"] == "string_pattern_mismatch":
        known = _PATTERNS.get(mistake["ctx"]["pattern"], "is empty")
    text = known.format(**mistake.get("ctx", {})) if known else f"is not right: {message[:1].lower()}{message[1:]}"
    return f"{_place(mistake['loc'], document)} {text.rstrip('.')}."


def _place(location: tuple[int | str, ...], document: Any) -> str:
    steps: list[str] = []
    part = document
    for step in location:
        try:
            part = part[step]
        except (KeyError, IndexError, TypeError):
            part = None
        if isinstance(step, int):
            key = part.get("id") if isinstance(part, dict) else None
            steps[-1] += f"[{step + 1}]" + (f" ({key})" if isinstance(key, str) else "")
        else:
            steps.append(step)
    return ", ".join(steps)


def dump_interview(interview: Interview) -> str:
    """Return the interview as its file holds it: JSON, indented, UTF-8 characters as they are."""
    document = interview.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def seal(data: bytes, name: str) -> Interview:
    """Return the interview in a file's bytes with every turn's checksum taken anew.

    Raises:
        InterviewFileError: Something other than a checksum is wrong with the file.
    """
    document = _parse_json(data, name)
    turns = document.get("turns") if isinstance(document, dict) else None
    for turn in turns if isinstance(turns, list) else []:
        if isinstance(turn, dict) and isinstance(turn.get("text"), str):
            turn["sha256"] = checksum(turn["text"])
    return check_interview(document, name)


def interview_schema() -> str:
    """Return the JSON Schema of an interview file, as `data/interview.schema.json` holds it."""
    schema = Interview.model_json_schema()
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
