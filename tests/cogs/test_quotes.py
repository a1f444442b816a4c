"""`/quote` and `/about` in a simulated Discord."""

from bot import __version__
from bot.services import Services
from tests.conftest import World


async def test_a_quote_is_verbatim_with_its_speaker_and_turn(world: World, services: Services) -> None:
    interview = (await services.interviews.library()).interview()
    said = "\n".join(interview.answer(exchange) for exchange in interview.exchanges)
    for _ in range(20):
        result = await world.member.slash(world.channel, "quote")
        embed = result.response.embeds[0]
        assert embed.description.removeprefix("> ").replace("\\", "") in said
        assert "François Chollet · turn" in embed.footer.text


async def test_about_names_the_source_the_version_and_where_to_report(world: World) -> None:
    result = await world.member.slash(world.channel, "about")
    embed = result.response.embeds[0]
    assert "PyImageSearch" in embed.description
    assert "https://example.org/help" in embed.description
    assert __version__ in embed.footer.text
