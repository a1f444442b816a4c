"""What servers get when Discord does not take what the bot posts by itself: one server's fault is no other's."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from bot.app import open_services
from bot.domain.questions import Asker, NewQuestion, Notify, Wish
from bot.services import Services
from tests.databases import Databases, lent
from tests.waiting import until
from tests.wire.bot import Bot, run_bot
from tests.wire.faults import Fault, Faults
from tests.wire.loopback import LoopbackDiscord
from tests.wire.state import Channel, Guild, snowflake

pytestmark = pytest.mark.asyncio(loop_scope="module")

Plan = Callable[[Faults, str], Fault]

# What passes, and whether the bot learns at once that nothing was posted.
PASSING: dict[str, Plan] = {
    "none": lambda faults, _: faults.plan("nothing"),
    "429-for-the-route": lambda faults, pattern: faults.limit(pattern, 0.2),
    "429-for-all": lambda faults, pattern: faults.limit(pattern, 0.2, everywhere=True),
    "500": lambda faults, pattern: faults.refuse(pattern, 500),
    "502-with-a-page": lambda faults, pattern: faults.page(pattern, 502),
    "late": lambda faults, pattern: faults.plan(pattern, late=3.5),
}
# What passes too, but only the next try shows it.
TRIED_LATER: dict[str, Plan] = {
    "429-without-via": lambda faults, pattern: faults.limit(pattern, 60, banned=True),
    "401": lambda faults, pattern: faults.refuse(pattern, 401, 0, "401: Unauthorized"),
    "403-with-a-page": lambda faults, pattern: faults.page(pattern, 403),
    "503": lambda faults, pattern: faults.refuse(pattern, 503),
    "reset-before": lambda faults, pattern: faults.plan(pattern, cut=True),
    "reset-after": lambda faults, pattern: faults.plan(pattern, lost=True),
}
LASTING: dict[str, Plan] = {
    "50001": lambda faults, pattern: faults.refuse(pattern, 403, 50001, "Missing Access", times=99),
    "50013": lambda faults, pattern: faults.refuse(pattern, 403, 50013, "Missing Permissions", times=99),
    "50007": lambda faults, pattern: faults.refuse(pattern, 403, 50007, "Cannot send messages to this user", times=99),
    "10003": lambda faults, pattern: faults.refuse(pattern, 404, 10003, "Unknown Channel", times=99),
}
ALL = PASSING | TRIED_LATER | LASTING
QUOTE, CARD, WORD = range(3)


async def want_everything(services: Services, guild: Guild, member: int, private: Channel) -> None:
    """Let a server be owed a quote, a card for its moderators and word of an answer."""
    quotes, cards, _ = guild.channels
    due = datetime.now(UTC) - timedelta(minutes=30)
    await services.deliveries.set_daily(guild.id, quotes.id, f"{due:%H:%M}", "UTC")
    rules = await services.questions.rules(guild.id)
    await services.questions.set_rules(guild.id, replace(rules, review_channel_id=cards.id))
    asker = Asker(guild.id, member, "Mira")
    await services.questions.submit(asker, NewQuestion("What do you read before you fall asleep?"))
    wanted = NewQuestion("Which paper would you burn?", wish=Wish(Notify.DM))
    question = await services.questions.submit(asker, wanted)
    await services.publications.publish(guild.id, question.id, "None of them.", False, None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owing(
    databases: Databases, loaded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Bot, dict[str, tuple[Guild, Channel]]]]:
    """A bot that was started while it owed everything to a server for each fault."""
    folder = tmp_path_factory.mktemp("owing")
    places: dict[str, tuple[Guild, Channel]] = {}
    with lent(databases, loaded_database) as url:
        async with LoopbackDiscord().serve() as loopback:
            async with open_services(url, lambda: datetime.now(UTC) - timedelta(hours=1)) as services:
                for name, plan in ALL.items():
                    guild, member = loopback.world.add_guild(name, channels=3), snowflake()
                    private = loopback.world.private_channel(member)
                    places[name] = guild, private
                    await want_everything(services, guild, member, private)
                    for channel in (*guild.channels[:2], private):
                        plan(loopback.faults, f"POST /channels/{channel.id}/messages")
            async with run_bot(folder, loopback, url) as bot:
                await bot.until_online()
                yield bot, places
    assert loopback.violations == []


def channels_of(places: dict[str, tuple[Guild, Channel]], name: str) -> list[Channel]:
    guild, private = places[name]
    return [guild.channels[QUOTE], guild.channels[CARD], private]


Owing = tuple[Bot, dict[str, tuple[Guild, Channel]]]


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("what", [QUOTE, CARD, WORD], ids=["quote", "card", "word"])
async def test_what_is_owed_arrives_once_whatever_passes(owing: Owing, name: str, what: int) -> None:
    bot, places = owing
    channel = channels_of(places, name)[what]
    await until(lambda: len(channel.messages) == 1)
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("name", TRIED_LATER)
async def test_a_quote_that_is_tried_again_arrives_once(owing: Owing, name: str) -> None:
    bot, places = owing
    guild = places[name][0]
    states = "SELECT state FROM deliveries WHERE guild_id = ?"
    await until(lambda: bot.rows(states, guild.id) == [("sent",)])
    assert len(guild.channels[QUOTE].messages) == 1
    assert "cloudflare" not in bot.log


@pytest.mark.parametrize("name", TRIED_LATER)
async def test_a_card_that_is_tried_again_arrives_once(owing: Owing, name: str) -> None:
    bot, places = owing
    guild = places[name][0]
    cards = "SELECT count(*) FROM questions WHERE guild_id = ? AND card_message_id IS NOT NULL"
    await until(lambda: bot.rows(cards, guild.id) == [(1,)])
    assert len(guild.channels[CARD].messages) == 1
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("name", LASTING)
async def test_what_is_refused_is_given_up_with_a_line(owing: Owing, name: str) -> None:
    bot, places = owing
    guild = places[name][0]
    states = "SELECT state FROM deliveries WHERE guild_id = ?"
    await until(lambda: bot.rows(states, guild.id) == [("failed",)])
    notices = (
        "SELECT notices.state FROM notices JOIN answers ON answers.id = answer_id "
        "JOIN questions ON questions.id = question_id WHERE questions.guild_id = ?"
    )
    await until(lambda: bot.rows(notices, guild.id) == [("refused",)])
    assert not any(channel.messages for channel in channels_of(places, name))
    assert "Traceback" not in bot.log
