"""What people read when Discord's answers to the bot's requests go wrong: nothing twice, and no riddles."""

from collections.abc import Callable

import pytest

from tests.waiting import until
from tests.wire.conftest import Running, Server
from tests.wire.faults import Fault, Faults

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLBACK = "POST /interactions/.*"
FOLLOW_UP = "POST /webhooks/.*"
QUESTION = "Why did you create Keras?"
FOR_THE_AUTHOR = "Which of your own papers would you burn?"

Plan = Callable[[Faults, str], Fault]

# What passes: the bot tries again, and the person notices nothing.
PASSING: dict[str, Plan] = {
    "429-for-the-route": lambda faults, pattern: faults.limit(pattern, 0.2),
    "429-for-all": lambda faults, pattern: faults.limit(pattern, 0.2, everywhere=True),
    "500": lambda faults, pattern: faults.refuse(pattern, 500),
    "502-with-a-page": lambda faults, pattern: faults.page(pattern, 502),
    "503-twice": lambda faults, pattern: faults.refuse(pattern, 503, times=2),
    "reset-before": lambda faults, pattern: faults.plan(pattern, cut=True),
    "reset-after": lambda faults, pattern: faults.plan(pattern, lost=True),
    "204": lambda faults, pattern: faults.empty(pattern),
    "late-confirmation": lambda faults, pattern: faults.plan(pattern, late=3.5),
}
# What doesn't: Discord tells the person, and the log has a line.
LASTING: dict[str, Plan] = {
    "429-without-via": lambda faults, pattern: faults.limit(pattern, 60, banned=True, times=99),
    "429-for-long": lambda faults, pattern: faults.limit(pattern, 60, times=99),
    "503": lambda faults, pattern: faults.refuse(pattern, 503, times=99),
    "reset": lambda faults, pattern: faults.plan(pattern, cut=True, times=99),
    "10062": lambda faults, pattern: faults.refuse(pattern, 404, 10062, "Unknown interaction", times=99),
    "40060": lambda faults, pattern: faults.refuse(
        pattern, 400, 40060, "Interaction has already been acknowledged.", times=99
    ),
}


def of(plans: dict[str, Plan]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("plan", plans.values(), ids=plans)


def stored(running: Running, server: Server) -> list[str]:
    """Return the questions of a server."""
    return [row[0] for row in running.bot.rows("SELECT text FROM questions WHERE guild_id = ?", server.guild.id)]


def no_riddle(log: str) -> bool:
    """Return whether a log has neither a trace nor a code for the operator."""
    return "Traceback" not in log and "Unexpected error" not in log


@of(PASSING)
async def test_an_answer_arrives_once_whatever_passes(running: Running, plan: Plan) -> None:
    server = await running.server()
    plan(running.discord.faults, CALLBACK)
    asked = await server.use("ask", question=QUESTION)
    assert "February / March 2015" in asked.text
    assert len(asked.messages) == 1
    assert no_riddle(running.log)


@of(LASTING)
async def test_an_answer_that_discord_does_not_take_is_a_line_in_the_log(running: Running, plan: Plan) -> None:
    server, faults = await running.server(), running.discord.faults
    fault = plan(faults, CALLBACK)
    use = await running.discord.use("ask", server.member, server.channel, server.guild, question=QUESTION)
    log = await running.bot.until_logged("got no answer", running.read)
    assert use.reply is None
    assert no_riddle(log)
    faults.planned.remove(fault)
    assert (await server.use("ask", question=QUESTION)).text


@of(PASSING)
async def test_a_question_is_stored_once_whatever_passes(running: Running, plan: Plan) -> None:
    server = await running.server()
    opened = await server.use("question ask")
    plan(running.discord.faults, CALLBACK)
    sent = await server.fill_in(opened, question=FOR_THE_AUTHOR)
    assert stored(running, server) == [FOR_THE_AUTHOR]
    assert len(sent.messages) == 1
    assert no_riddle(running.log)


@of(LASTING)
async def test_a_question_whose_form_discord_keeps_is_not_stored(running: Running, plan: Plan) -> None:
    server, faults = await running.server(), running.discord.faults
    opened = await server.use("question ask")
    fault = plan(faults, CALLBACK)
    await running.discord.submit(opened, server.member, server.channel, server.guild, question=FOR_THE_AUTHOR)
    assert no_riddle(await running.bot.until_logged("got no answer", running.read))
    assert stored(running, server) == []
    faults.planned.remove(fault)
    # Discord leaves the form open, with what was typed: it is sent again.
    await server.fill_in(opened, question=FOR_THE_AUTHOR)
    assert stored(running, server) == [FOR_THE_AUTHOR]


@pytest.mark.parametrize(
    "plan",
    [
        lambda faults: faults.plan(FOLLOW_UP, cut=True),
        lambda faults: faults.plan(FOLLOW_UP, lost=True),
        lambda faults: faults.refuse(FOLLOW_UP, 404, 10015, "Unknown Webhook"),
        lambda faults: faults.limit(FOLLOW_UP, 60, banned=True),
    ],
    ids=["reset-before", "reset-after", "10015", "429-without-via"],
)
async def test_a_question_whose_thanks_are_lost_is_stored_once(
    running: Running, plan: Callable[[Faults], Fault]
) -> None:
    server = await running.server()
    opened = await server.use("question ask")
    fault = plan(running.discord.faults)
    sent = await running.discord.submit(opened, server.member, server.channel, server.guild, question=FOR_THE_AUTHOR)
    await settled_drafts(running, server)
    assert fault.seen == 1
    assert stored(running, server) == [FOR_THE_AUTHOR]
    assert len(sent.messages) <= 1
    assert "Open it again" not in str([message.payload for message in sent.messages])
    assert no_riddle(running.log)


async def settled_drafts(running: Running, server: Server) -> None:
    """Wait until the form of a member is done with: what they typed is let go of then."""
    drafts = "SELECT 1 FROM drafts WHERE member_id = ?"
    await until(lambda: stored(running, server) and not running.bot.rows(drafts, server.member.id))


async def test_what_comes_near_a_question_and_is_lost_is_said(running: Running) -> None:
    server = await running.server()
    opened = await server.use("question ask")
    running.discord.faults.plan(FOLLOW_UP, cut=True)
    sent = await server.fill_in(opened, question=QUESTION)  # the interview says it
    assert stored(running, server) == []
    assert sent.private
    again = await server.press("Open it again", sent)
    assert QUESTION in str(again.form)
    assert no_riddle(running.log)


async def test_a_question_that_discord_takes_late_is_stored(running: Running) -> None:
    server = await running.server()
    opened = await server.use("question ask")
    running.discord.faults.refuse(FOLLOW_UP, 502, times=2)  # the library waits for a second, then three
    sent = await server.fill_in(opened, question=FOR_THE_AUTHOR)
    assert sent.messages
    assert stored(running, server) == [FOR_THE_AUTHOR]


async def test_what_is_typed_and_answered_too_late_is_no_line(running: Running) -> None:
    server, faults = await running.server(), running.discord.faults
    typed = faults.refuse(CALLBACK, 404, 10062, "Unknown interaction")
    await running.discord.type("ask", server.member, server.channel, server.guild, question="keras")
    asked = await server.use("ask", question=QUESTION)
    assert asked.text
    assert typed.seen == 1
    assert "autocomplete" not in running.log
