"""Interview files and transcripts on the disk."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bot.domain.interviews import MAX_FILE_BYTES, Interview, decode_text, dump_interview, parse_interview, seal
from bot.domain.transcripts import Details, Transcript, read_transcript
from bot.errors import FiresideError, InterviewFileError
from bot.services.imports import MAX_BYTES, check_file


def read_interview_file(path: Path) -> Interview:
    """Return the interview in a file.

    Raises:
        InterviewFileError: The file can't be read, or is not an interview; the message names the place.
    """
    return parse_interview(_read(path), str(path))


def read_interview_files(paths: Iterable[Path]) -> list[Interview]:
    """Return the interviews in some files; all are read and checked before any is used.

    Raises:
        InterviewFileError: One of them can't be used, or two have the same id.
    """
    found: dict[str, Path] = {}
    interviews = []
    for path in paths:
        interview = read_interview_file(path)
        if interview.id in found:
            raise InterviewFileError(f"{path}: {found[interview.id]} has the same id, {interview.id}.")
        found[interview.id] = path
        interviews.append(interview)
    return interviews


def read_transcript_file(path: Path, details: Details) -> Transcript:
    """Return the interview in a text of the shape `Speaker: words`, and what was left out of it.

    Raises:
        InterviewFileError: The file can't be read, or there is no interview in it.
    """
    return read_transcript(decode_text(_read(path), str(path)), str(path), details)


def seal_file(path: Path) -> None:
    """Take the checksums of an interview file anew.

    Raises:
        InterviewFileError: The file can't be read or written, or something else is wrong with it.
    """
    write_interview_file(path, seal(_read(path), str(path)))


def write_interview_file(path: Path, interview: Interview) -> None:
    """Write an interview file; a file that was there is replaced whole, or stays as it was.

    Raises:
        InterviewFileError: The file can't be written.
    """
    try:
        write_file(path, dump_interview(interview).encode())
    except FiresideError as error:
        raise InterviewFileError(str(error)) from None


def write_file(path: Path, content: bytes) -> None:
    """Write a file; one that was there is replaced whole, or stays as it was.

    Raises:
        FiresideError: The file can't be written.
    """
    draft = path.with_suffix(path.suffix + ".part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise FiresideError(f"{path}: the file can't be written ({error.strerror}).") from None


def read_answers_file(path: Path) -> bytes:
    """Return the bytes of a file of answers.

    Raises:
        FiresideError: The file can't be read, is no text, or is too large.
    """
    try:
        check_file(path.name, path.stat().st_size)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FiresideError(f"{path}: the file can't be read ({error.strerror}).") from None
    # What is no plain file has more in it than it says.
    check_file(path.name, len(content))
    return content


def _read(path: Path) -> bytes:
    """Return a file's bytes, at most one more than an interview may have."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InterviewFileError(f"{path}: the file can't be read ({error.strerror}).") from None
