"""Answers that come back in a file: first what they would change is shown, then it is done."""

import asyncio
import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.drafts import Draft, DraftKey
from bot.domain.marks import mark_of
from bot.domain.publications import Applied, ImportPlan, Outcome, PlannedAnswer
from bot.domain.text import counted
from bot.errors import InvalidInputError
from bot.services.drafts import Drafts
from bot.services.publications import Publications

MAX_BYTES = 5 * 1024 * 1024
ENDINGS = (".md", ".txt", ".markdown")
KINDS = ("text/plain", "text/markdown")
FORM, FIELD = "import-answers", "file"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file would do, and the mark by which it is known whether that is what somebody has seen."""

    plan: ImportPlan
    mark: str

    @property
    def changes(self) -> int:
        """How many answers would be published or changed."""
        return len(self.plan.of(Outcome.NEW)) + len(self.plan.of(Outcome.CHANGED))


def check_file(name: str, size_bytes: int, content_type: str | None = None) -> None:
    """Refuse a file that is no text or too large, before it is read.

    Raises:
        InvalidInputError: The sentence says what is wrong, and what is taken.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if not name.lower().endswith(ENDINGS) and kind not in KINDS:
        raise InvalidInputError(f"{name} is no text file. Save the author's file as .md or .txt, and send that.")
    if size_bytes > MAX_BYTES:
        raise InvalidInputError(
            f"{name} is too large: {size_bytes / 1024 / 1024:.1f} MB, and {MAX_BYTES // 1024 // 1024} MB are the most."
        )


class AnswerImports:
    """Brings the answers of a file to their questions, in two steps."""

    def __init__(self, publications: Publications, drafts: Drafts) -> None:
        """Take the service that publishes answers, and the one that keeps the file between the steps."""
        self._publications = publications
        self._drafts = drafts

    async def propose(self, guild_id: int, content: bytes) -> Proposal:
        """Return what a file would do in a server.

        Raises:
            InvalidInputError: It can't be read.
        """
        plan = await self._publications.plan(guild_id, content)
        return Proposal(plan, mark_of([_essence(each) for each in plan.answers]))

    async def keep(self, guild_id: int, member_id: int, content: bytes) -> Proposal:
        """Return what a file would do in a server, and keep it for the member who decides; after a restart too.

        Raises:
            InvalidInputError: It can't be read.
        """
        proposal = await self.propose(guild_id, content)
        packed = await asyncio.to_thread(_packed, content)
        await self._drafts.keep(DraftKey(member_id, guild_id, FORM), Draft({FIELD: (packed,)}))
        return proposal

    async def decide(self, guild_id: int, member_id: int, mark: str) -> Proposal | Applied:
        """Do what the file would do that a member has kept; or return it, where it is not what they have seen.

        Raises:
            NotFoundError: The file is not kept any more, since it is done.
        """
        key = DraftKey(member_id, guild_id, FORM)
        content = await asyncio.to_thread(_unpacked, (await self._drafts.find(key)).text(FIELD))
        proposal = await self.propose(guild_id, content)
        if proposal.mark != mark:
            return proposal
        applied = await self.apply(guild_id, proposal, member_id)
        await self._drafts.drop(key)
        return applied

    async def apply(self, guild_id: int, proposal: Proposal, member_id: int | None = None) -> Applied:
        """Do what a file would do; what has changed since it was read is refused and said."""
        return await self._publications.apply(guild_id, proposal.plan, member_id)

    async def forget(self, guild_id: int, member_id: int) -> None:
        """Forget the file that a member has kept."""
        await self._drafts.drop(DraftKey(member_id, guild_id, FORM))


def _essence(each: PlannedAnswer) -> tuple[object, ...]:
    return (each.question_id, each.text, each.quotable, each.outcome, each.why, each.before)


def summary_of(plan: ImportPlan) -> str:
    """Return in a sentence what a file would do."""
    names = {
        Outcome.NEW: "new",
        Outcome.CHANGED: "changed",
        Outcome.SAME: "as before",
        Outcome.REFUSED: "not usable",
    }
    counts = {name: len(plan.of(outcome)) for outcome, name in names.items()}
    parts = [f"{count} {name}" for name, count in counts.items() if count]
    text = f"{counted(len(plan.answers), 'answer')}" + (f": {', '.join(parts)}." if parts else ".")
    if plan.unplaced:
        text += f" {counted(len(plan.unplaced), 'passage')} without a question."
    return text


def result_of(applied: Applied) -> str:
    """Return in a sentence what a file did."""
    new, changed = len(applied.of(Outcome.NEW)), len(applied.of(Outcome.CHANGED))
    parts = [f"{counted(new, 'answer')} published"] if new or not changed else []
    parts += [f"{counted(changed, 'answer')} changed"] if changed else []
    return ", ".join(parts) + "."


def rows_of(plan: ImportPlan) -> Iterator[tuple[int, str, str, str]]:
    """Yield all that a plan has to say: the line in the file, the question or "", what becomes of it, and the words.

    What changes something comes first, then what could not be used.
    """
    for outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.REFUSED):
        for each in plan.of(outcome):
            what = f"not usable: {each.why}" if outcome is Outcome.REFUSED else outcome.value
            if outcome is not Outcome.REFUSED and not each.quotable:
                what += ", not to be quoted"
            yield each.line, str(each.question_id), what, each.text
    for remark in plan.unplaced:
        yield remark.line, "", f"no question: {remark.why}", remark.text
    for each in plan.of(Outcome.SAME):
        yield each.line, str(each.question_id), "as before", each.text


def _packed(content: bytes) -> str:
    return base64.b85encode(zlib.compress(content)).decode()


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
