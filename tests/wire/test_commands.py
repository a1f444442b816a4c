"""The whole bot over real sockets: commands, buttons, forms and files, as Discord sends them."""

from tests.wire.conftest import Server, Start, settled

QUESTION = "Why did you create Keras?"


async def test_a_question_is_answered_from_the_interview(start: Start, server: Server) -> None:
    bot = await start()
    asked = await server.use("ask", question=QUESTION)
    assert "February / March 2015" in asked.text
    assert not asked.private
    assert asked.seconds < 3
    assert await bot.stop() == 0


async def test_what_is_typed_is_completed(start: Start, server: Server) -> None:
    await start()
    typed = await server.discord.type("ask", server.member, server.channel, server.guild, question="keras")
    assert any("Keras" in choice for choice in (await settled(typed)).choices)
