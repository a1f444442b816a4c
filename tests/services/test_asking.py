import asyncio

import pytest

from bot.domain.drafts import Draft, DraftKey
from bot.domain.interviews import Comment, Interview, Reply
from bot.domain.questions import Asker, Event, NewQuestion, QuestionFilter, QuestionState
from bot.errors import NotAllowedError, NotFoundError
from bot.services import Services
from bot.services.asking import TakenComments, readers_comments
from tests.samples import bundled, interview

GUILD = 2**63 - 1
PIANO = "Did you ever learn to play the piano?"


def commented() -> Interview:
    comments = (
        Comment(
            id="c1",
            author="Rita Reader",
            text=f"Lovely. {PIANO} :)",
            replies=(
                Reply(id="c1-r1", author="HANNA HOST", text="Why do you ask that?"),
                Reply(id="c1-r2", author="Gustav Guest", text="And why would you not?"),
                Reply(id="c1-r3", author="Ron Reader", text="And does he play it still?"),
            ),
        ),
        Comment(id="c2", author="Hanna Host", text="What do you all think?"),
        Comment(id="c3", author="Ron Reader", text="Thank you for all of it."),
        Comment(id="c4", author="Ron Reader", text="x" * 1000 + "?"),
    )
    return interview().model_copy(update={"comments": comments})


def test_what_hosts_and_guests_wrote_is_no_readers_comment() -> None:
    assert [key for key, _, _ in readers_comments(commented())] == ["c1", "c1-r3", "c3", "c4"]


async def test_what_readers_asked_is_taken_once_with_who_asked_it(services: Services) -> None:
    await services.interviews.load([commented()])
    title = commented().title
    assert await services.asking.take_comments(GUILD, "tea") == [TakenComments(title, 2, 0, 2)]
    assert await services.asking.take_comments(GUILD, "tea") == [TakenComments(title, 0, 2, 2)]
    page = await services.questions.listed(GUILD, QuestionFilter())
    first, second = page.questions
    assert first.text == f"Lovely. {PIANO} :)"
    assert (first.origin, first.member_id, first.state, first.interview) == (
        "Rita Reader",
        None,
        QuestionState.OPEN,
        "tea",
    )
    assert second.origin == "Ron Reader"
    (event,) = await services.questions.history(GUILD, first.id)
    assert (event.kind, event.actor_id) == (Event.ASKED, None)


async def test_each_server_takes_them_for_itself_and_all_interviews_if_none_is_named(services: Services) -> None:
    await services.interviews.load([commented()])
    first = await services.asking.take_comments(GUILD)
    other = await services.asking.take_comments(GUILD - 1)
    assert first == other
    assert [taken.title for taken in first] == [bundled().title, commented().title]
    assert first[0].new > 0
    assert first[0].known == 0


async def test_an_interview_that_is_not_there_is_named_wrong(services: Services) -> None:
    with pytest.raises(NotFoundError):
        await services.asking.take_comments(GUILD, "nothing")


async def test_near_is_what_answers_for_sure_and_what_asks_the_same(services: Services) -> None:
    await services.interviews.load([commented()])
    await services.asking.take_comments(GUILD, "tea")
    far = await services.asking.near(GUILD, "best recipe for sourdough pancakes")
    near = await services.asking.near(GUILD, f"Lovely. {PIANO} :)")
    sure = await services.asking.near(GUILD, "What are your favourite open source libraries?")
    assert (far.hit, far.questions) == (None, ())
    assert [question.origin for question in near.questions] == ["Rita Reader"]
    assert sure.hit is not None
    assert sure.questions == ()


async def test_a_draft_that_is_sent_twice_at_once_is_stored_once(services: Services) -> None:
    key = DraftKey(7, GUILD, "question-waiting-1")
    await services.drafts.keep(key, Draft())
    asker = Asker(GUILD, 7, "Mira")
    sent = await asyncio.gather(
        *(services.questions.submit(asker, NewQuestion(PIANO), key) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in sent if isinstance(each, Exception)] == [NotFoundError] * 2
    assert len((await services.questions.mine(GUILD, 7)).questions) == 1


async def test_a_draft_outlives_a_refusal(services: Services) -> None:
    key = DraftKey(7, GUILD, "question-waiting-1")
    await services.drafts.keep(key, Draft())
    await services.questions.block(GUILD, 7, 5)
    with pytest.raises(NotAllowedError):
        await services.questions.submit(Asker(GUILD, 7, "Mira"), NewQuestion(PIANO), key)
    assert await services.drafts.find(key) == Draft()


async def test_beyond_the_last_page_of_ones_own_is_the_last(services: Services) -> None:
    assert (await services.asking.mine(GUILD, 7, 3)).own == ()
    await services.questions.submit(Asker(GUILD, 7, "Mira"), NewQuestion(PIANO))
    page = await services.asking.mine(GUILD, 7, 3)
    assert [own.question.text for own in page.own] == [PIANO]
    assert (page.number, page.pages) == (0, 1)
