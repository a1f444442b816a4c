"""`/quote` and `/about` in a simulated Discord."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot import __version__
from bot.client import Fireside
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.interviews import ChosenQuotes, Interview, checksum
from bot.domain.quotes import Quote, find_quotes
from bot.domain.text import excerpt
from bot.services import Services
from bot.services.deliveries import Today
from bot.services.quotes import Context, QuoteRef, SourcedQuote
from bot.storage.database import Database
from bot.storage.favourites import add_favourite
from bot.ui.actions import MAX_CUSTOM_ID, button
from bot.ui.quotes import LISTED_LENGTH, context_page, found_page, quote_buttons, quote_page, today_page
from tests.conftest import StandingClock, World, buttons_of
from tests.samples import TEA, bundled, interview

TROLLS = "I think different people can behave like trolls for different reasons."
BUTTONS = ["Read in context", "Ask about this"]


def selects_of(message: Any) -> dict[str, dict[str, Any]]:
    """Return the selects of a message as Discord has them, by placeholder."""
    rows = message.components
    return {item["placeholder"]: item for row in rows for item in row["components"] if item["type"] == 3}


async def pick(actor: Any, message: Any, placeholder: str, number: int = 0) -> Any:
    select = selects_of(message)[placeholder]
    return await actor.select(message, [select["options"][number]["value"]], custom_id=select["custom_id"])


def heart_of(message: Any) -> str:
    return next(label for label in buttons_of(message) if label.startswith("♥"))


def troll_quote() -> Quote:
    return Quote(bundled().id, "t22", TROLLS)


def ref(quote: Quote) -> QuoteRef:
    return QuoteRef(quote.interview, quote.turn, quote.key)


async def show(world: World, quote: Quote) -> Any:
    """Return a public message with a quote, as the daily one is."""
    embed, view = quote_page(SourcedQuote(quote, bundled()))
    return await world.client.get_partial_messageable(world.channel.id).send(embed=embed, view=view)


def altered(text: str) -> Interview:
    """Return the bundled interview with a sentence said otherwise."""
    turns = tuple(
        turn.model_copy(update={"text": changed, "sha256": checksum(changed)})
        for turn in bundled().turns
        for changed in [turn.text.replace(text, "He said something else.")]
    )
    return bundled().model_copy(update={"turns": turns, "quotes": ChosenQuotes()})


class TestShow:
    async def test_a_quote_is_verbatim_with_its_speaker_and_turn(self, world: World, services: Services) -> None:
        interview = (await services.interviews.library()).interview()
        answers = [interview.answer(exchange) for exchange in interview.exchanges]
        for _ in range(20):
            result = await world.member.slash(world.channel, "quote show")
            embed = result.response.embeds[0]
            quote = embed.description.removeprefix("> ").replace("\\", "")
            assert any(excerpt(answer, quote) for answer in answers)
            assert "François Chollet · turn" in embed.footer.text

    async def test_everybody_sees_it_with_the_same_buttons_as_the_daily_one(
        self, world: World, clock: StandingClock
    ) -> None:
        result = await world.member.slash(world.channel, "quote show")
        assert not result.ephemeral
        assert list(buttons_of(result.response)) == [*BUTTONS, "♥"]

        await post_daily(world, clock)
        assert [label for row in world.channel.last_message.components for label in _labels(row)] == [*BUTTONS, "♥"]

    def test_keys_as_long_as_they_may_be_fit_the_buttons(self) -> None:
        long = interview(key="k" * 32)
        turns = tuple(turn.model_copy(update={"id": f"{turn.id:x<32}"}) for turn in long.turns)
        sourced = SourcedQuote(Quote(long.id, turns[1].id, TEA[0]), long.model_copy(update={"turns": turns}))
        share = button("Share here", "quote-share", *sourced.ref)
        assert all(len(str(each.custom_id)) <= MAX_CUSTOM_ID for each in [*quote_buttons(sourced), share])

    def test_a_quote_whose_turn_is_gone_is_still_shown(self) -> None:
        embed, view = quote_page(SourcedQuote(Quote("tea", "a9", "Tea is hot."), interview()))
        assert embed.description == "> Tea is hot."
        assert embed.footer.text == "The Kettle"
        assert [getattr(item, "disabled", None) for item in view.children] == [True, True, False]


def _labels(row: Any) -> list[str]:
    children = row["components"] if isinstance(row, dict) else row.children
    return [child["label"] if isinstance(child, dict) else child.label for child in children]


class TestContext:
    async def test_it_opens_for_who_presses_at_the_page_with_the_passage_in_bold(self, world: World) -> None:
        for quote in find_quotes(bundled()):
            message = await show(world, quote)
            opened = await world.admin.click(message, label="Read in context")
            embed = opened.response.embeds[0]
            assert opened.ephemeral
            (bold,) = re.findall(r"\*\*(.+?)\*\*", embed.description.replace("\\", ""), re.DOTALL)
            assert bold in quote.text
            number = bundled().number(quote.turn)
            assert f"turn {number} of 24" in embed.footer.text
            assert not {"Not this?", "Why?"} & set(buttons_of(opened.response))

    async def test_its_pages_are_turned_and_nobody_is_told_why_it_is_the_answer(self, world: World) -> None:
        trouble = "The way I see it, it’s the research community that’s in trouble."
        message = await show(world, Quote(bundled().id, "t16", trouble))
        opened = await world.member.click(message, label="Read in context")
        before = opened.response.embeds[0].footer.text
        turn = next(label for label in buttons_of(opened.response) if label.endswith("page"))
        await world.member.click(opened.response, label=turn)
        assert opened.response.embeds[0].footer.text != before
        assert not {"Not this?", "Why?"} & set(buttons_of(opened.response))

        # Messages from before these were left out still have them.
        old = await world.in_public(button("Why?", "answer-why", bundled().id, bundled().exchanges[10].id))
        told = await world.member.click(old, label="Why?")
        assert told.ephemeral
        assert world.said_wrong()

    async def test_after_the_words_have_changed_it_still_opens_without_them(
        self, world: World, services: Services
    ) -> None:
        message = await show(world, troll_quote())
        await services.interviews.load([altered(TROLLS)])
        opened = await world.member.click(message, label="Read in context")
        assert "turn 22 of 24" in opened.response.embeds[0].footer.text
        assert "**" not in opened.response.embeds[0].description

    async def test_a_turn_that_answers_in_no_exchange_opens_in_the_reader(
        self, world: World, services: Services
    ) -> None:
        tea = interview().model_copy(update={"exchanges": ()})
        await services.interviews.load([tea])
        quote = Quote("tea", "a2", TEA[1])
        embed, view = quote_page(SourcedQuote(quote, tea))
        message = await world.client.get_partial_messageable(world.channel.id).send(embed=embed, view=view)
        opened = await world.member.click(message, label="Read in context")
        assert opened.ephemeral
        assert opened.response.embeds[0].description == TEA[1]
        form = await world.member.click(message, label="Ask about this")
        assert form.modal["components"][0]["component"]["placeholder"]

    def test_a_passage_over_two_pages_opens_where_it_begins(self) -> None:
        filler = " ".join(["The kettle sings and sings."] * 60)
        passage = "Then the tea is poured slowly. " + " ".join(["It goes on."] * 90)
        long = interview(answers=[f"{filler} {passage}"])
        place = Context(long, long.turns[1], long.exchanges[0], Quote(long.id, long.turns[1].id, passage))
        embed, _ = context_page(place, in_server=True)
        assert "**Then the tea is poured slowly.**" in str(embed.description)

        unasked = interview(answers=[f"{filler} Then the tea is poured."]).model_copy(update={"exchanges": ()})
        place = Context(
            unasked, unasked.turns[1], None, Quote(unasked.id, unasked.turns[1].id, "Then the tea is poured.")
        )
        embed, _ = context_page(place, in_server=True)
        assert "Then the tea is poured." in str(embed.description)

    async def test_a_turn_that_is_gone_is_said(self, world: World) -> None:
        message = await world.in_public(button("Read in context", "quote-context", "tea", "a1", "0" * 16))
        result = await world.member.click(message, label="Read in context")
        assert result.ephemeral
        assert world.said_wrong()


class TestAskAbout:
    async def test_the_form_shows_the_hosts_question_and_answers_as_ask_does(
        self, world: World, services: Services
    ) -> None:
        message = await show(world, troll_quote())
        form = await world.member.click(message, label="Ask about this")
        field = form.modal["components"][0]["component"]
        assert not field.get("value")
        assert field["placeholder"].rstrip("…") in bundled().exchanges[10].question
        assert len(field["placeholder"]) <= 100

        result = await world.member.submit_modal(form, {"question": "how do i handel trols"})
        assert not result.ephemeral
        assert "turn 22 of 24" in result.response.embeds[0].footer.text
        assert result.response.embeds[0].footer.text.endswith("how do i handel trols")

        await services.guilds.set_answers_private(world.guild.id, private=True)
        form = await world.member.click(message, label="Ask about this")
        result = await world.member.submit_modal(form, {"question": "how do i handel trols"})
        assert result.ephemeral

    async def test_what_finds_nothing_is_kept_as_with_ask(self, world: World, services: Services) -> None:
        message = await show(world, troll_quote())
        form = await world.member.click(message, label="Ask about this")
        result = await world.member.submit_modal(form, {"question": "best recipe for sourdough pancakes"})
        assert result.ephemeral
        (entry,) = (await services.gaps.page(world.guild.id, 0)).gaps
        assert entry.gap.text == "best recipe for sourdough pancakes"


class TestHeart:
    async def test_two_members_press_it_and_one_takes_it_back(self, world: World, services: Services) -> None:
        message = await world.member.slash(world.channel, "quote show")
        shown = message.response
        for actor, label in ((world.member, "♥ 1"), (world.admin, "♥ 2"), (world.member, "♥ 1"), (world.admin, "♥")):
            await actor.click(shown, label=heart_of(shown))
            assert list(buttons_of(shown)) == [*BUTTONS, label]
        assert len(list(world.channel.history())) == 1
        assert (await services.favourites.page(world.member.id, 0)).kept == ()

    async def test_it_works_after_a_restart_and_counts_what_other_messages_show(
        self, world: World, services: Services
    ) -> None:
        first, second = await show(world, troll_quote()), await show(world, troll_quote())
        await world.member.click(first, label="♥")
        await world.restart(Fireside(services, shard_count=1))
        await world.admin.click(second, label="♥")
        (kept,) = (await services.favourites.page(world.admin.id, 0)).kept
        assert kept.favourite.quote == troll_quote()
        assert (await services.favourites.counted(SourcedQuote(troll_quote(), bundled()))).favourites == 2

    async def test_what_else_is_under_the_message_stays(self, world: World) -> None:
        message = await world.in_public(*quote_buttons(SourcedQuote(troll_quote(), bundled())), button("Card", "x"))
        result = await world.member.click(message, label="♥")
        assert not result.ephemeral
        assert _labels(world.channel.last_message.components[0]) == [*BUTTONS, "♥ 1", "Card"]

    async def test_a_quote_that_is_gone_after_a_reload_is_taken_back_but_not_kept(
        self, world: World, services: Services
    ) -> None:
        message = await show(world, troll_quote())
        await world.member.click(message, label="♥")
        await services.interviews.load([altered(TROLLS)])

        refused = await world.admin.click(message, label=_labels(world.channel.last_message.components[0])[-1])
        assert refused.ephemeral
        assert "no longer" in refused.response.content
        assert world.said_wrong()

        shelf = await world.member.slash(world.channel, "quote favourites")
        assert "behave like trolls" in shelf.response.embeds[0].description
        await world.member.click(message, label=_labels(world.channel.last_message.components[0])[-1])
        assert (await services.favourites.page(world.member.id, 0)).kept == ()


class TestShelf:
    async def test_it_is_private_and_ones_own(self, world: World, services: Services) -> None:
        await services.favourites.toggle(world.member.id, ref(troll_quote()))
        own = await world.member.slash(world.channel, "quote favourites")
        other = await world.admin.slash(world.channel, "quote favourites")
        assert own.ephemeral
        assert other.ephemeral
        assert "behave like trolls" in own.response.embeds[0].description
        assert "François Chollet · turn 22 of 24" in own.response.embeds[0].description
        assert "behave like trolls" not in other.response.embeds[0].description
        assert not other.response.components

    async def test_pages_are_turned_and_favourites_opened_and_removed(
        self, world: World, services: Services, clock: StandingClock
    ) -> None:
        quotes = find_quotes(bundled())[:6]
        for quote in quotes:
            await services.favourites.toggle(world.member.id, ref(quote))
            clock.forward(seconds=1)
        result = await world.member.slash(world.channel, "quote favourites")
        shelf = result.response
        assert shelf.embeds[0].footer.text == "page 1 of 2"
        assert buttons_of(shelf)["Earlier"]["disabled"]

        opened = await pick(world.member, shelf, "Read one in context")
        assert opened.ephemeral
        (bold,) = re.findall(r"\*\*(.+?)\*\*", opened.response.embeds[0].description.replace("\\", ""), re.DOTALL)
        assert bold in quotes[5].text

        await world.member.click(shelf, label="Later")
        assert shelf.embeds[0].footer.text == "page 2 of 2"
        assert buttons_of(shelf)["Later"]["disabled"]
        await pick(world.member, shelf, "Remove one")
        assert shelf.embeds[0].footer is None or not shelf.embeds[0].footer.text
        assert "**5.**" in shelf.embeds[0].description
        assert not buttons_of(shelf)

        for _ in range(5):
            await pick(world.member, shelf, "Remove one")
        assert not shelf.components
        assert (await services.favourites.page(world.member.id, 0)).kept == ()

    async def test_what_the_interview_lost_is_shown_by_its_words_and_can_be_removed(
        self, world: World, database: Database, clock: StandingClock
    ) -> None:
        async with database.write() as connection:
            await add_favourite(connection, world.member.id, Quote("tea", "a1", "Tea is **hot**."), clock())
        shelf = (await world.member.slash(world.channel, "quote favourites")).response
        assert "Tea is \\*\\*hot\\*\\*." in shelf.embeds[0].description
        assert list(selects_of(shelf)) == ["Remove one"]
        await pick(world.member, shelf, "Remove one")
        assert not shelf.components

    async def test_a_heart_pressed_in_one_place_is_on_the_shelf_everywhere(
        self, world: World, services: Services
    ) -> None:
        ada = world.env.create_user("ada")
        await services.favourites.toggle(ada.id, ref(troll_quote()))
        shelf = await ada.slash("quote favourites")
        assert "behave like trolls" in shelf.response.embeds[0].description


class TestSearch:
    async def test_misspelt_words_find_a_quote_which_is_shown_and_shared(self, world: World) -> None:
        result = await world.member.slash(world.channel, "quote search", words="behave like trols")
        found = result.response
        assert result.ephemeral
        assert "behave like trolls" in found.embeds[0].description.split("\n\n")[0]
        assert "François Chollet · turn 22 of 24" in found.embeds[0].description

        shown = await pick(world.member, found, "Show one")
        assert shown.ephemeral
        assert "behave like trolls" in shown.response.embeds[0].description
        assert list(buttons_of(shown.response)) == [*BUTTONS, "♥", "Share here"]
        await world.member.click(shown.response, label="♥")
        assert list(buttons_of(shown.response)) == [*BUTTONS, "♥ 1", "Share here"]

        shared = await world.member.click(shown.response, label="Share here")
        assert not shared.ephemeral
        assert list(buttons_of(shared.response)) == [*BUTTONS, "♥ 1"]

    async def test_pages_of_five_are_turned_by_the_words_in_the_footer(self, world: World, services: Services) -> None:
        result = await world.member.slash(world.channel, "quote search", words="deep learning")
        found = result.response
        assert len(selects_of(found)["Show one"]["options"]) == 5
        first = found.embeds[0].description
        await world.restart(Fireside(services, shard_count=1))
        await world.member.click(found, label="Later")
        assert found.embeds[0].description != first
        assert found.embeds[0].description.startswith("**6.** ")
        assert found.embeds[0].footer.text.startswith("page 2 of ")
        await world.member.click(found, label="Earlier")
        assert found.embeds[0].description == first

    async def test_nothing_found_is_said(self, world: World) -> None:
        result = await world.member.slash(world.channel, "quote search", words="sourdough")
        assert result.ephemeral
        assert not result.response.components
        assert result.response.embeds[0].footer.text.endswith("sourdough")

    @pytest.mark.parametrize("number", [-3, 0, 99])
    def test_a_page_of_the_worst_quotes_fits_discord(self, number: int) -> None:
        quotes = [SourcedQuote(Quote("tea", "a1", f"{n}" + "*" * 2 * LISTED_LENGTH), interview()) for n in range(25)]
        embed, view = found_page("*" * 100, quotes, number)
        assert len(str(embed.description)) <= 4096
        assert len(embed) <= 6000
        assert view.children


class TestToday:
    async def test_before_and_after_the_post(self, world: World, clock: StandingClock) -> None:
        nothing = await world.member.slash(world.channel, "quote today")
        assert nothing.ephemeral
        assert "no daily quote" in nothing.response.embeds[0].description

        clock.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        await world.admin.slash(world.channel, "daily set", channel=world.channel, time="9:30", zone="Europe/Berlin")
        before = await world.member.slash(world.channel, "quote today")
        assert before.ephemeral
        assert f"<#{world.channel.id}>" in before.response.embeds[0].description
        assert "<t:1772440200:R>" in before.response.embeds[0].description

        clock.now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
        await world.env.advance_time(61)
        posted = world.channel.last_message
        after = await world.member.slash(world.channel, "quote today")
        assert after.ephemeral
        assert after.response.embeds[0].description == posted.embeds[0].description
        link = buttons_of(after.response)["Go to the message"]["url"]
        assert link.endswith(f"/{world.guild.id}/{world.channel.id}/{posted.id}")

        await world.member.click(after.response, label="♥")
        assert list(buttons_of(after.response)) == [*BUTTONS, "♥ 1", "Go to the message"]

    async def test_a_day_that_was_missed_names_the_next(self, world: World, services: Services) -> None:
        await services.deliveries.set_daily(world.guild.id, world.channel.id, "07:00", "UTC")
        result = await world.member.slash(world.channel, "quote today")
        assert "no quote for today" in result.response.embeds[0].description

    def test_a_post_that_is_tried_again_is_on_its_way(self, clock: StandingClock) -> None:
        day = clock().date()
        post = Delivery(1, 5, day, clock(), 7, troll_quote(), DeliveryState.WAITING, clock())
        embed, view = today_page(Today(day, None, post))
        assert "<#7>" in str(embed.description)
        assert not view.children

    async def test_in_a_direct_message_it_says_that_it_works_in_a_server(self, world: World) -> None:
        ada = world.env.create_user("ada")
        result = await ada.slash("quote today")
        assert "server only" in result.response.content
        assert world.said_wrong()


async def post_daily(world: World, clock: StandingClock) -> None:
    await world.admin.slash(world.channel, "daily set", channel=world.channel, time="9:30", zone="Europe/Berlin")
    clock.now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    await world.env.advance_time(61)
    await world.env.advance_time(61)


async def test_about_names_the_source_the_version_and_where_to_report(world: World) -> None:
    result = await world.member.slash(world.channel, "about")
    embed = result.response.embeds[0]
    assert "PyImageSearch" in embed.description
    assert "https://example.org/help" in embed.description
    assert __version__ in embed.footer.text
