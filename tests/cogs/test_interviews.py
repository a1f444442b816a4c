"""`/interview` in a simulated Discord."""

import re

from tests.conftest import World, buttons_of


async def test_the_overview_says_who_speaks_and_about_what(world: World) -> None:
    result = await world.member.slash(world.channel, "interview")
    description = result.response.embeds[0].description
    assert result.ephemeral
    assert "François Chollet" in description
    assert "Adrian Rosebrock" in description
    assert description.count("\n- ") == 6


async def test_reading_from_the_start_passes_every_turn_in_order_and_back(world: World) -> None:
    result = await world.member.slash(world.channel, "interview")
    await world.member.click(result.response, label="Read from the start")
    seen = [_turn(result)]
    assert buttons_of(result.response)["Earlier"]["disabled"]

    while not buttons_of(result.response)["Later"].get("disabled"):
        await world.member.click(result.response, label="Later")
        seen.append(_turn(result))
    back = [seen[-1]]
    while not buttons_of(result.response)["Earlier"].get("disabled"):
        await world.member.click(result.response, label="Earlier")
        back.append(_turn(result))

    assert sorted(set(seen)) == list(range(1, 25))
    assert seen == sorted(seen)
    assert back == seen[::-1]


async def test_any_turn_can_be_picked(world: World) -> None:
    result = await world.member.slash(world.channel, "interview")
    await world.member.select(result.response, ["12"], custom_id="read-chosen:francois-chollet")
    assert _turn(result) == 12
    assert result.response.embeds[0].author.name == "François Chollet"


async def test_an_interview_can_be_named(world: World) -> None:
    choices = await world.member.autocomplete(world.channel, "interview", "name", "chollet")
    result = await world.member.slash(world.channel, "interview", name=choices[0]["value"])
    assert result.response.embeds[0].title == "An interview with François Chollet"


async def test_an_interview_that_is_not_there_is_said_to_the_person_alone(world: World) -> None:
    result = await world.member.slash(world.channel, "interview", name="nobody")
    assert result.ephemeral
    assert world.said_wrong()


def _turn(result: object) -> int:
    match = re.search(r"turn (\d+) of 24", result.response.embeds[0].footer.text)  # type: ignore[attr-defined]
    assert match
    return int(match.group(1))
