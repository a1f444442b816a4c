"""Measures how well questions from a file are answered."""

import time
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.domain.evaluation import Evaluation, JudgedQuestion, evaluate
from bot.domain.matching import Entry, Finding, Matcher
from bot.errors import EvaluationFileError
from bot.services.files import read_interview_file
from bot.services.interviews import ExchangeRef, build_matcher

K = TypeVar("K", bound=Hashable)


class _Question(BaseModel):
    question: str
    expected: list[int]
    category: str = ""


class _Item(BaseModel):
    number: int
    question: str
    answer: str


def evaluate_interview(questions: Path, interview_file: Path) -> Evaluation:
    """Return how well the questions of a file are answered from an interview file.

    Raises:
        InterviewFileError: The interview can't be used.
        EvaluationFileError: The questions can't be used; the message names the file and the line.
    """
    interview = read_interview_file(interview_file)
    numbers = {
        ExchangeRef(interview.id, exchange.id): number for number, exchange in enumerate(interview.exchanges, start=1)
    }
    return _evaluate(build_matcher([interview]), numbers, questions)


def evaluate_items(questions: Path, items_file: Path) -> Evaluation:
    """Return how well the questions of a file are answered from a plain list of questions and answers.

    Raises:
        EvaluationFileError: One of the files can't be used; the message names the file and the place.
    """
    try:
        items = TypeAdapter(list[_Item]).validate_json(_read(items_file))
    except ValidationError as error:
        raise EvaluationFileError(_sentence(str(items_file), error)) from None
    matcher = Matcher([Entry(item.number, item.question, item.answer) for item in items])
    return _evaluate(matcher, {item.number: item.number for item in items}, questions)


def _evaluate(matcher: Matcher[K], numbers: Mapping[K, int], questions: Path) -> Evaluation:
    def find(question: str) -> Finding[K]:
        return matcher.find(question, len(numbers))

    return evaluate(find, numbers, _read_questions(questions), time.perf_counter)


def _read_questions(path: Path) -> list[JudgedQuestion]:
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
