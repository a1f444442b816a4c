"""The log: one line an event, with the code of what is handled, and without the secrets, whoever logs them."""

import json
import logging
import re
import sys
import threading
import types
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from bot.handling import current
from bot.settings import Settings

TAKEN_OUT = "[secret]"
INDENT = "    "
# Line ends of every kind, other control characters, and those that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# As SQLAlchemy reads an address, as somebody means one whose password holds an @, and as drivers take a password behind
# the question mark.
_PASSWORDS = (
    re.compile(r"://[^:/]*:([^@]*)@"),
    re.compile(r"://[^:/]*:(.*)@"),
    re.compile(r"[?&](?:ssl)?password=([^&]*)", re.IGNORECASE),
)

log = logging.getLogger(__name__)


class Redactor:
    """Takes some secrets out of texts, however they are written there: as they are, as in an address, as in a repr."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Take the secrets; empty ones count as none."""
        forms = {form for secret in secrets if secret for form in _written(secret)}
        # The longest first: another may be a part of it.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def clean(self, text: str) -> str:
        """Return a text without the secrets."""
        return text if self._pattern is None else self._pattern.sub(TAKEN_OUT, text)


def _written(secret: str) -> set[str]:
    in_bytes = secret.encode("utf-8", "surrogatepass")
    reprs = {repr(secret)[1:-1], repr(in_bytes)[2:-1], ascii(secret)[1:-1], json.dumps(secret)[1:-1]}
    return {secret, quote(in_bytes, safe=""), quote(in_bytes), quote_plus(in_bytes), *reprs}


def secrets_of(settings: Settings) -> set[str]:
    """Return what must never be logged: the bot's token, and the password in the address of the database."""
    found = {settings.discord_token.get_secret_value().strip()} if settings.discord_token else set[str]()
    for pattern in _PASSWORDS:
        for password in pattern.findall(settings.database_url):
            found |= {password, unquote(password), unquote_plus(password)}
    return found - {""}


class _Formatter(logging.Formatter):
    """Makes the parts of a line, none of which holds a secret."""

    def __init__(self, redactor: Redactor) -> None:
        """Take what removes the secrets."""
        super().__init__()
        self._redactor = redactor

    def message_of(self, record: logging.LogRecord) -> str:
        """Return a record's message; one that can't be put together is shown in its parts."""
        try:
            message = record.getMessage()
        except Exception as error:  # noqa: BLE001 - whoever logs must not fail by it, and the words may hold a secret
            message = f"{record.msg!r} with {type(record.args).__name__} that do not fit it ({type(error).__name__})"
        return self._redactor.clean(message.rstrip("\n"))

    def trace_of(self, record: logging.LogRecord) -> str | None:
        """Return a record's trace and stack, or None where it has neither."""
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        parts += [record.exc_text] if record.exc_text and not parts else []
        parts += [record.stack_info] if record.stack_info else []
        return self._redactor.clean("\n".join(parts)) if parts else None

    @staticmethod
    def code_of(record: logging.LogRecord) -> str | None:
        """Return the code of what is being handled; asyncio speaks of one task while another runs."""
        now = None if record.name == "asyncio" else current()
        return now.code if now is not None else None


class TextFormatter(_Formatter):
    """Lines for people. Nobody can forge one: what a message holds of line ends is escaped, traces are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line, with its trace below."""
        code, trace = self.code_of(record), self.trace_of(record)
        source = _escaped(self._redactor.clean(record.name)) + (f" [{code}]" if code else "")
        time = f"{self.formatTime(record, '%Y-%m-%d %H:%M:%S')},{record.msecs:03.0f}"
        lines = [f"{time} {record.levelname:<7} {source}: {_escaped(self.message_of(record))}"]
        lines += [INDENT + _escaped(line) for line in trace.split("\n")] if trace else []
        return "\n".join(lines)


class JsonFormatter(_Formatter):
    """One JSON object a line, for programs; its time is UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as an object; what it has no code or trace of is left out."""
        parts = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": self._redactor.clean(record.name),
            "message": self.message_of(record),
            "code": self.code_of(record),
            "trace": self.trace_of(record),
        }
        return json.dumps({name: value for name, value in parts.items() if value is not None})


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class _Handler(logging.StreamHandler[Any]):
    """Writes to standard error."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Let it be: the library would print the record's arguments, with the secrets, where nobody may be reading."""


def formatter_of(settings: Settings) -> logging.Formatter:
    """Return what makes lines as the settings want them."""
    kind = JsonFormatter if settings.log_format == "json" else TextFormatter
    return kind(Redactor(secrets_of(settings)))


def start_logging(settings: Settings, level: str | None = None) -> None:
    """Log to standard error, from the level of the settings on or another; warnings and traces of Python's own too."""
    handler = _Handler()
    handler.setFormatter(formatter_of(settings))
    logging.basicConfig(level=level or settings.log_level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_of_thread
    sys.unraisablehook = _log_unraisable


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    log.critical("Ended by an error that nobody expected", exc_info=(kind, error, trace))


def _log_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.error("A thread was ended by an error", exc_info=args.exc_value)


def _log_unraisable(args: "sys.UnraisableHookArgs") -> None:
    log.error("%s: %r", args.err_msg or "An error that nobody could catch, in", args.object, exc_info=args.exc_value)
