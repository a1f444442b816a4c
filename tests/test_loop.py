"""The whole loop, each step by the hand of who takes it: a miss, a question, its review, the pack, the answer, word."""

from typing import Any

from bot.services import Services
from tests.asking import filled, said
from tests.conftest import World

QUESTION = "Do zebras ever dream about marmalade sandwiches?"
SAME = "I'd love to know: do zebras dream of marmalade sandwiches, ever?"
ANSWER = "Every zebra that I have ever met dreams about marmalade, and about nothing else at all."
PLACE = "**Your answer:**"


async def settled(world: World) -> None:
    """Let the background do what there is to do."""
    await world.env.settle()
    await world.env.advance_time(2)


async def file_of(result: Any) -> str:
    content: bytes = await said(result).attachments[0].read()
    return content.decode()


async def test_what_the_interview_does_not_say_comes_back_from_its_author(world: World, services: Services) -> None:
    guild = world.guild
    review, answers = guild.create_text_channel("review"), guild.create_text_channel("answers")
    other = guild.add_member(world.env.create_user("nora"))
    await world.env.settle()

    # The admin says where things happen.
    panel = await world.admin.slash(world.channel, "setup")
    await world.admin.click(panel.response, label="Questions")
    form = await world.admin.click(panel.response, label="Where")
    await world.admin.submit_modal(form, {"review": [review], "answers": [answers]})

    # The interview does not say; the member asks its author, without a name, and wants to hear of it.
    miss = await world.member.slash(world.channel, "ask", question=QUESTION)
    assert miss.ephemeral
    form = await world.member.click(miss.response, label="Ask the author")
    await world.member.submit_modal(form, filled(QUESTION, name="anonymous", notify="dm"))
    await settled(world)

    # Somebody else asks the same, and joins.
    form = await other.slash(world.channel, "question ask")
    near = await other.submit_modal(form, filled(SAME, notify="dm"))
    await other.click(said(near), label="1. Me too")
    await settled(world)

    # A moderator approves the card.
    card = review.last_message
    assert "mira" not in str([embed.to_dict() for embed in card.embeds])
    await world.admin.click(card, label="Approve")

    # The pack goes to the author, who writes an answer, and comes back.
    pack = await file_of(await world.admin.slash(world.channel, "export pack"))
    assert QUESTION in pack
    assert "2 readers" in pack
    content = pack.replace(PLACE, f"{PLACE}\n\n{ANSWER}\n", 1).replace("\n", "\r\n").encode("utf-8-sig")
    proposal = await world.admin.slash(world.channel, "import-answers", file=("pack.md", content))
    await world.admin.click(proposal.response, label="Publish 1 answer")
    await settled(world)

    # It is posted, found, dated, and both are told.
    (post,) = answers.history()
    assert (post.embeds[0].title, post.embeds[0].description) == (QUESTION, ANSWER)
    found = await other.slash(world.channel, "ask", question="do zebras dream of marmalade")
    assert not found.ephemeral
    assert ANSWER in found.response.embeds[0].description.replace("*", "")
    assert "asked by readers" in found.response.embeds[0].footer.text
    for member in (world.member, other):
        (dm,) = member.user.dm_channel.history()
        assert ANSWER in dm.embeds[0].description

    # Who asked reads what became of it; nobody else ever reads who that was.
    mine = await world.member.slash(world.channel, "question mine")
    assert "answered" in mine.response.embeds[0].description.lower()
    everything = [*world.channel.history(), *review.history(), *answers.history()]
    shown = [f"{message.content}{[embed.to_dict() for embed in message.embeds]}" for message in everything]
    assert [text for text in shown if "mira" in text or str(world.member.id) in text] == []
