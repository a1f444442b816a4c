"""`/question ask` in a simulated Discord."""

from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord import SetupError

from bot.client import Fireside
from bot.domain.drafts import DraftKey
from bot.domain.questions import Notify, QuestionRules, Recipient, Wish
from bot.errors import NotFoundError
from bot.services import Services
from bot.ui.questions import FORM
from tests.asking import ANSWERED, PIANO, PROUD, ask, chosen_in, fields_of, filled, put, said, stored
from tests.conftest import StandingClock, World, buttons_of
from tests.samples import bundled, interview

MENU = "Ask the author about this"


async def rules(world: World, services: Services, **other: Any) -> None:
    await services.questions.set_rules(world.guild.id, replace(QuestionRules(), **other))


class TestForm:
    async def test_nothing_near_is_stored_at_once_and_as_it_was_filled_in(
        self, world: World, services: Services
    ) -> None:
        thanks = await ask(world, world.member, PROUD, notify="channel")
        (question,) = await stored(world, services, world.member)
        assert thanks.ephemeral
        assert "/question mine" in said(thanks).embeds[0].description
        assert (question.text, question.member_name) == (PROUD, "mira")
        assert question.wish == Wish(Notify.CHANNEL, world.channel.id)
        assert question.recipient is Recipient.INTERVIEWEE

    async def test_who_asks_anonymously_leaves_no_name(self, world: World, services: Services) -> None:
        await ask(world, world.member, PROUD, name="anonymous", notify="dm")
        (question,) = await stored(world, services, world.member)
        assert question.member_name is None
        assert question.asked_by is None
        assert question.wish == Wish(Notify.DM)

    async def test_a_mention_would_show_who_asks_anonymously(self, world: World, services: Services) -> None:
        refused = await ask(world, world.member, PROUD, name="anonymous", notify="channel")
        assert await stored(world, services, world.member) == []
        again = await world.member.click(said(refused), label="Open it again")
        assert chosen_in(fields_of(again)["name"]) == ["anonymous"]
        assert chosen_in(fields_of(again)["notify"]) == ["channel"]
        assert world.said_wrong()

    async def test_whom_it_is_for_is_asked_only_where_both_take_questions(
        self, world: World, services: Services
    ) -> None:
        form = await world.member.slash(world.channel, "question ask")
        assert set(fields_of(form)) == {"question", "name", "notify"}

        await rules(world, services, recipients=(Recipient.INTERVIEWEE, Recipient.HOST))
        form = await world.member.slash(world.channel, "question ask")
        labels = [option["label"] for option in fields_of(form)["recipient"]["options"]]
        assert labels == ["François Chollet", "Adrian Rosebrock"]
        await world.member.submit_modal(form, filled(PROUD, recipient="host"))

        await rules(world, services, recipients=(Recipient.HOST,))
        await ask(world, world.member, PIANO)
        assert [question.recipient for question in await stored(world, services, world.member)] == [Recipient.HOST] * 2

    async def test_of_several_interviews_one_is_chosen_unless_a_button_says_which(
        self, world: World, services: Services
    ) -> None:
        await services.interviews.load([interview("tea"), interview("coffee")])
        await rules(world, services, recipients=(Recipient.INTERVIEWEE, Recipient.HOST))
        form = await world.member.slash(world.channel, "question ask")
        assert len(form.modal["components"]) == 5
        assert [option["label"] for option in fields_of(form)["recipient"]["options"]][1] == "The host"
        await world.member.submit_modal(form, filled(PROUD, recipient="host", interview=["coffee"]))
        (question,) = await stored(world, services, world.member)
        assert question.interview == "coffee"

        none = await world.member.slash(world.channel, "ask", question="best recipe for sourdough pancakes")
        form = await world.member.click(none.response, label="Ask the author")
        assert fields_of(form)["question"]["value"] == "best recipe for sourdough pancakes"

        sure = await world.member.slash(world.channel, "ask", question="why did he make keras")
        others = await world.member.click(sure.response, label="Not this?")
        label = next(label for label in buttons_of(said(others)) if "sk the author" in label)
        form = await world.member.click(said(others), label=label)
        assert "interview" not in fields_of(form)
        await world.member.submit_modal(form, filled(PIANO, recipient="host"))
        assert (await stored(world, services, world.member))[0].interview == "francois-chollet"

    async def test_a_form_that_was_open_during_a_restart_is_not_lost(self, world: World, services: Services) -> None:
        form = await world.member.slash(world.channel, "question ask")
        await world.restart(Fireside(services, shard_count=1))
        await world.member.submit_modal(form, filled(PROUD))
        assert [question.text for question in await stored(world, services, world.member)] == [PROUD]

    async def test_what_is_only_blanks_is_refused_and_nothing_is_kept(self, world: World, services: Services) -> None:
        refused = await ask(world, world.member, " " * 40)
        assert refused.ephemeral
        assert await stored(world, services, world.member) == []
        assert world.said_wrong()

    async def test_a_refusal_gives_the_words_back_until_they_are_taken(
        self, world: World, services: Services, clock: StandingClock
    ) -> None:
        await rules(world, services, a_member=1)
        await ask(world, world.member, PROUD)
        refused = await ask(world, world.member, PIANO, name="anonymous")
        assert len(await stored(world, services, world.member)) == 1

        clock.forward(days=2)
        await world.restart(Fireside(services, shard_count=1))
        again = await world.member.click(said(refused), label="Open it again")
        assert fields_of(again)["question"]["value"] == PIANO
        assert chosen_in(fields_of(again)["name"]) == ["anonymous"]
        await world.member.submit_modal(again, filled(PIANO))
        assert (await stored(world, services, world.member))[0].text == PIANO
        with pytest.raises(NotFoundError):
            await services.drafts.find(DraftKey(world.member.id, world.guild.id, FORM))
        assert world.said_wrong()

    async def test_a_closed_box_and_a_blocked_member_lose_no_words(
        self, world: World, services: Services, clock: StandingClock
    ) -> None:
        await rules(world, services, closes_at=clock.now)
        await services.questions.block(world.guild.id, world.admin.id, world.member.id)
        for who in (world.member, world.admin):
            refused = await ask(world, who, PROUD)
            again = await who.click(said(refused), label="Open it again")
            assert fields_of(again)["question"]["value"] == PROUD
            assert await stored(world, services, who) == []
        assert world.said_wrong()

    async def test_in_a_direct_message_there_is_no_form(self, world: World) -> None:
        somebody = world.env.create_user("ada")
        with pytest.raises(SetupError):
            await somebody.slash("question ask")


class TestAboutAMessage:
    async def test_it_is_quoted_with_its_link(self, world: World, services: Services) -> None:
        message = await world.admin.send(world.channel, "Transformers " + "are not enough " * 30)
        form = await world.member.context_menu(world.channel, MENU, message)
        await world.restart(Fireside(services, shard_count=1))
        await world.member.submit_modal(form, filled(PROUD))
        (question,) = await stored(world, services, world.member)
        assert question.about == message.jump_url
        assert question.quoted is not None
        assert question.quoted.startswith("Transformers are not enough")
        assert len(question.quoted) <= 300
        key = DraftKey(world.member.id, world.guild.id, f"question-about-{message.id}")
        with pytest.raises(NotFoundError):
            await services.drafts.find(key)

    async def test_the_quote_survives_a_refusal_and_what_comes_near(self, world: World, services: Services) -> None:
        message = await world.admin.send(world.channel, "Transformers are not enough.")
        form = await world.member.context_menu(world.channel, MENU, message)
        refused = await world.member.submit_modal(form, filled(ANSWERED, name="anonymous", notify="channel"))
        again = await world.member.click(said(refused), label="Open it again")
        near = await world.member.submit_modal(again, filled(ANSWERED))
        await world.member.click(said(near), label="Ask all the same")
        (question,) = await stored(world, services, world.member)
        assert (question.about, question.quoted) == (message.jump_url, "Transformers are not enough.")
        assert world.said_wrong()

    async def test_of_the_bots_own_messages_the_embed_is_quoted_and_a_picture_is_only_linked(
        self, world: World, services: Services
    ) -> None:
        channel = world.client.get_partial_messageable(world.channel.id)
        for number, embeds in enumerate(([discord.Embed(description="> A quote")], [discord.Embed(title="x")])):
            message = await channel.send(embeds=embeds)
            form = await world.member.context_menu(world.channel, MENU, message)
            await world.member.submit_modal(form, filled((PROUD, PIANO)[number]))
        picture, quote = await stored(world, services, world.member)
        assert quote.quoted == "> A quote"
        assert picture.quoted is None
        assert picture.about is not None


class TestNear:
    async def test_what_the_interview_answers_is_shown_before_anything_is_stored(
        self, world: World, services: Services
    ) -> None:
        near = await ask(world, world.member, ANSWERED)
        assert near.ephemeral
        text = said(near).embeds[0].description
        assert "Turn 12" in text
        assert bundled().exchanges[5].question in text
        assert "François Chollet" in text
        assert list(buttons_of(said(near))) == ["That helps", "Ask all the same"]
        assert await stored(world, services, world.member) == []

        await world.member.click(said(near), label="That helps")
        assert await stored(world, services, world.member) == []
        assert buttons_of(said(near)) == {}

    async def test_two_presses_store_one_question_after_a_restart_too(self, world: World, services: Services) -> None:
        near = await ask(world, world.member, ANSWERED, name="anonymous", notify="dm")
        identity = buttons_of(said(near))["Ask all the same"]["custom_id"]
        copy = await world.in_public(discord.ui.Button(label="Again", custom_id=identity))
        await world.restart(Fireside(services, shard_count=1))
        await world.member.click(said(near), label="Ask all the same")
        second = await world.member.click(copy, label="Again")
        (question,) = await stored(world, services, world.member)
        assert (question.text, question.member_name, question.wish) == (ANSWERED, None, Wish(Notify.DM))
        assert second.ephemeral
        assert world.said_wrong()

    async def test_two_forms_are_two_drafts(self, world: World, services: Services) -> None:
        one = await ask(world, world.member, ANSWERED)
        other = await ask(world, world.member, "Why did you create Keras?")
        await world.member.click(said(one), label="Ask all the same")
        assert [question.text for question in await stored(world, services, world.member)] == [ANSWERED]
        await world.member.click(said(other), label="Ask all the same")
        assert len(await stored(world, services, world.member)) == 2

    async def test_a_refusal_of_what_is_sent_all_the_same_gives_the_form_back(
        self, world: World, services: Services, clock: StandingClock
    ) -> None:
        near = await ask(world, world.member, ANSWERED)
        await rules(world, services, closes_at=clock.now)
        refused = await world.member.click(said(near), label="Ask all the same")
        assert await stored(world, services, world.member) == []
        again = await world.member.click(said(refused), label="Open it again")
        assert fields_of(again)["question"]["value"] == ANSWERED
        assert world.said_wrong()

    async def test_what_others_asked_is_offered_without_their_names(self, world: World, services: Services) -> None:
        await put(world, services, world.admin, PROUD, anonymous=True)
        near = await ask(world, world.member, PROUD, notify="dm")
        text = said(near).embeds[0].description
        assert PROUD in text
        assert "The Name" not in text
        assert str(world.admin.id) not in text
        assert list(buttons_of(said(near))) == ["1. Me too", "Mine is different: send it"]

    async def test_me_too_counts_the_person_and_keeps_their_wish(self, world: World, services: Services) -> None:
        question = await put(world, services, world.admin, PROUD)
        near = await ask(world, world.member, PROUD, notify="dm")
        await world.restart(Fireside(services, shard_count=1))
        await world.member.click(said(near), label="1. Me too")
        assert (await services.questions.find(world.guild.id, question.id)).wanted_by == 2
        assert await stored(world, services, world.member) == []

        await world.member.click(said(near), label="Not me any more")
        assert (await services.questions.find(world.guild.id, question.id)).wanted_by == 1

    async def test_mine_is_different_is_stored_beside_it(self, world: World, services: Services) -> None:
        await put(world, services, world.admin, PROUD)
        near = await ask(world, world.member, PROUD)
        await world.member.click(said(near), label="Mine is different: send it")
        assert [question.text for question in await stored(world, services, world.member)] == [PROUD]

    async def test_ones_own_question_is_named_as_such_and_needs_no_me_too(
        self, world: World, services: Services
    ) -> None:
        await put(world, services, world.member, PROUD)
        near = await ask(world, world.member, PROUD)
        assert list(buttons_of(said(near))) == ["Mine is different: send it"]

    async def test_both_are_one_message(self, world: World, services: Services) -> None:
        await put(world, services, world.admin, ANSWERED)
        near = await ask(world, world.member, ANSWERED)
        assert list(buttons_of(said(near))) == ["1. Me too", "That helps", "Ask all the same"]

    async def test_a_blocked_member_says_no_me_too_either(self, world: World, services: Services) -> None:
        question = await put(world, services, world.admin, PROUD)
        await services.questions.block(world.guild.id, world.member.id, world.admin.id)
        near = await ask(world, world.member, PROUD)
        refused = await world.member.click(said(near), label="1. Me too")
        assert refused.ephemeral
        assert (await services.questions.find(world.guild.id, question.id)).wanted_by == 1
        assert world.said_wrong()

    async def test_somebody_else_can_use_none_of_its_buttons(self, world: World, services: Services) -> None:
        near = await ask(world, world.member, ANSWERED)
        identity = buttons_of(said(near))["Ask all the same"]["custom_id"]
        copy = await world.in_public(discord.ui.Button(label="Mine now", custom_id=identity))
        await world.admin.click(copy, label="Mine now")
        assert await stored(world, services, world.admin) == []
        assert world.said_wrong()


async def test_a_form_is_never_filled_in_with_less_than_it_asks_for(world: World) -> None:
    nothing = await world.member.slash(world.channel, "ask", question="Why zebras?")
    form = await world.member.click(nothing.response, label="Ask the author")
    field = fields_of(form)["question"]
    assert field["value"] == "Why zebras?"
    assert field.get("min_length", 0) <= len(field["value"])


async def test_thanks_that_discord_does_not_take_cost_no_question_and_double_none(
    world: World, services: Services
) -> None:
    world.env.inject_error("POST", "/webhooks/*", status=500, times=9)
    await ask(world, world.member, PROUD)
    assert [question.text for question in await stored(world, services, world.member)] == [PROUD]
    with pytest.raises(NotFoundError):
        await services.drafts.find(DraftKey(world.member.id, world.guild.id, FORM))
