"""Measures how well questions from a file are answered."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.domain.evaluation import Evaluation, JudgedQuestion, evaluate
from bot.domain.matching import Entry, Finding, Matcher
from bot.errors import EvaluationFileError
from bot.services.files import read_interview_file
from bot.services.interviews import entries_of


class _Question(BaseModel):
    question: str
    expected: list[int]
    category: str = ""


class _Item(BaseModel):
    number: int
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Collection:
    """What answers questions: entries under their numbers, counted from 1, and the names of who speaks in them."""

    entries: tuple[Entry[int], ...]
    names: tuple[str, ...] = ()


def evaluate_interview(questions: Path, interview_file: Path) -> Evaluation:
    """Return how well the questions of a file are answered from an interview file.

    Raises:
        InterviewFileError: The interview can't be used.
        EvaluationFileError: The questions can't be used; the message names the file and the line.
    """
    return _evaluate(read_interview(interview_file), questions)


def evaluate_items(questions: Path, items_file: Path) -> Evaluation:
    """Return how well the questions of a file are answered from a plain list of questions and answers.

    Raises:
        EvaluationFileError: One of the files can't be used; the message names the file and the place.
    """
    return _evaluate(read_items(items_file), questions)


def _evaluate(collection: Collection, questions: Path) -> Evaluation:
    matcher = Matcher(collection.entries, collection.names)
    numbers = {entry.key: entry.key for entry in collection.entries}

    def find(question: str) -> Finding[int]:
        return matcher.find(question, len(numbers))

    return evaluate(find, numbers, read_questions(questions), time.perf_counter)


def read_interview(path: Path) -> Collection:
    """Return the exchanges of an interview file.

    Raises:
        InterviewFileError: The interview can't be used.
    """
    interview = read_interview_file(path)
    entries = tuple(
        Entry(number, entry.question, entry.answer, entry.aliases)
        for number, entry in enumerate(entries_of(interview), start=1)
    )
    return Collection(entries, tuple(person.name for person in interview.people))


def read_items(path: Path) -> Collection:
    """Return the questions and answers of a plain list.

    Raises:
        EvaluationFileError: The list can't be used; the message names the file and the place.
    """
    try:
        items = TypeAdapter(list[_Item]).validate_json(_read(path))
    except ValidationError as error:
        raise EvaluationFileError(_sentence(str(path), error)) from None
    return Collection(tuple(Entry(item.number, item.question, item.answer) for item in items))


def read_questions(path: Path) -> list[JudgedQuestion]:
    """Return the questions of a file, each with its right answers.

    Raises:
        EvaluationFileError: The questions can't be used; the message names the file and the line.
    """
    judged = []
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if line.strip():
            try:
                parsed = _Question.model_validate_json(line)
            except ValidationError as error:
                raise EvaluationFileError(_sentence(f"{path}, line {number}", error)) from None
            judged.append(JudgedQuestion(parsed.question, frozenset(parsed.expected), parsed.category))
    if not judged:
        raise EvaluationFileError(f"{path}: there is no question in it. Each line is one, as a JSON object.")
    return judged


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationFileError(f"{path}: the file can't be read as UTF-8 ({error}).") from None


def _sentence(place: str, error: ValidationError) -> str:
    mistake = error.errors()[0]
    field = ".".join(str(step) for step in mistake["loc"])
    return f"{place}: {field + ': ' if field else ''}{mistake['msg']}."


def as_document(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as `eval --json` prints it."""
    document: dict[str, Any] = asdict(evaluation)
    overall: dict[str, Any] = document.pop("overall")
    return overall | document
