"""The whole bot over real sockets: commands, buttons, forms, files and posts, as Discord sends and takes them."""

import asyncio
import csv
import io

from tests.wire.conftest import LONGEST_WAIT, Server, Start, settled

KNOWN = "Why did you create Keras?"
UNKNOWN = "Do zebras ever dream about marmalade sandwiches?"
ANSWER = "Every zebra that I have ever met dreams about marmalade, and about nothing else at all."
PLACE = "**Your answer:**"


async def test_a_question_is_answered_from_the_interview(start: Start, server: Server) -> None:
    bot = await start()
    asked = await server.use("ask", question=KNOWN)
    assert "February / March 2015" in asked.text
    assert not asked.private
    assert asked.seconds < 3
    assert await bot.stop() == 0
    assert "WARNING" not in bot.log


async def test_what_is_typed_is_completed(start: Start, server: Server) -> None:
    await start()
    typed = await server.discord.type("ask", server.member, server.channel, server.guild, question="keras")
    assert any("Keras" in choice for choice in (await settled(typed)).choices)


async def test_a_question_goes_to_its_author_and_the_answer_comes_back(start: Start, server: Server) -> None:
    await start()
    missed = await server.use("ask", question=UNKNOWN)
    assert missed.private
    form = await server.press("Ask the author", missed)
    sent = await server.fill_in(form, name="anonymous")
    assert sent.private

    panel = await server.use("inbox", server.admin)
    assert UNKNOWN in panel.text
    mended = await server.use("export pack", server.admin, state="open")
    pack = mended.files[0].decode()
    content = pack.replace(PLACE, f"{PLACE}\n\n{ANSWER}\n", 1).encode()
    file = server.discord.upload("pack.md", content, "text/markdown")
    proposal = await server.use("import-answers", server.admin, file=file)
    await server.press("Publish 1 answer", proposal, server.admin)

    found = await server.use("ask", question="do zebras dream of marmalade")
    assert ANSWER in found.text.replace("*", "")
    (word,) = await asyncio.wait_for(server.discord.until_told(server.member), LONGEST_WAIT)
    assert ANSWER in word.text


async def test_an_export_opens_again(start: Start, server: Server) -> None:
    await start()
    form = await server.use("question ask")
    await server.fill_in(form, question=UNKNOWN)
    exported = await server.use("export questions", server.admin)
    (row,) = csv.DictReader(io.StringIO(exported.files[0].decode("utf-8-sig")))
    assert UNKNOWN in row.values()
