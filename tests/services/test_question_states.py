"""Whatever members and moderators do, in whatever order: no question is lost, and nobody counts twice."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.domain.questions import Asker, NewQuestion, QuestionRules
from bot.errors import FiresideError
from bot.services.interviews import Interviews
from bot.services.privacy import Privacy
from bot.services.publications import Publications
from bot.services.questions import Questions, Review
from bot.storage.database import Database
from bot.storage.tables import answers, me_toos, question_events, questions
from tests.conftest import StandingClock
from tests.databases import Databases, lent

GUILD = 7
T = TypeVar("T")

members = st.integers(1, 4)
moderators = st.integers(101, 102)


class Asking(RuleBasedStateMachine):
    """A server in which members ask and moderators review."""

    asked = Bundle[int]("asked")

    def __init__(self, databases: Databases, like: str) -> None:
        super().__init__()
        self.lent = ExitStack()
        url = self.lent.enter_context(lent(databases, like))
        self.loop = asyncio.new_event_loop()
        self.database = self.run(Database.open(url))
        self.service = Questions(self.database, Interviews(self.database), StandingClock())
        self.run(self.service.set_rules(GUILD, QuestionRules(a_member=0, a_day=0)))
        self.answers = Publications(self.database, StandingClock())
        self.privacy = Privacy(self.database, StandingClock())
        self.submitted: set[int] = set()
        self.gone: set[int] = set()
        self.forgotten: set[int] = set()
        self.anonymous: set[int] = set()
        self.done: Counter[int] = Counter()

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.lent.close()

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
        self.forgotten.discard(member)
        self.done[number] += 1
        if anonymous:
            self.anonymous.add(number)
        return number

    @rule(question=asked, member=members)
    def edit(self, question: int, member: int) -> None:
        work = self.service.edit(Asker(GUILD, member, "x"), question, f"Or why is it red, asks {member}?")
        self.done[question] += self.allowed(work)

    @rule(question=asked, member=members)
    def withdraw(self, question: int, member: int) -> None:
        before = self.row(question)
        mine = before is not None and before.member_id == member and before.state != "withdrawn"
        self.done[question] += self.allowed(self.service.withdraw(GUILD, member, question)) and mine

    @rule(question=asked, member=members)
    def want(self, question: int, member: int) -> None:
        if self.allowed(self.service.want(GUILD, member, question)):
            self.forgotten.discard(member)

    @rule(question=asked, member=members)
    def unwant(self, question: int, member: int) -> None:
        self.allowed(self.service.unwant(GUILD, member, question))

    @rule(question=asked, moderator=moderators)
    def approve(self, question: int, moderator: int) -> None:
        self.allowed(self.service.approve(GUILD, question, moderator))

    @rule(question=asked, moderator=moderators)
    def reject(self, question: int, moderator: int) -> None:
        self.done[question] += self.allowed(self.service.reject(GUILD, question, moderator, "Off topic"))

    @rule(question=asked, moderator=moderators)
    def reopen(self, question: int, moderator: int) -> None:
        self.done[question] += self.allowed(self.service.reopen(GUILD, question, moderator))

    @rule(question=asked, into=asked, moderator=moderators)
    def merge(self, question: int, into: int, moderator: int) -> None:
        self.done[question] += self.allowed(self.service.merge(GUILD, question, into, moderator))

    @rule(question=asked, moderator=moderators)
    def unmerge(self, question: int, moderator: int) -> None:
        self.done[question] += self.allowed(self.service.unmerge(GUILD, question, moderator))

    @rule(question=asked, moderator=moderators, text=st.sampled_from(["Why is the sky blue?", "Why is grass green?"]))
    def mend(self, question: int, moderator: int, text: str) -> None:
        self.done[question] += self.allowed(self.service.mend(GUILD, question, moderator, text))

    @rule(question=asked, moderator=moderators, flagged=st.booleans())
    def flag(self, question: int, moderator: int, *, flagged: bool) -> None:
        self.done[question] += self.allowed(self.service.flag(GUILD, question, moderator, flagged=flagged))

    @rule(question=asked, moderator=moderators, text=st.sampled_from(["Because it scatters.", "It is not."]))
    def answer(self, question: int, moderator: int, text: str) -> None:
        self.allowed(self.answers.publish(GUILD, question, text, True, moderator))

    @rule(question=asked, moderator=moderators)
    def retract(self, question: int, moderator: int) -> None:
        self.allowed(self.answers.retract(GUILD, question, moderator))

    @rule(member=members, with_questions=st.booleans())
    def forget(self, member: int, *, with_questions: bool) -> None:
        """Delete what is kept about a member; what nobody else wants goes, if they say so, and nothing else."""
        theirs = {row.id for row in self.rows(questions) if row.member_id == member and row.state != "answered"}
        self.run(self.privacy.forget(member, with_questions=with_questions))
        gone = (self.submitted - self.gone) - {row.id for row in self.rows(questions)}
        assert gone <= (theirs if with_questions else set())
        self.gone |= gone
        self.forgotten.add(member)

    def row(self, number: int) -> Any:
        return next((row for row in self.rows(questions) if row.id == number), None)

    def rows(self, table: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.database.read() as connection:
                return list(await connection.execute(select(table)))

        return self.run(read())

    @invariant()
    def no_question_is_lost(self) -> None:
        assert {row.id for row in self.rows(questions)} == self.submitted - self.gone

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
    def who_is_forgotten_is_nowhere(self) -> None:
        assert not [
            row for table in (questions, me_toos) for row in self.rows(table) if row.member_id in self.forgotten
        ]

    @invariant()
    def a_question_is_answered_where_its_answer_is_in_force(self) -> None:
        answered = {row.id for row in self.rows(questions) if row.state == "answered"}
        assert answered == {row.question_id for row in self.rows(answers) if row.retracted_at is None}

    @invariant()
    def each_change_is_in_the_history(self) -> None:
        # An answer approves what nobody has reviewed, so these three are not one an act.
        kept = [row for row in self.rows(question_events) if row.kind not in {"answered", "retracted", "approved"}]
        done = {number: count for number, count in self.done.items() if number not in self.gone and count}
        assert Counter(row.question_id for row in kept) == done


def test_asking(databases: Databases, empty_database: str) -> None:
    run_state_machine_as_test(
        lambda: Asking(databases, empty_database),  # type: ignore[arg-type]
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
