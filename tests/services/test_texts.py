"""Whatever is typed: each kind of database keeps it as it is, or it is refused in the same sentence on both."""

import asyncio
import re
from contextlib import AsyncExitStack
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.app import open_services
from bot.domain.drafts import Draft, DraftKey
from bot.domain.questions import Asker, NewQuestion, QuestionRules
from bot.errors import InvalidInputError
from bot.services import Services
from tests.conftest import StandingClock
from tests.databases import Databases, lent

GUILD = 710_000_000_000_000_001
MOST = 1000

members = count(1)
# Of all characters there are, and more often of those that are trouble somewhere.
characters = st.characters(exclude_categories=()) | st.sampled_from("\x00\ud83d\udc1b\U0001f525\u202e\x1b%_'\\{\ufeff")
texts = st.text(characters, min_size=15, max_size=80)


async def kept_or_refused(services: Services, typed: str) -> None:
    """Let a member ask, keep a draft and search, and an author answer, all in the same words."""
    asker, wanted = Asker(GUILD, next(members), "Mira"), typed.strip()
    draft = DraftKey(asker.member_id, GUILD, "question"), Draft({"question": [typed]}, (typed,))
    await services.drafts.keep(*draft)
    assert await services.drafts.find(draft[0]) == draft[1]
    await services.gaps.record_miss(GUILD, typed)
    await services.gaps.save()
    question = None
    if 15 <= len(wanted) <= MOST and not re.search("[\x00\ud800-\udfff]", wanted):
        question = await services.questions.submit(asker, NewQuestion(typed))
        await services.publications.publish(GUILD, question.id, typed, False, 6)
        answer = await services.publications.find(GUILD, question.id)
        assert answer is not None
        assert (question.text, answer.text) == (wanted, wanted)
    else:
        with pytest.raises(InvalidInputError):
            await services.questions.submit(asker, NewQuestion(typed))
    found = (await services.questions.mine(GUILD, asker.member_id)).questions
    assert [each.text for each in found] == ([] if question is None else [wanted])


def test_are_kept_as_they_are_or_refused(databases: Databases, loaded_database: str) -> None:
    with asyncio.Runner() as runner, lent(databases, loaded_database) as url:
        stack = AsyncExitStack()
        services = runner.run(stack.enter_async_context(open_services(url, StandingClock())))
        runner.run(services.questions.set_rules(GUILD, QuestionRules(a_member=0, a_day=0)))

        @settings(max_examples=60)
        @given(typed=texts)
        @example("What about a NUL\x00 in the middle?")
        @example("What about half of \ud83d an emoji?")
        @example("\U0001f525" * MOST)
        @example("\ufdfa" * MOST)  # one that is many when it is folded
        @example("\U0001f525" * (MOST + 1))
        def check(typed: str) -> None:
            runner.run(kept_or_refused(services, typed))

        try:
            check()
        finally:
            runner.run(stack.aclose())


async def test_what_is_looked_for_is_refused_too(services: Services) -> None:
    for key in ("te\x00a", "te\ud83da"):
        with pytest.raises(InvalidInputError):
            await services.favourites.remove(5, key)
    await services.favourites.remove(5, "tea")


async def test_names_of_members_are_texts_as_others(services: Services) -> None:
    asker = Asker(GUILD, 5, "Mira \x00")
    with pytest.raises(InvalidInputError):
        await services.questions.submit(asker, NewQuestion("What do you read at night?"))
    assert (await services.questions.mine(GUILD, 5)).questions == ()
