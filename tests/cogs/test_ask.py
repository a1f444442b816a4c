"""`/ask` in a simulated Discord, with the real interview."""

from bot.client import Fireside
from bot.domain.matching import Band
from bot.services import Services
from bot.services.interviews import ExchangeRef
from tests.conftest import World, buttons_of
from tests.samples import bundled

VERBATIM = "If you could change one thing about the deep learning industry, what would it be?"
SHORT_ANSWER = "What are your favorite open source libraries, excluding Keras and/or TensorFlow?"
LAST = "Can you tell us a bit more about what you’ll be talking about?"
VAGUE = "deep learning"
OFF_TOPIC = "best recipe for sourdough pancakes"


async def test_a_sure_answer_is_shown_to_everybody_with_speaker_turn_and_source(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)

    embed = result.response.embeds[0]
    assert not result.ephemeral
    assert embed.title == VERBATIM
    assert "research community" in embed.description
    assert "François Chollet" in embed.footer.text
    assert "turn 16 of 24" in embed.footer.text
    assert "PyImageSearch, 2018" in embed.footer.text
    assert embed.url == "https://pyimagesearch.com/2018/07/02/an-interview-with-francois-chollet/"


async def test_a_typo_and_other_words_still_find_the_answer(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question="how do i handel trols")
    assert "turn 22 of 24" in result.response.embeds[0].footer.text
    assert not result.ephemeral


async def test_the_passage_that_fits_best_is_bold_and_on_the_page_shown(world: World) -> None:
    question = "is the reviewing process broken"
    result = await world.member.slash(world.channel, "ask", question=question)
    description = result.response.embeds[0].description
    assert "**Also, I’m sad about our broken reviewing process.**" in description


async def test_pages_end_where_sentences_end_and_go_round(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)
    seen = [result.response.embeds[0]]
    while True:
        label = next(label for label in buttons_of(result.response) if label.endswith("page"))
        await world.member.click(result.response, label=label)
        seen.append(result.response.embeds[0])
        if seen[-1].footer.text == seen[0].footer.text:
            break
    assert len(seen) > 2
    assert all(page.description.rstrip("*").endswith((".", "?", "!")) for page in seen)
    assert len({page.description.replace("**", "") for page in seen[:-1]}) == len(seen) - 1


async def test_a_short_answer_has_no_page_button(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=SHORT_ANSWER)
    assert list(buttons_of(result.response)) == ["Earlier", "Later", "Not this?", "Why?", "Ask the author"]
    assert "page" not in result.response.embeds[0].footer.text


async def test_somebody_else_turns_the_page_for_themselves_alone(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)
    before = result.response.embeds[0].footer.text

    pressed = await world.admin.click(result.response, label="Next page")

    assert pressed.ephemeral
    assert pressed.response.embeds[0].footer.text != before
    assert result.response.embeds[0].footer.text == before


async def test_a_private_answer_is_the_askers_own_until_it_is_shared(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM, private=True)
    assert result.ephemeral
    await world.member.click(result.response, label="Next page")
    page = result.response.embeds[0].footer.text

    shared = await world.member.click(result.response, label="Share here")

    assert not shared.ephemeral
    assert shared.response.embeds[0].footer.text == page
    assert "Share here" not in buttons_of(shared.response)
    assert "Share here" in buttons_of(result.response)


async def test_a_public_answer_needs_no_sharing(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)
    await world.member.click(result.response, label="Next page")
    assert "Share here" not in buttons_of(result.response)


async def test_the_passage_stays_bold_on_the_way_round(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question="is the reviewing process broken")
    first = result.response.embeds[0].description
    for _ in range(int(result.response.embeds[0].footer.text.split("page ")[1].split(" of ")[1][0])):
        label = next(label for label in buttons_of(result.response) if label.endswith("page"))
        await world.member.click(result.response, label=label)
    assert result.response.embeds[0].description == first


async def test_page_buttons_outlive_a_restart(world: World, services: Services) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)
    before = result.response.embeds[0].footer.text
    message = world.channel.last_message

    await world.restart(Fireside(services, shard_count=1))
    await world.member.click(message, label="Next page")

    assert result.response.embeds[0].footer.text != before


async def test_earlier_and_later_open_the_turns_around_for_the_asker_alone(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)
    earlier = await world.member.click(result.response, label="Earlier")
    later = await world.member.click(result.response, label="Later")
    assert earlier.ephemeral
    assert later.ephemeral
    assert "turn 14 of 24" in earlier.response.embeds[0].footer.text
    assert "turn 17 of 24" in later.response.embeds[0].footer.text


async def test_at_the_end_of_the_interview_later_cannot_be_pressed(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=LAST)
    assert buttons_of(result.response)["Later"]["disabled"]
    assert not buttons_of(result.response)["Earlier"].get("disabled")


async def test_a_weak_match_gives_the_three_nearest_to_the_asker_alone(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VAGUE)

    labels = list(buttons_of(result.response))
    assert result.ephemeral
    assert len(labels) == 4
    assert labels[-1] == "None of these: ask the author"

    await world.member.click(result.response, label=labels[0])
    assert "of 24" in result.response.embeds[0].footer.text
    assert result.ephemeral


async def test_none_of_the_nearest_opens_the_form_and_is_kept_as_refused(world: World, services: Services) -> None:
    result = await world.member.slash(world.channel, "ask", question=VAGUE)
    form = await world.member.click(result.response, label="None of these: ask the author")
    assert form.modal["components"][0]["component"]["value"] == VAGUE
    (entry,) = (await services.gaps.page(world.guild.id, 0)).gaps
    assert (entry.gap.text, entry.gap.count, entry.gap.refused) == (VAGUE, 1, 1)


async def test_what_is_not_answered_is_kept_once_each_time_and_what_is_answered_is_not(
    world: World, services: Services
) -> None:
    for question in (OFF_TOPIC, OFF_TOPIC, VERBATIM):
        await world.member.slash(world.channel, "ask", question=question)
    (entry,) = (await services.gaps.page(world.guild.id, 0)).gaps
    assert (entry.gap.text, entry.gap.count, entry.gap.refused) == (OFF_TOPIC, 2, 0)


async def test_why_tells_what_was_read_and_how_sure_it_is(world: World) -> None:
    question = "how do i handel trols in tasmania"
    result = await world.member.slash(world.channel, "ask", question=question)
    if result.ephemeral:  # not sure: then it is one of the choices
        await world.member.click(result.response, label=next(iter(buttons_of(result.response))))
    why = await world.member.click(result.response, label="Why?")
    embed = why.response.embeds[0]
    assert why.ephemeral
    assert "handel (read as handle)" in embed.description
    assert "**Not found in it:** tasmania" in embed.description
    assert " in 100 sure" in embed.description
    assert embed.description.count("\n- turn ") == 3
    assert embed.footer.text.endswith(question)


async def test_why_a_known_wording_is_the_answer(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=VERBATIM)
    why = await world.admin.click(result.response, label="Why?")
    assert why.ephemeral
    assert "100 sure" not in why.response.embeds[0].description
    assert "known" in why.response.embeds[0].description


async def test_not_this_offers_the_next_two_and_the_author(world: World, services: Services) -> None:
    question = "how do i handel trols"
    result = await world.member.slash(world.channel, "ask", question=question)
    others = await world.member.click(result.response, label="Not this?")
    labels = list(buttons_of(others.response))
    assert others.ephemeral
    assert len(labels) == 3
    assert all(result.response.embeds[0].title[:40] not in label for label in labels)

    form = await world.member.click(others.response, label=labels[-1])
    assert form.modal["components"][0]["component"]["value"] == question
    (entry,) = (await services.gaps.page(world.guild.id, 0)).gaps
    assert (entry.gap.text, entry.gap.refused) == (question, 1)


async def test_one_of_the_others_is_shown_in_place_and_says_why(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question="how do i handel trols")
    others = await world.member.click(result.response, label="Not this?")
    label = next(iter(buttons_of(others.response)))
    await world.member.click(others.response, label=label)
    assert others.response.embeds[0].title.startswith(label[3:30])
    why = await world.member.click(others.response, label="Why?")
    assert "picked by hand" in why.response.embeds[0].description


async def test_an_answers_own_way_to_the_author_is_filled_in(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=SHORT_ANSWER)
    form = await world.admin.click(result.response, label="Ask the author")
    assert form.modal["components"][0]["component"]["value"] == SHORT_ANSWER


async def test_a_server_that_wants_private_answers_gets_them_and_anybody_can_say_otherwise(
    world: World, services: Services
) -> None:
    await services.guilds.set_answers_private(world.guild.id, private=True)
    assert (await world.member.slash(world.channel, "ask", question=VERBATIM)).ephemeral
    assert not (await world.member.slash(world.channel, "ask", question=VERBATIM, private=False)).ephemeral


async def test_what_a_server_was_taught_is_answered_there_and_why_says_so(world: World, services: Services) -> None:
    question = "what would the oracle of the sourdough say"
    assert (await world.member.slash(world.channel, "ask", question=question)).ephemeral
    key = (await services.gaps.page(world.guild.id, 0)).gaps[0].gap.key
    ref = ExchangeRef(bundled().id, bundled().exchanges[4].id)
    await services.gaps.teach(world.guild.id, key, ref, world.admin.id, everywhere=False)

    result = await world.member.slash(world.channel, "ask", question=question.upper())
    alike = await world.member.slash(world.channel, "ask", question="what would that sourdough oracle say")

    assert result.response.embeds[0].title == alike.response.embeds[0].title == bundled().exchanges[4].question
    assert not result.ephemeral
    assert (await services.answers.find(question, 1)).band is Band.NONE


async def test_what_the_interview_does_not_say_is_said_so_and_offered_to_the_author(world: World) -> None:
    result = await world.member.slash(world.channel, "ask", question=OFF_TOPIC)
    assert result.ephemeral
    assert list(buttons_of(result.response)) == ["Ask the author"]

    form = await world.member.click(result.response, label="Ask the author")
    field = form.modal["components"][0]["component"]
    assert field["value"] == OFF_TOPIC

    thanks = await world.member.submit_modal(form, {"question": OFF_TOPIC, "name": "named", "notify": "no"})
    assert thanks.ephemeral
    mine = await world.member.slash(world.channel, "question mine")
    assert OFF_TOPIC in mine.response.embeds[0].description


async def test_hostile_words_ping_nobody_and_break_nothing(world: World) -> None:
    for question in ("@everyone", "<@&1> **bold** `x`", "'; DROP TABLE turns; --", "🔥" * 100, "\u202e\u200b\u0301x"):
        result = await world.member.slash(world.channel, "ask", question=question)
        assert result.ephemeral
        assert result.response.message.mentions == []
        assert not result.response.message.mention_everyone


async def test_suggestions_while_typing_fit_discord_and_the_words(world: World) -> None:
    empty = await world.member.autocomplete(world.channel, "ask", "question", "")
    typed = await world.member.autocomplete(world.channel, "ask", "question", "troll")
    assert len(empty) == 12
    assert any("handle these types of people" in choice["value"] for choice in typed)
    assert all(1 <= len(choice["value"]) <= 100 for choice in empty + typed)


async def test_in_a_direct_message_it_answers_but_opens_no_form_that_would_lose_words(world: World) -> None:
    somebody = world.env.create_user("ada")
    answer = await somebody.slash("ask", question=VERBATIM)
    nothing = await somebody.slash("ask", question=OFF_TOPIC)
    assert answer.response.embeds[0].title == VERBATIM
    assert buttons_of(nothing.response)["Ask the author"]["disabled"]
