"""Cards for moderators, in a simulated Discord."""

from typing import Any

import discord
import pytest

from bot.client import Fireside
from bot.domain.questions import (
    Asker,
    Event,
    NewQuestion,
    Question,
    QuestionEvent,
    QuestionFilter,
    QuestionRules,
    QuestionState,
)
from bot.services import Services
from bot.services.reviewing import LOOK_EVERY, Card
from bot.storage.questions import cards_of_member
from bot.ui import review
from bot.ui.actions import button
from bot.ui.review import history_embed, question_card
from tests.conftest import StandingClock, World, buttons_of

MILK = "What about milk in tea, before or after?"
DECISIONS = [
    ("review-approve", []),
    ("review-reject", []),
    ("review-reopen", []),
    ("review-merge", []),
    ("review-unmerge", []),
    ("review-mend", []),
    ("review-flag", ["yes"]),
    ("review-history", []),
]


@pytest.fixture
async def room(world: World, services: Services) -> Any:
    """The channel in which the server's moderators review."""
    room = world.guild.create_text_channel("mods")
    await services.questions.set_rules(world.guild.id, QuestionRules(review_channel_id=room.id, a_member=0, a_day=0))
    return room


async def asked(world: World, services: Services, text: str = MILK, **options: Any) -> Question:
    """Return a question after moderators could see it."""
    asker = Asker(world.guild.id, world.member.id, "Mira")
    question = await services.questions.submit(asker, NewQuestion(text, **options))
    services.reviewing.show(world.guild.id, question.id)
    await world.env.settle()
    return question


async def now(world: World, services: Services, question: Question) -> Question:
    return await services.questions.find(world.guild.id, question.id)


def card(room: Any, number: int = 0) -> Any:
    """Return a card in the channel, the newest first."""
    return room.history()[-1 - number]


def text(message: Any) -> str:
    found: str = message.embeds[0].description
    return found


def labels(message: Any) -> list[str]:
    """Return what the buttons of a card are called, in the channel or in the inbox."""
    if not isinstance(message, discord.Message):
        return list(buttons_of(message))
    items = [item for row in message.components if isinstance(row, discord.ActionRow) for item in row.children]
    return [str(item.label) for item in items if isinstance(item, discord.Button)]


async def test_a_new_question_is_shown_with_all_that_counts(world: World, services: Services, room: Any) -> None:
    about = "https://discord.com/channels/1/2/3"
    await asked(world, services, about=about, quoted="Milk goes in first.")
    assert text(card(room)).startswith(MILK)
    for part in ("Mira", "<t:", "the interviewee", "wanted by 1", about, "Milk goes in first."):
        assert part in text(card(room))
    assert labels(card(room)) == ["Approve", "Reject", "Merge", "Edit spelling", "Flag", "History"]
    assert card(room).content == ""


async def test_of_an_anonymous_question_nothing_tells_who_or_at_which_hour(
    world: World, services: Services, room: Any
) -> None:
    question = await asked(world, services, anonymous=True)
    shown = str(card(room).embeds[0].to_dict())
    history = await world.admin.click(card(room), label="History")
    for told in (shown, str(history.response.embeds[0].to_dict())):
        assert "Mira" not in told
        assert str(world.member.id) not in told
        assert "<t:" not in told
        assert "2 March 2026" in told
    await services.questions.withdraw(world.guild.id, world.member.id, question.id)
    late = await world.admin.click(card(room), label="Approve")
    assert "<t:" not in late.followups[0].content


def test_nothing_but_asterisks_fits_a_card_and_its_history(clock: StandingClock) -> None:
    """Each takes two characters of what Discord shows."""
    most = 2**63 - 1
    question = Question(
        most,
        most,
        7,
        "*" * 32,
        None,
        "*" * 1000,
        QuestionState.REJECTED,
        clock.now,
        original="*" * 1000,
        flagged=True,
        reason="*" * 300,
        about=f"https://discord.com/channels/{most}/{most}/{most}",
        quoted="*" * 300,
        wanted_by=10_000,
        reviewed_by=most,
        reviewed_at=clock.now,
    )
    events = [QuestionEvent(clock.now, Event.MENDED, most, "*" * 1000)] * 40
    for embed in (question_card(question, None)[0], history_embed(question, events)):
        assert len(embed.description or "") <= 4096


def test_a_comment_says_that_it_is_one(clock: StandingClock) -> None:
    comment = Question(1, 2, None, None, None, MILK, QuestionState.OPEN, clock.now, origin="Ann")
    embed, _ = question_card(comment, None)
    assert "comment beneath the interview by Ann" in str(embed.description)


async def test_markup_in_a_question_is_shown_as_it_was_typed(world: World, services: Services, room: Any) -> None:
    await asked(world, services, "**Bold** and [click](https://example.org) and @everyone?")
    assert r"\*\*Bold\*\*" in text(card(room))
    assert not card(room).mentions


async def test_each_press_decides_and_shows_what_holds_with_what_undoes_it(
    world: World, services: Services, room: Any
) -> None:
    question = await asked(world, services)
    await world.admin.click(card(room), label="Approve")
    assert (await now(world, services, question)).state is QuestionState.APPROVED
    assert f"<@{world.admin.id}>" in text(card(room))
    assert labels(card(room)) == ["Reopen", "Merge", "Edit spelling", "Flag", "History"]
    await world.admin.click(card(room), label="Reopen")
    assert (await now(world, services, question)).state is QuestionState.OPEN
    await world.admin.click(card(room), label="Flag")
    assert (await now(world, services, question)).flagged
    assert "Flagged" in text(card(room))
    await world.admin.click(card(room), label="Unflag")
    assert not (await now(world, services, question)).flagged
    assert "Approve" in labels(card(room))


async def test_who_asked_is_given_the_reason_of_a_rejection(world: World, services: Services, room: Any) -> None:
    question = await asked(world, services)
    shown = await world.admin.click(card(room), label="Reject")
    await world.admin.submit_modal(shown, {"reason": "It is answered in turn 6."})
    kept = await services.questions.own(world.guild.id, world.member.id, question.id)
    assert (kept.state, kept.reason) == (QuestionState.REJECTED, "It is answered in turn 6.")
    assert "turn 6" in text(card(room))
    assert labels(card(room)) == ["Reopen", "Flag", "History"]
    # Nobody is written to who did not ask for it.
    assert [message for message in world.channel.history() if "turn 6" in str(message.embeds)] == []


async def test_a_reason_of_blanks_is_refused_and_nothing_is_lost(world: World, services: Services, room: Any) -> None:
    question = await asked(world, services)
    shown = await world.admin.click(card(room), label="Reject")
    refused = await world.admin.submit_modal(shown, {"reason": "   "})
    assert refused.ephemeral
    assert (await now(world, services, question)).state is QuestionState.OPEN
    again = await world.admin.click(refused.response, label="Open it again")
    await world.admin.submit_modal(again, {"reason": "Off the topic."})
    assert (await now(world, services, question)).state is QuestionState.REJECTED
    assert "Off the topic." in text(card(room))  # the card too, though another message was answered
    assert world.said_wrong()


async def test_a_question_is_merged_into_one_from_the_list_and_back(
    world: World, services: Services, room: Any
) -> None:
    target = await asked(world, services)
    question = await asked(world, services, "Does milk go into the cup first?")
    await services.questions.want(world.guild.id, world.admin.id, question.id)
    shown = await world.admin.click(card(room), label="Merge")
    await world.admin.submit_modal(shown, {"likely": [str(target.id)]})
    assert (await now(world, services, question)).merged_into == target.id
    assert labels(card(room)) == ["Unmerge", "Flag", "History"]
    assert "wanted by 2" in text(card(room, 1))  # the other card follows
    await world.admin.click(card(room), label="Unmerge")
    assert (await now(world, services, question)).merged_into is None
    assert "wanted by 1" in text(card(room, 1))
    assert "wanted by 2" in text(card(room))


async def test_a_question_is_merged_into_one_whose_number_is_typed(world: World, services: Services, room: Any) -> None:
    target, question = await asked(world, services), await asked(world, services)
    for typed in ("", "twelve", "999999", str(question.id), "9" * 20):
        shown = await world.admin.click(card(room), label="Merge")
        refused = await world.admin.submit_modal(shown, {"number": typed})
        assert refused.ephemeral
    both = {"number": str(target.id), "likely": [str(target.id)]}
    shown = await world.admin.click(card(room), label="Merge")
    await world.admin.submit_modal(shown, both)
    assert (await now(world, services, question)).merged_into == target.id
    assert len(world.said_wrong()) == 5


async def test_the_only_question_has_none_to_merge_into_in_the_list(
    world: World, services: Services, room: Any
) -> None:
    await asked(world, services)
    shown = await world.admin.click(card(room), label="Merge")
    assert [field["component"]["custom_id"] for field in shown.modal["components"]] == ["number"]


async def test_the_form_opens_in_time_though_the_list_takes_long(
    world: World, services: Services, room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(world, services)
    await asked(world, services)
    monkeypatch.setattr(review, "LIST_SECONDS", 0)
    shown = await world.admin.click(card(room), label="Merge")
    assert [field["component"]["custom_id"] for field in shown.modal["components"]] == ["number"]


async def test_spelling_is_mended_and_what_was_asked_is_kept(world: World, services: Services, room: Any) -> None:
    question = await asked(world, services, "wat about milk in tea??")
    shown = await world.admin.click(card(room), label="Edit spelling")
    assert shown.modal["components"][0]["component"]["value"] == "wat about milk in tea??"
    await world.admin.submit_modal(shown, {"text": "What about milk in tea?"})
    kept = await now(world, services, question)
    assert (kept.text, kept.original) == ("What about milk in tea?", "wat about milk in tea??")
    assert "wat about" in text(card(room))


async def test_of_two_who_mend_the_second_is_told_and_keeps_what_they_typed(
    world: World, services: Services, room: Any
) -> None:
    question = await asked(world, services)
    one, other = [await world.admin.click(card(room), label="Edit spelling") for _ in range(2)]
    await world.admin.submit_modal(other, {"text": "What about milk in green tea?"})
    refused = await world.admin.submit_modal(one, {"text": "What about milk in black tea?"})
    assert (await now(world, services, question)).text == "What about milk in green tea?"
    again = await world.admin.click(refused.response, label="Open it again")
    assert again.modal["components"][0]["component"]["value"] == "What about milk in black tea?"
    await world.admin.submit_modal(again, {"text": "What about milk in black tea?"})
    assert (await now(world, services, question)).text == "What about milk in black tea?"
    assert world.said_wrong()


async def test_the_second_of_two_moderators_sees_what_the_first_did(
    world: World, services: Services, room: Any
) -> None:
    other = world.guild.add_member(world.env.create_user("ada"), roles=[world.guild.roles["Admins"]])
    question = await asked(world, services)
    form = await other.click(card(room), label="Reject")
    # The card as somebody still has it before them.
    stale = await world.in_public(button("Approve", "review-approve", question.id))
    await world.admin.click(card(room), label="Approve")
    late = await other.submit_modal(form, {"reason": "Off the topic."})
    later = await other.click(stale, label="Approve")
    for result in (late, later):
        assert result.followups[0].ephemeral
        assert f"<@{world.admin.id}>" in result.followups[0].content
    assert (await now(world, services, question)).state is QuestionState.APPROVED
    assert "Reopen" in labels(card(room))
    assert len(await services.questions.history(world.guild.id, question.id)) == 2


async def test_nobody_approves_words_that_they_have_not_seen(world: World, services: Services) -> None:
    question = await asked(world, services)
    opened = await world.admin.slash(world.channel, "inbox", number=question.id)
    changed = "What do you think of my own book instead?"
    await services.questions.edit(Asker(world.guild.id, world.member.id, "Mira"), question.id, changed)
    pressed = await world.admin.click(opened.response, label="Approve")
    assert (await now(world, services, question)).state is QuestionState.OPEN
    assert changed in text(opened.response)
    assert pressed.followups
    await world.admin.click(opened.response, label="Approve")
    assert (await now(world, services, question)).state is QuestionState.APPROVED


@pytest.mark.parametrize(("name", "arguments"), DECISIONS)
async def test_a_button_that_a_member_gets_hold_of_is_refused(
    world: World, services: Services, name: str, arguments: list[str]
) -> None:
    question = await asked(world, services)
    before = await services.questions.history(world.guild.id, question.id)
    message = await world.in_public(button("Press", name, question.id, *arguments))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert "manage this server" in result.response.content
    assert await services.questions.history(world.guild.id, question.id) == before
    assert world.said_wrong()


@pytest.mark.parametrize(
    ("label", "filled"),
    [
        ("Approve", None),
        ("Flag", None),
        ("Reject", {"reason": "No."}),
        ("Merge", {"number": "1"}),
        ("Edit spelling", {"text": "What about milk in green tea?"}),
    ],
)
async def test_a_moderator_who_lost_the_right_decides_no_more(
    world: World, services: Services, room: Any, label: str, filled: dict[str, str] | None
) -> None:
    question = await asked(world, services)
    shown = await world.admin.click(card(room), label=label) if filled is not None else None
    world.env.backend.remove_member_role(world.guild.id, world.admin.id, world.guild.roles["Admins"].id)
    if shown is not None and filled is not None:
        refused = await world.admin.submit_modal(shown, filled)
    else:
        refused = await world.admin.click(card(room), label=label)
    assert refused.ephemeral
    assert await now(world, services, question) == question
    assert world.said_wrong()


async def test_no_button_reaches_into_another_server(world: World, services: Services) -> None:
    elsewhere = await services.questions.submit(Asker(1, 2, "Ann"), NewQuestion(MILK))
    message = await world.in_public(button("Press", "review-approve", elsewhere.id))
    refused = await world.admin.click(message, label="Press")
    assert refused.ephemeral
    assert (await services.questions.find(1, elsewhere.id)).state is QuestionState.OPEN
    assert world.said_wrong()


async def test_history_names_who_did_what_and_stays_private(world: World, services: Services, room: Any) -> None:
    await asked(world, services)
    await world.admin.click(card(room), label="Approve")
    result = await world.admin.click(card(room), label="History")
    assert result.ephemeral
    told = text(result.response)
    assert told.index("asked") < told.index("approved") < told.index(f"<@{world.admin.id}>")


async def test_a_card_that_is_gone_keeps_nobody_from_deciding(world: World, services: Services, room: Any) -> None:
    question = await asked(world, services)
    await world.client.get_partial_messageable(room.id).get_partial_message(card(room).id).delete()
    result = await world.admin.slash(world.channel, "inbox", number=question.id)
    await world.admin.click(result.response, label="Approve")
    assert "Reopen" in labels(result.response)
    assert room.history() == []


async def test_the_card_of_a_deleted_question_goes_and_one_that_is_gone_is_no_error(
    world: World, services: Services, room: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await asked(world, services)
    async with services.reviewing._database.read() as connection:
        cards = [Card(*row) for row in await cards_of_member(connection, world.member.id)]
    await services.privacy.forget(world.member.id, with_questions=True)
    for _ in range(2):
        services.reviewing.refresh(cards)
        await world.env.settle()
    assert room.history() == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_who_deletes_what_is_kept_of_them_is_on_no_card_any_more(
    world: World, services: Services, room: Any
) -> None:
    await asked(world, services)
    message = await world.in_public(button("Press", "privacy-confirm", "keep"))
    await world.member.click(message, label="Press")
    assert "Mira" not in text(card(room))
    assert text(card(room)).startswith(MILK)


async def test_a_decision_in_the_inbox_is_shown_on_the_card(world: World, services: Services, room: Any) -> None:
    question = await asked(world, services)
    result = await world.admin.slash(world.channel, "inbox", number=question.id)
    await world.admin.click(result.response, label="Approve")
    assert "Reopen" in labels(card(room))
    await world.admin.click(card(room), label="Reopen")
    again = await world.admin.slash(world.channel, "inbox", number=question.id)
    assert "Approve" in labels(again.response)


async def test_buttons_outlive_a_restart_and_no_card_is_doubled(world: World, services: Services, room: Any) -> None:
    question = await asked(world, services)
    await world.restart(Fireside(services, shard_count=1))
    await world.env.settle()
    assert len(room.history()) == 1
    await world.admin.click(card(room), label="Approve")
    assert (await now(world, services, question)).state is QuestionState.APPROVED


async def test_what_was_asked_without_the_permission_is_shown_once_it_is_there(
    world: World, services: Services, clock: StandingClock
) -> None:
    closed = discord.PermissionOverwrite(send_messages=False)
    room = world.guild.create_text_channel("closed", overwrites={world.guild.default_role: closed})
    await services.questions.set_rules(world.guild.id, QuestionRules(review_channel_id=room.id))
    question = await asked(world, services)
    listed = await services.questions.listed(world.guild.id, QuestionFilter())
    assert [each.id for each in listed.questions] == [question.id]
    # What Discord would refuse is not even tried.
    assert not [entry for entry in world.env.http_requests if str(room.id) in entry.path and entry.method == "POST"]

    allowed = discord.PermissionOverwrite(send_messages=True)
    await world.client.get_channel(room.id).set_permissions(world.client.guilds[0].me, overwrite=allowed)  # type: ignore[union-attr]
    clock.now += LOOK_EVERY
    await world.env.advance_time(LOOK_EVERY.total_seconds() + 1)
    assert text(card(room)).startswith(MILK)


async def test_a_channel_that_is_gone_loses_no_question(world: World, services: Services, clock: StandingClock) -> None:
    await services.questions.set_rules(world.guild.id, QuestionRules(review_channel_id=5))
    question = await asked(world, services)
    result = await world.admin.slash(world.channel, "inbox", number=question.id)
    assert text(result.response).startswith(MILK)


async def test_a_card_has_a_name_by_which_discord_knows_a_repeated_send(
    world: World, services: Services, room: Any
) -> None:
    question = await asked(world, services)
    (sent,) = [entry for entry in world.env.http_requests if str(room.id) in entry.path and entry.method == "POST"]
    assert sent.json is not None
    assert (sent.json["nonce"], sent.json["enforce_nonce"]) == (f"q{question.id}", True)


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10008)])
async def test_a_card_that_discord_shows_no_more_costs_a_press_nothing(
    world: World, services: Services, room: Any, status: int, code: int
) -> None:
    question = await asked(world, services)
    world.env.inject_error("PATCH", f"/channels/{room.id}/*", status=status, code=code, message="Gone")
    result = await world.admin.slash(world.channel, "inbox", number=question.id)
    await world.admin.click(result.response, label="Approve")
    assert "Reopen" in labels(result.response)


async def test_a_channel_that_discord_refuses_is_left_alone_for_a_while(
    world: World, services: Services, room: Any, clock: StandingClock
) -> None:
    world.env.inject_error("POST", f"/channels/{room.id}/*", status=403, code=50013, message="Missing Permissions")
    await asked(world, services)
    assert room.history() == []
    clock.now += LOOK_EVERY
    await world.env.advance_time(LOOK_EVERY.total_seconds() + 1)
    assert len(room.history()) == 1
