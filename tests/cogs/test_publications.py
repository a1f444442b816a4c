"""`/answer` and word of answers in a simulated Discord, from the question to the one who asked it."""

from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord import SetupError
from sqlalchemy import update

from bot.domain.questions import Asker, NewQuestion, Notify, Question, QuestionState, Wish
from bot.services import Services
from bot.storage.database import Database
from bot.storage.tables import questions
from bot.ui.actions import button
from tests.conftest import StandingClock, World, buttons_of

DOGS = "Do zebras ever dream about marmalade sandwiches?"
ANSWER = "Every zebra that I have ever met dreams about marmalade and about nothing else at all."
BETTER = "No zebra would ever admit in public that it dreams about marmalade."
DATE = "asked by readers, 2 March 2026"


@pytest.fixture
async def board(world: World, services: Services) -> Any:
    """The server's channel for answers."""
    channel = world.guild.create_text_channel("answers")
    await world.env.settle()
    rules = await services.questions.rules(world.guild.id)
    await services.questions.set_rules(world.guild.id, replace(rules, answer_channel_id=channel.id))
    return channel


async def asked(world: World, services: Services, notify: Notify = Notify.DM, text: str = DOGS) -> Question:
    """Return a question of the member's that a moderator has approved."""
    asker = Asker(world.guild.id, world.member.id, "mira")
    new = NewQuestion(text, wish=Wish(notify, world.channel.id))
    question = await services.questions.submit(asker, new)
    return (await services.questions.approve(world.guild.id, question.id, world.admin.id)).question


async def answer(world: World, question: Question, text: str = ANSWER, command: str = "answer publish") -> Any:
    """Fill in the form for an answer as an admin does, and let word of it go out."""
    form = await world.admin.slash(world.channel, command, question=str(question.id))
    result = await world.admin.submit_modal(form, {"text": text, "quotable": ["yes"]})
    await told(world)
    return result


async def told(world: World) -> None:
    """Let word of answers go out."""
    await world.env.settle()
    await world.env.advance_time(2)


async def take_back(world: World, question: Question) -> Any:
    result = await world.admin.slash(world.channel, "answer retract", question=str(question.id))
    await world.admin.click(result.response, label="Take it back")
    await told(world)
    return result


def dms(world: World) -> list[Any]:
    return list(world.member.user.dm_channel.history())


def labels(message: Any) -> dict[str, Any]:
    """Return the buttons of a message that was posted, by label."""
    return {item.label: item for row in message.components for item in row.children}


async def ask(world: World, question: str = DOGS) -> Any:
    return await world.member.slash(world.channel, "ask", question=question)


async def test_from_the_question_to_the_one_who_asked_and_back(world: World, services: Services, board: Any) -> None:
    question = await asked(world, services)
    assert (await ask(world)).ephemeral

    note = await answer(world, question)
    assert note.ephemeral
    found = (await ask(world)).response
    assert found.embeds[0].title == DOGS
    assert ANSWER in found.embeds[0].description.replace("*", "")
    assert "François Chollet" in found.embeds[0].footer.text
    assert DATE in found.embeds[0].footer.text
    assert found.embeds[0].url is None

    (post,) = board.history()
    assert post.embeds[0].title == DOGS
    assert post.embeds[0].description == ANSWER
    assert DATE in post.embeds[0].footer.text
    (dm,) = dms(world)
    assert DOGS in dm.embeds[0].description
    assert ANSWER in dm.embeds[0].description
    (link,) = labels(dm).values()
    assert link.url.endswith(f"/{world.guild.id}/{board.id}/{post.id}")

    form = await world.admin.slash(world.channel, "answer edit", question=str(question.id))
    await world.admin.submit_modal(form, {"text": BETTER, "quotable": []})
    await told(world)
    (post,) = board.history()
    assert post.embeds[0].description == BETTER
    assert BETTER in (await ask(world)).response.embeds[0].description.replace("*", "")

    await take_back(world, question)
    (post,) = board.history()
    assert post.embeds[0].title == DOGS
    assert BETTER not in post.embeds[0].description
    assert "taken this answer back" in post.embeds[0].description
    assert not labels(post)
    assert (await ask(world)).ephemeral
    assert len(dms(world)) == 1
    assert (await services.questions.find(world.guild.id, question.id)).state is QuestionState.APPROVED


async def test_the_buttons_under_the_post_lead_on(world: World, services: Services, board: Any) -> None:
    await answer(world, await asked(world, services))
    (post,) = board.history()
    opened = await world.member.click(post, label="Earlier")
    assert "turn 24 of 24" in opened.response.embeds[0].footer.text
    await world.member.click(opened.response, label="Later")
    assert opened.response.embeds[0].description == DOGS
    assert DATE in opened.response.embeds[0].footer.text
    assert "mira" in opened.response.embeds[0].author.name


async def test_who_wants_that_is_mentioned_where_they_asked_and_nobody_else(world: World, services: Services) -> None:
    question = await asked(world, services, Notify.CHANNEL)
    await answer(world, question)
    message = world.channel.last_message
    assert message.content == f"<@{world.member.id}>"
    sent = [entry for entry in world.env.http_requests if entry.path.endswith("/messages") and entry.method == "POST"]
    body: Any = sent[-1].json
    assert body["allowed_mentions"]["users"] == [world.member.id]
    assert body["allowed_mentions"]["parse"] == []
    assert ANSWER not in message.embeds[0].description
    opened = await world.admin.click(message, label="Read the answer")
    assert opened.ephemeral
    assert opened.response.embeds[0].description == ANSWER

    await take_back(world, question)
    gone = await world.admin.click(message, label="Read the answer")
    assert gone.ephemeral
    assert not gone.response.embeds
    assert world.said_wrong()


async def test_an_answer_that_is_part_of_no_interview_is_read_all_the_same(
    world: World, services: Services, database: Database
) -> None:
    question = await asked(world, services, Notify.CHANNEL)
    async with database.write() as connection:
        await connection.execute(update(questions).values(interview_id=None))
    await answer(world, question)
    message = world.channel.last_message
    opened = await world.member.click(message, label="Read the answer")
    assert opened.ephemeral
    assert opened.response.embeds[0].description == ANSWER

    await take_back(world, question)
    await world.member.click(message, label="Read the answer")
    assert world.said_wrong()


async def test_an_anonymous_asker_is_named_nowhere(world: World, services: Services, board: Any) -> None:
    asker = Asker(world.guild.id, world.member.id, "mira")
    new = NewQuestion(DOGS, anonymous=True, wish=Wish(Notify.DM))
    question = await services.questions.submit(asker, new)
    note = await answer(world, question)
    shown = [note.response, *board.history(), *world.channel.history(), (await ask(world)).response]
    shown += [(await world.admin.slash(world.channel, "answer history", question=str(question.id))).response]
    opened = await world.admin.click(board.last_message, label="Earlier")
    await world.admin.click(opened.response, label="Later")
    shown.append(opened.response)
    for message in shown:
        said = f"{message.content} {[embed.to_dict() for embed in message.embeds]}"
        assert "mira" not in said
        assert str(world.member.id) not in said
    assert len(dms(world)) == 1


async def test_closed_direct_messages_are_taken_as_they_are(
    world: World, services: Services, board: Any, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", "/users/@me/channels", status=400, code=50007, times=5)
    await answer(world, await asked(world, services))
    await world.env.advance_time(120)
    assert len(list(board.history())) == 1
    assert [entry.path for entry in world.env.http_requests].count("/users/@me/channels") <= 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_where_the_post_was_deleted_nothing_goes_wrong(
    world: World, services: Services, board: Any, caplog: pytest.LogCaptureFixture
) -> None:
    question = await asked(world, services)
    await answer(world, question)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=404, code=10008, times=1)
    await answer(world, question, BETTER, "answer edit")
    await world.env.advance_time(120)
    assert [entry.method for entry in world.env.http_requests].count("PATCH") == 1
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "WARNING"}]


async def test_trouble_of_discord_is_waited_for(
    world: World, services: Services, board: Any, clock: StandingClock
) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await answer(world, await asked(world, services))
    assert not list(board.history())
    for _ in range(3):
        clock.forward(seconds=61)
        await world.env.advance_time(61)
    assert len(list(board.history())) == 1
    assert len(dms(world)) == 1


async def test_a_long_answer_is_posted_in_pages_and_told_in_part(world: World, services: Services, board: Any) -> None:
    question = await asked(world, services)
    await answer(world, question, "Zebras_dream of *many* things. " * 120)
    assert "Next page" in labels(board.last_message)
    (dm,) = dms(world)
    assert "The rest of it" in dm.embeds[0].description


async def test_history_tells_every_version_who_and_when(world: World, services: Services) -> None:
    question = await asked(world, services)
    await answer(world, question)
    await answer(world, question, BETTER, "answer edit")
    await take_back(world, question)
    result = await world.admin.slash(world.channel, "answer history", question=str(question.id))
    assert result.ephemeral
    texts = [result.response.embeds[0].description]
    for _ in range(2):
        await world.admin.click(result.response, label="Earlier")
        texts.append(result.response.embeds[0].description)
    assert all(f"<@{world.admin.id}>" in text and "<t:" in text for text in texts)
    assert [text.splitlines()[-1] for text in texts] == [BETTER, BETTER, ANSWER]
    assert buttons_of(result.response)["Earlier"]["disabled"]


async def test_an_answer_that_cannot_be_used_is_given_back(world: World, services: Services) -> None:
    question = await asked(world, services)
    form = await world.admin.slash(world.channel, "answer publish", question=str(question.id))
    await services.publications.publish(world.guild.id, question.id, ANSWER, True, None)
    refused = await world.admin.submit_modal(form, {"text": BETTER, "quotable": ["yes"]})
    assert world.said_wrong()
    (publication,) = await services.publications.published(world.guild.id)
    assert publication.answer.text == ANSWER
    # Who has read that somebody was faster may insist.
    again = await world.admin.click(refused.response, label="Open it again")
    await world.admin.submit_modal(again, {"text": BETTER, "quotable": ["yes"]})
    (publication,) = await services.publications.published(world.guild.id)
    assert publication.answer.text == BETTER


@pytest.mark.parametrize("command", ["publish", "edit", "retract", "history"])
async def test_what_is_not_there_is_said(world: World, command: str) -> None:
    for wrong in ("999", "zebras"):
        result = await world.admin.slash(world.channel, f"answer {command}", question=wrong)
        assert result.ephemeral
        assert result.modal is None
        assert world.said_wrong()


async def test_only_what_is_published_is_edited_or_taken_back(world: World, services: Services) -> None:
    question = await asked(world, services)
    for command in ("edit", "retract", "history"):
        result = await world.admin.slash(world.channel, f"answer {command}", question=str(question.id))
        assert result.ephemeral
        assert result.modal is None
    assert len(world.said_wrong()) == 3


async def test_the_list_offers_what_fits_the_command(world: World, services: Services) -> None:
    waiting = await asked(world, services)
    done = await asked(world, services, text=f"{DOGS} And horses?")
    await answer(world, done)
    for command, expected in (("publish", {waiting.id}), ("edit", {done.id}), ("retract", {done.id})):
        choices = await world.admin.autocomplete(world.channel, f"answer {command}", "question", "zebras")
        assert {int(choice["value"]) for choice in choices} == expected
    choices = await world.admin.autocomplete(world.channel, "answer history", "question", "")
    assert {int(choice["value"]) for choice in choices} == {waiting.id, done.id}


async def test_it_is_for_admins_and_its_buttons_check_that_again(world: World, services: Services) -> None:
    question = await asked(world, services)
    await answer(world, question)
    with pytest.raises(SetupError):
        await world.member.slash(world.channel, "answer retract", question=str(question.id))
    commands = await world.client.tree.fetch_commands()
    group = next(command for command in commands if command.name == "answer")
    world.guild.set_command_permissions(group, {world.guild.default_role: True})
    for command in ("publish", "edit", "retract", "history"):
        refused = await world.member.slash(world.channel, f"answer {command}", question=str(question.id))
        assert refused.modal is None
        assert refused.ephemeral
    message = await world.in_public(
        button("Take it back", "publication-retract", question.id, "00000000"),
        button("History", "publication-history", question.id, 0),
    )
    for label in ("Take it back", "History"):
        refused = await world.member.click(message, label=label)
        assert not refused.response.embeds
    assert len(await services.publications.published(world.guild.id)) == 1
    assert all(isinstance(error, discord.app_commands.MissingPermissions) for error in world.env.errors)


async def test_another_server_does_not_hear_of_it(world: World, services: Services, board: Any) -> None:
    await answer(world, await asked(world, services))
    other = world.env.create_guild("Others")
    channel = other.create_text_channel("interviews")
    eve = other.add_member(world.env.create_user("eve"))
    await world.env.settle()
    result = await eve.slash(channel, "ask", question=DOGS)
    assert result.ephemeral
    for who, where, count in ((eve, channel, 0), (world.member, world.channel, 1)):
        opened = await who.slash(where, "interview")
        assert opened.response is not None
        assert (opened.response.embeds[0].description or "").count("that readers asked since") == count
