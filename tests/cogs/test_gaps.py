"""`/gaps` in a simulated Discord, with the real interview."""

from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.client import Fireside
from bot.domain.gaps import KEPT_FOR
from bot.domain.matching import Band
from bot.services import Services
from bot.services.interviews import ExchangeRef, TaughtAlias
from bot.storage.interviews import count_up_library_revision
from bot.ui.actions import button, custom_id
from tests.conftest import StandingClock, World, buttons_of
from tests.samples import bundled

DOGS = ("does he like dogs", "Do you like dogs?", "dogs??? does he like them")
HIKING = "where does he go hiking"
MANY = ("apples", "bicycles", "candles", "dolphins", "elephants", "forests", "giraffes")


async def ask_in_vain(world: World, *questions: str) -> None:
    for question in questions:
        await world.client.services.gaps.record_miss(world.guild.id, question)


async def open_list(world: World) -> Any:
    """Let the admin use `/gaps` and return the message."""
    result = await world.admin.slash(world.channel, "gaps")
    return result.response if result.response.embeds else result.followups[0]


def selects_of(message: Any) -> list[dict[str, Any]]:
    return [item for row in message.components for item in row["components"] if item["type"] == 3]


def options_of(message: Any) -> list[dict[str, Any]]:
    (select,) = selects_of(message)
    options: list[dict[str, Any]] = select["options"]
    return options


def text_of(message: Any) -> str:
    text: str = message.embeds[0].description
    return text


async def open_gap(world: World, message: Any, number: int = 0) -> None:
    await world.admin.select(message, [options_of(message)[number]["value"]])


async def teach(world: World, message: Any, number: int = 0) -> ExchangeRef:
    """Pick the exchange of that place in the select of a gap, and return it."""
    value = options_of(message)[number]["value"]
    await world.admin.select(message, [value])
    return ExchangeRef(*value.split("/"))


async def test_the_list_has_the_most_frequent_first_with_what_is_nearest(world: World) -> None:
    await ask_in_vain(world, HIKING, *DOGS)
    message = await open_list(world)
    lines = text_of(message).splitlines()
    assert lines[0].startswith("**1. ")
    assert "asked 3 times" in lines[1]
    assert "<t:" in lines[1]
    assert text_of(message).index("dogs") < text_of(message).index("hiking")
    assert [option["label"][:3] for option in options_of(message)] == ["1. ", "2. "]
    assert {"Earlier", "Later", "Taught", "Export"} == set(buttons_of(message))
    assert buttons_of(message)["Earlier"]["disabled"]
    assert buttons_of(message)["Later"]["disabled"]


async def test_it_is_shown_to_the_admin_alone(world: World) -> None:
    result = await world.admin.slash(world.channel, "gaps")
    assert result.ephemeral


async def test_nothing_in_vain_is_said_so_and_why(world: World, services: Services) -> None:
    message = await open_list(world)
    assert "Nothing was asked in vain" in text_of(message)
    assert selects_of(message) == []
    assert buttons_of(message)["Export"]["disabled"]
    await services.guilds.set_keep_misses(world.guild.id, keep=False)
    await ask_in_vain(world, HIKING)
    assert "/setup" in text_of(await open_list(world))


async def test_pages_lead_to_and_fro(world: World) -> None:
    await ask_in_vain(world, *MANY)
    message = await open_list(world)
    first = text_of(message)
    await world.admin.click(message, label="Later")
    assert "**6. " in text_of(message)
    assert len(options_of(message)) == 2
    assert buttons_of(message)["Later"]["disabled"]
    await world.admin.click(message, label="Earlier")
    assert text_of(message) == first


async def test_teaching_gives_all_wordings_to_one_exchange_and_can_be_undone(world: World, services: Services) -> None:
    await ask_in_vain(world, *DOGS, HIKING)
    message = await open_list(world)
    before = text_of(message)
    await open_gap(world, message)
    assert all(wording in text_of(message) for wording in DOGS)
    assert "in this server" in text_of(message)
    assert len(options_of(message)) == len(bundled().exchanges)

    ref = await teach(world, message, 3)

    assert all(wording in text_of(message) for wording in DOGS)
    here = await services.gaps.taught_here(world.guild.id)
    assert sorted(here, key=lambda alias: alias.text) == [TaughtAlias(ref, text) for text in sorted(DOGS)]
    assert (await services.interviews.library()).matcher.find(DOGS[0]).band is not Band.ANSWER

    await world.admin.click(message, label="Undo")
    assert await services.gaps.taught_here(world.guild.id) == ()
    await world.admin.click(message, label="Back")
    assert text_of(message) == before


async def test_what_people_refused_is_listed_though_it_is_sure_and_says_so(world: World) -> None:
    verbatim = bundled().exchanges[0].question
    await ask_in_vain(world, verbatim, HIKING, HIKING)
    message = await open_list(world)
    assert len(options_of(message)) == 1
    await world.client.services.gaps.record_miss(world.guild.id, verbatim, refused=True)
    await world.admin.click(message, label="Taught")
    await world.admin.click(message, label="Back")
    await open_gap(world, message, 1)
    assert "refused once" in text_of(message)


async def test_of_many_wordings_ten_are_shown_and_all_are_taught(world: World, services: Services) -> None:
    await ask_in_vain(world, *(f"does he like dogs{' please' * number}" for number in range(14)))
    message = await open_list(world)
    assert "and 11 more" in text_of(message)
    await open_gap(world, message)
    assert text_of(message).count("please (1)") >= 9
    assert "and 4 more" in text_of(message)
    await teach(world, message)
    assert len(await services.gaps.taught_here(world.guild.id)) == 14


async def test_where_no_interview_is_loaded_nothing_can_be_taught(world: World, services: Services) -> None:
    await ask_in_vain(world, HIKING)
    async with services.gaps._database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM interviews")
        await count_up_library_revision(connection)
    message = await open_list(world)
    await open_gap(world, message)
    assert selects_of(message) == []
    assert list(buttons_of(message)) == ["Back", "Forget these"]


async def test_what_is_taught_is_listed_no_more_and_found_under_taught(world: World, services: Services) -> None:
    await ask_in_vain(world, *DOGS, HIKING)
    message = await open_list(world)
    await open_gap(world, message)
    await teach(world, message)
    await world.admin.click(message, label="Back")
    assert "dogs" not in text_of(message)

    await world.admin.click(message, label="Taught")
    assert "dogs" in text_of(message)
    assert f"<@{world.admin.id}>" in text_of(message)
    await world.admin.select(message, [options_of(message)[0]["value"]])
    assert message.embeds[0].title == "Undone"
    assert await services.gaps.taught_here(world.guild.id) == ()
    await world.admin.click(message, label="Taught")
    assert "Nothing was taught" in text_of(message)


async def test_what_was_taught_has_pages(world: World) -> None:
    for name in MANY:
        await ask_in_vain(world, name)
        message = await open_list(world)
        await open_gap(world, message)
        await teach(world, message)
    message = await open_list(world)
    await world.admin.click(message, label="Taught")
    assert len(options_of(message)) == 5
    await world.admin.click(message, label="Later")
    assert len(options_of(message)) == 2
    assert "the last" in message.embeds[0].footer.text


async def test_the_operator_teaches_every_server(world: World, services: Services) -> None:
    world.client.owner_id = world.admin.id
    await ask_in_vain(world, *DOGS)
    await services.gaps.record_miss(world.guild.id + 1, DOGS[0])
    message = await open_list(world)
    await open_gap(world, message)
    assert "in every server" in text_of(message)
    ref = await teach(world, message)

    finding = (await services.interviews.library()).matcher.find(DOGS[1])
    assert (finding.band, finding.matches[0].key) == (Band.ANSWER, ref)
    assert (await services.gaps.page(world.guild.id + 1, 0)).gaps == ()
    assert (await world.member.slash(world.channel, "ask", question=DOGS[0])).response.embeds[0].title

    # An admin who does not run the bot neither sees it nor takes it back.
    world.client.owner_id = world.member.id
    refused = await world.admin.click(message, label="Undo")
    assert refused.followups[0].ephemeral
    await world.admin.click(message, label="Back")
    await world.admin.click(message, label="Taught")
    assert "Nothing was taught" in text_of(message)
    assert world.said_wrong()

    world.client.owner_id = world.admin.id
    await world.admin.click(message, label="Back")
    await world.admin.click(message, label="Taught")
    assert "in every server" in text_of(message)
    await world.admin.select(message, [options_of(message)[0]["value"]])
    assert (await services.interviews.library()).matcher.find(DOGS[1]).band is not Band.ANSWER


async def test_of_two_admins_the_second_reads_that_it_is_done(world: World, services: Services) -> None:
    await ask_in_vain(world, *DOGS)
    one, other, third = [await open_list(world) for _ in range(3)]
    await open_gap(world, one)
    await open_gap(world, other)
    await teach(world, one)
    late = await world.admin.select(other, [options_of(other)[1]["value"]])
    later = await world.admin.select(third, [options_of(third)[0]["value"]])
    for result in (late, later):
        assert result.followups[0].ephemeral
        assert "meanwhile" in result.followups[0].content
    assert len((await services.gaps.taught_page(world.guild.id, 0, everywhere=False)).taught) == 1
    await world.admin.click(one, label="Undo")
    again = await world.admin.click(other, label="Forget these")
    assert not again.followups
    assert world.said_wrong()


async def test_spam_is_forgotten(world: World, services: Services) -> None:
    await ask_in_vain(world, *DOGS, HIKING)
    message = await open_list(world)
    await open_gap(world, message)
    await world.admin.click(message, label="Forget these")
    assert message.embeds[0].title == "Forgotten"
    await world.admin.click(message, label="Back")
    assert "dogs" not in text_of(message)
    assert "hiking" in text_of(message)


async def test_buttons_and_selects_outlive_a_restart(world: World, services: Services) -> None:
    await ask_in_vain(world, *DOGS)
    message = await open_list(world)
    await open_gap(world, message)
    await world.restart(Fireside(services, shard_count=1))
    await teach(world, message)
    await world.restart(Fireside(services, shard_count=1))
    await world.admin.click(message, label="Undo")
    assert message.embeds[0].title == "Undone"


async def test_an_export_is_a_file_for_the_author(world: World) -> None:
    await ask_in_vain(world, *DOGS, "`@everyone` | **[x](http://example.org)**")
    message = await open_list(world)
    result = await world.admin.click(message, label="Export")
    sent = result.followups[0] if result.followups else result.response
    (file,) = sent.attachments
    text = (await file.read()).decode()
    assert result.ephemeral
    assert file.filename == "gaps.md"
    assert "2 questions, asked 4 times" in text
    assert "`` `@everyone` | **[x](http://example.org)** ``" in text
    assert all(f"- `{wording}` (1 time)" in text for wording in DOGS)
    assert world.member.name not in text
    assert str(world.member.id) not in text


async def test_what_was_not_asked_for_90_days_is_gone_by_itself(
    world: World, clock: StandingClock, services: Services
) -> None:
    await ask_in_vain(world, HIKING)
    clock.now += KEPT_FOR + timedelta(hours=1)
    assert services.gaps._rounds.asleep
    services.gaps._rounds.wake()  # a day later, which the daily quotes would spend minute by minute
    await world.env.advance_time(1)
    async with services.gaps._database.read() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM misses")).scalar_one() == 0
    assert "Nothing was asked" in text_of(await open_list(world))


async def test_the_longest_and_strangest_words_fit_discord(world: World) -> None:
    for letter in "abcdefg":
        for number in range(14):
            await ask_in_vain(world, f"{letter * 20} {'*' * (260 + number)} {chr(97 + number)}")
    await ask_in_vain(world, *(f"{'_' * 200} @everyone <@1> ||x|| {name}" for name in MANY))
    message = await open_list(world)
    while not buttons_of(message)["Later"].get("disabled"):
        assert len(text_of(message)) <= 4096
        await world.admin.click(message, label="Later")
    for number in range(len(options_of(message))):
        await open_gap(world, message, number)
        assert len(text_of(message)) <= 4096
        await world.admin.click(message, label="Back")
    assert not world.said_wrong()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("gaps", (0,)),
        ("gap-forget", ("0" * 16, 0)),
        ("gap-undo", ("0" * 16, 0)),
        ("taught", (0,)),
        ("gaps-export", ()),
    ],
)
async def test_a_button_that_a_member_gets_hold_of_is_refused(
    world: World, name: str, arguments: tuple[object, ...]
) -> None:
    await ask_in_vain(world, *DOGS)
    message = await world.in_public(button("Press", name, *arguments))
    result = await world.member.click(message, label="Press")
    assert result.ephemeral
    assert "manage this server" in result.response.content
    assert any(isinstance(error, discord.app_commands.MissingPermissions) for error in world.env.errors)


@pytest.mark.parametrize("name", ["gap", "gap-teach", "taught-undo"])
async def test_a_select_that_a_member_gets_hold_of_is_refused(world: World, services: Services, name: str) -> None:
    await ask_in_vain(world, *DOGS)
    key = (await services.gaps.page(world.guild.id, 0)).gaps[0].gap.key
    arguments = {"gap": (0,), "gap-teach": (key, 0), "taught-undo": ()}[name]
    value = f"{bundled().id}/{bundled().exchanges[0].id}" if name == "gap-teach" else key
    options = [discord.SelectOption(label="Pick", value=value)]
    message = await world.in_public(discord.ui.Select(custom_id=custom_id(name, *arguments), options=options))
    result = await world.member.select(message, [value])
    assert "manage this server" in result.response.content
    assert await services.gaps.taught_here(world.guild.id) == ()
    assert world.said_wrong()


async def test_it_is_refused_to_members_even_where_a_server_shows_it(world: World) -> None:
    await ask_in_vain(world, *DOGS)
    commands = await world.client.tree.fetch_commands()
    listing = next(command for command in commands if command.name == "gaps")
    world.guild.set_command_permissions(listing, {world.guild.default_role: True})
    refused = await world.member.slash(world.channel, "gaps")
    assert refused.ephemeral
    assert refused.response.embeds == []
    assert world.said_wrong()


async def test_the_longest_keys_fit_a_buttons_id(world: World) -> None:
    assert custom_id("gap-teach", "f" * 16, 999)
    assert len("/".join(("k" * 32, "k" * 32))) <= 100
