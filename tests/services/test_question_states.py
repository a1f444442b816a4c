"""Whatever members and moderators do, in whatever order: no question is lost, and nobody counts twice."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from bot.domain.questions import Asker, NewQuestion, QuestionRules
from bot.errors import FiresideError
from bot.services.interviews import Interviews
from bot.services.questions import Questions, Review
from bot.storage.database import Database
from bot.storage.tables import me_toos, question_events, questions
from tests.conftest import StandingClock

GUILD = 7
T = TypeVar("T")

members = st.integers(1, 4)
moderators = st.integers(101, 102)


class Asking(RuleBasedStateMachine):
    """A server in which members ask and moderators review."""

    asked = Bundle[int]("asked")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.database = self.run(Database.open(f"sqlite+aiosqlite:///{Path(self.folder.name, 'test.db')}"))
        self.service = Questions(self.database, Interviews(self.database), StandingClock())
        self.run(self.service.set_rules(GUILD, QuestionRules(a_member=0, a_day=0)))
        self.submitted: set[int] = set()
        self.anonymous: set[int] = set()
        self.events = 0

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def allowed(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Do something that may be refused with a sentence; return whether it was done."""
        try:
            result = self.run(work)
        except FiresideError:
            return False
        return result.done if isinstance(result, Review) else True

    @rule(target=asked, member=members, anonymous=st.booleans())
    def submit(self, member: int, *, anonymous: bool) -> int:
        new = NewQuestion(f"Why is the sky blue, asks {member}?", anonymous=anonymous)
        number = self.run(self.service.submit(Asker(GUILD, member, f"Member {member}"), new)).id
        self.submitted.add(number)
        self.events += 1
        if anonymous:
            self.anonymous.add(number)
        return number

    @rule(question=asked, member=members)
    def edit(self, question: int, member: int) -> None:
        work = self.service.edit(Asker(GUILD, member, "x"), question, f"Or why is it red, asks {member}?")
        self.events += self.allowed(work)

    @rule(question=asked, member=members)
    def withdraw(self, question: int, member: int) -> None:
        before = self.row(question)
        mine = before.member_id == member and before.state != "withdrawn"
        self.events += self.allowed(self.service.withdraw(GUILD, member, question)) and mine

    @rule(question=asked, member=members)
    def want(self, question: int, member: int) -> None:
        self.allowed(self.service.want(GUILD, member, question))

    @rule(question=asked, member=members)
    def unwant(self, question: int, member: int) -> None:
        self.allowed(self.service.unwant(GUILD, member, question))

    @rule(question=asked, moderator=moderators)
    def approve(self, question: int, moderator: int) -> None:
        self.events += self.allowed(self.service.approve(GUILD, question, moderator))

    @rule(question=asked, moderator=moderators)
    def reject(self, question: int, moderator: int) -> None:
        self.events += self.allowed(self.service.reject(GUILD, question, moderator, "Off topic"))

    @rule(question=asked, moderator=moderators)
    def reopen(self, question: int, moderator: int) -> None:
        self.events += self.allowed(self.service.reopen(GUILD, question, moderator))

    @rule(question=asked, into=asked, moderator=moderators)
    def merge(self, question: int, into: int, moderator: int) -> None:
        self.events += self.allowed(self.service.merge(GUILD, question, into, moderator))

    @rule(question=asked, moderator=moderators)
    def unmerge(self, question: int, moderator: int) -> None:
        self.events += self.allowed(self.service.unmerge(GUILD, question, moderator))

    @rule(question=asked, moderator=moderators, text=st.sampled_from(["Why is the sky blue?", "Why is grass green?"]))
    def mend(self, question: int, moderator: int, text: str) -> None:
        self.events += self.allowed(self.service.mend(GUILD, question, moderator, text))

    @rule(question=asked, moderator=moderators, flagged=st.booleans())
    def flag(self, question: int, moderator: int, *, flagged: bool) -> None:
        self.events += self.allowed(self.service.flag(GUILD, question, moderator, flagged=flagged))

    def row(self, number: int) -> Any:
        return next(row for row in self.rows(questions) if row.id == number)

    def rows(self, table: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.database.read() as connection:
                return list(await connection.execute(select(table)))

        return self.run(read())

    @invariant()
    def no_question_is_lost(self) -> None:
        assert {row.id for row in self.rows(questions)} == self.submitted

    @invariant()
    def each_question_has_one_that_stands_for_it(self) -> None:
        into = {row.id: row.merged_into for row in self.rows(questions)}
        for number, parent in into.items():
            passed = {number}
            while parent is not None:
                assert parent not in passed
                passed.add(parent)
                parent = into[parent]  # noqa: PLW2901 - one step up

    @invariant()
    def everybody_who_wants_it_counts_once(self) -> None:
        rows, presses = self.rows(questions), self.rows(me_toos)
        into = {row.id: row.merged_into for row in rows}
        people: dict[int, set[int]] = {row.id: set() for row in rows}
        for row in rows:
            root = row.id
            while True:
                if row.member_id is not None and row.state != "withdrawn":
                    people[root].add(row.member_id)
                people[root].update(press.member_id for press in presses if press.question_id == row.id)
                if into[root] is None:
                    break
                root = into[root]
        for row in rows:
            if row.merged_into is None:
                assert row.wanted_by == max(1, len(people[row.id]))

    @invariant()
    def who_asked_anonymously_is_named_nowhere(self) -> None:
        assert not any(row.member_name for row in self.rows(questions) if row.id in self.anonymous)

    @invariant()
    def each_change_is_in_the_history(self) -> None:
        assert len(self.rows(question_events)) == self.events


Asking.TestCase.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAsking = Asking.TestCase
