"""`/inbox` in a simulated Discord."""

from typing import Any

import pytest

from bot.domain.questions import Asker, NewQuestion, Question, QuestionRules
from bot.services import Services
from bot.storage.database import Database
from bot.storage.questions import add_question
from bot.ui.actions import button
from bot.ui.inbox import LONGEST_WORDS
from tests.conftest import StandingClock, World, buttons_of
from tests.samples import interview


@pytest.fixture
async def many(world: World, services: Services) -> list[Question]:
    """Seven questions, the last of them wanted by two."""
    await services.interviews.load([interview()])
    await services.questions.set_rules(world.guild.id, QuestionRules(a_member=0, a_day=0))
    found = [await ask(world, services, f"What about tea number {number}?") for number in range(6)]
    found.append(await ask(world, services, "What about coffee, finally?", "tea"))
    await services.questions.want(world.guild.id, world.admin.id, found[-1].id)
    return found


async def ask(world: World, services: Services, text: str, about: str = "") -> Question:
    asker = Asker(world.guild.id, world.member.id, "Mira")
    return await services.questions.submit(asker, NewQuestion(text, about))


async def inbox(world: World, **options: Any) -> Any:
    result = await world.admin.slash(world.channel, "inbox", **options)
    assert result.ephemeral
    return result.response


def text(message: Any) -> str:
    found: str = message.embeds[0].description
    return found


def selects(message: Any) -> dict[str, dict[str, Any]]:
    """Return the selects of a message by the action they call."""
    items = [item for row in message.components for item in row["components"] if item["type"] == 3]
    return {item["custom_id"].split(":")[0]: item for item in items}


def listed(message: Any) -> list[int]:
    """Return the numbers of the questions that are listed."""
    return [int(each["value"]) for each in selects(message)["inbox-open"]["options"]]


async def test_open_ones_are_listed_the_most_wanted_first_under_the_numbers_of_all(
    world: World, services: Services, many: list[Question]
) -> None:
    await services.questions.approve(world.guild.id, many[0].id, world.admin.id)
    message = await inbox(world)
    assert listed(message) == [many[number].id for number in (6, 1, 2, 3, 4)]
    assert text(message).startswith("6 open · 1 approved · 0 rejected")
    assert "Mira" in text(message)
    await world.admin.click(message, label="Later")
    assert listed(message) == [many[5].id]
    await world.admin.click(message, label="Earlier")
    assert len(listed(message)) == 5


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"words": "COFFEE"}, [6]),
        ({"words": "tea 3"}, [3]),
        ({"words": "a:coffee"}, [6]),
        ({"at_least": 2}, [6]),
        ({"interview": "tea"}, [6]),
        ({"flagged": True}, [2]),
        ({"state": "approved"}, [0]),
        ({"state": "approved", "flagged": True}, []),
        ({"state": "any", "words": "number 1"}, [1]),
        ({"state": "withdrawn"}, []),
    ],
)
async def test_each_filter_narrows_the_list(
    world: World, services: Services, many: list[Question], options: dict[str, Any], expected: list[int]
) -> None:
    await services.questions.approve(world.guild.id, many[0].id, world.admin.id)
    await services.questions.flag(world.guild.id, many[2].id, world.admin.id, flagged=True)
    await services.questions.merge(world.guild.id, many[1].id, many[3].id, world.admin.id)
    message = await inbox(world, **options)
    found = listed(message) if "inbox-open" in selects(message) else []
    assert found == [many[number].id for number in expected]


async def test_an_interview_that_is_not_there_is_told(world: World) -> None:
    result = await world.admin.slash(world.channel, "inbox", interview="a:b")
    assert result.ephemeral
    assert result.response.embeds == []
    assert world.said_wrong()


async def test_a_question_is_opened_decided_on_and_left_for_the_same_list(
    world: World, services: Services, many: list[Question]
) -> None:
    message = await inbox(world, words="tea", at_least=1)
    await world.admin.click(message, label="Later")
    (last,) = listed(message)
    await world.admin.select(message, [str(last)], custom_id=selects(message)["inbox-open"]["custom_id"])
    assert "Approve" in buttons_of(message)
    shown = await world.admin.click(message, label="Reject")
    await world.admin.submit_modal(shown, {"reason": "Off the topic."})
    assert "Reopen" in buttons_of(message)
    await world.admin.click(message, label="Back")
    assert "with “tea”" in message.embeds[0].footer.text
    assert last not in listed(message)
    assert text(message).startswith("6 open · 0 approved · 1 rejected")


async def test_state_and_flag_are_changed_in_place(world: World, services: Services, many: list[Question]) -> None:
    await services.questions.approve(world.guild.id, many[0].id, world.admin.id)
    await services.questions.flag(world.guild.id, many[2].id, world.admin.id, flagged=True)
    message = await inbox(world, words="tea")
    await world.admin.click(message, label="Flagged only")
    assert listed(message) == [many[2].id]
    await world.admin.click(message, label="Flagged or not")
    await world.admin.select(message, ["approved"], custom_id=selects(message)["inbox-state"]["custom_id"])
    assert listed(message) == [many[0].id]
    chosen = [each["value"] for each in selects(message)["inbox-state"]["options"] if each.get("default")]
    assert chosen == ["approved"]


async def test_an_empty_inbox_says_so(world: World) -> None:
    message = await inbox(world)
    assert text(message).startswith("0 open")
    assert list(selects(message)) == ["inbox-state"]


async def test_the_longest_filter_fits(world: World, services: Services) -> None:
    key = "a" * 32
    await services.interviews.load([interview(key)])
    words = "milk" + "x" * (LONGEST_WORDS - 4)
    await ask(world, services, f"What about {words}?", key)
    await services.questions.want(world.guild.id, world.admin.id, 1)
    options = {"state": "open", "flagged": False, "words": words, "interview": key, "at_least": 2}
    message = await inbox(world, **options)
    assert listed(message) == [1]
    other = await inbox(world, **options | {"at_least": 99_999, "state": "withdrawn", "flagged": True})
    assert "inbox-open" not in selects(other)


async def test_hundreds_of_questions_are_paged_through(world: World, database: Database, clock: StandingClock) -> None:
    asker = Asker(world.guild.id, world.member.id, "Mira")
    async with database.write() as connection:
        for number in range(300):
            await add_question(connection, asker, NewQuestion(f"{'*' * 900} {number}?"), None, clock.now)
    message = await inbox(world)
    assert text(message).startswith("300 open")
    assert "page 1 of 60" in message.embeds[0].footer.text
    jump = await world.in_public(button("Jump", "inbox", 59, "open", "no", 1, "", ""))
    await world.admin.click(jump, label="Jump")
    (shown,) = [each for each in world.channel.history() if each.id == jump.id]
    assert "page 60 of 60" in str(shown.embeds[0].footer.text)
    assert "**300." in str(shown.embeds[0].description)
    found = await inbox(world, words="299")
    assert listed(found) == [300]


@pytest.mark.parametrize("name", ["inbox", "inbox-state", "inbox-open"])
async def test_its_buttons_are_refused_to_members(world: World, many: list[Question], name: str) -> None:
    message = await world.in_public(button("Press", name, 0, "open", "no", 1, "", ""))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert many[0].text not in str(result.response.embeds)
    assert world.said_wrong()


async def test_it_is_refused_to_members_even_where_a_server_shows_it(world: World, many: list[Question]) -> None:
    commands = await world.client.tree.fetch_commands()
    command = next(command for command in commands if command.name == "inbox")
    world.guild.set_command_permissions(command, {world.guild.default_role: True})
    refused = await world.member.slash(world.channel, "inbox")
    assert refused.ephemeral
    assert refused.response.embeds == []
    assert many
    assert world.said_wrong()


async def test_a_number_that_is_nobodys_is_told(world: World) -> None:
    refused = await world.admin.slash(world.channel, "inbox", number=77)
    assert refused.ephemeral
    assert refused.response.embeds == []
    assert world.said_wrong()


async def test_interviews_are_suggested_by_their_title(world: World, services: Services) -> None:
    await services.interviews.load([interview()])
    found = await world.admin.autocomplete(world.channel, "inbox", "interview", "about TEA")
    assert [each["value"] for each in found] == ["tea"]
