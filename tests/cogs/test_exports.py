"""`/export` in a simulated Discord."""

import io
from collections.abc import Callable
from hashlib import sha512
from typing import Any
from zipfile import ZipFile

import discord
import pytest
from simcord import SetupError

from bot.domain.exports import LAYOUTS, ExportedQuestion, ExportFormat
from bot.domain.pack_reading import read_pack
from bot.domain.questions import Asker, NewQuestion, Question, QuestionRules, Recipient
from bot.services import Services
from tests.conftest import StandingClock, World

QUESTION = "Which of your papers are you most proud of?"
FORMULA = "=HYPERLINK(1), is that harmless?"
INTERVIEW = "francois-chollet"


def asker(world: World) -> Asker:
    return Asker(world.guild.id, world.member.id, "mira")


@pytest.fixture
def ask(world: World, services: Services) -> Callable[..., Any]:
    async def submit(text: str = QUESTION, **new: Any) -> Question:
        rules = QuestionRules(recipients=(Recipient.INTERVIEWEE, Recipient.HOST), a_member=0, a_day=0)
        await services.questions.set_rules(world.guild.id, rules)
        return await services.questions.submit(asker(world), NewQuestion(text, INTERVIEW, **new))

    return submit


async def exported(world: World, form: str = "csv", **options: Any) -> list[ExportedQuestion]:
    result = await world.admin.slash(world.channel, "export questions", format=form, **options)
    assert result.ephemeral
    (attachment,) = attachments_of(result)
    assert attachment.filename == f"questions.{form}"
    return read(await attachment.read(), form)


def messages_of(result: Any) -> list[Any]:
    return [result.response, *result.followups]


def attachments_of(result: Any) -> list[Any]:
    return [file for message in messages_of(result) for file in message.attachments]


def read(content: bytes, form: str) -> list[ExportedQuestion]:
    return list(LAYOUTS[ExportFormat(form)].read(io.BytesIO(content)))


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_every_format_reads_back_with_the_answer(
    world: World, services: Services, ask: Callable[..., Any], clock: StandingClock, form: ExportFormat
) -> None:
    first, second = await ask(), await ask(FORMULA)
    clock.forward(hours=1)
    await services.publications.publish(world.guild.id, first.id, "The one on *depth*.", True, None)

    answered, other = await exported(world, form.value)

    assert (answered.text, answered.state, answered.answer) == (QUESTION, "answered", "The one on *depth*.")
    assert answered.answered_at == clock.now.isoformat(timespec="seconds")
    assert (answered.asked_by, answered.member_id) == ("mira", world.member.id)
    assert (other.id, other.text, other.answer) == (second.id, FORMULA, None)


async def test_an_answer_that_was_taken_back_is_left_out(
    world: World, services: Services, ask: Callable[..., Any]
) -> None:
    question = await ask()
    await services.publications.publish(world.guild.id, question.id, "Not this.", True, None)
    await services.publications.retract(world.guild.id, question.id, None)
    (record,) = await exported(world)
    assert (record.answer, record.answered_at) == (None, None)


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_of_an_anonymous_asker_there_is_the_day_and_nothing_else(
    world: World, services: Services, ask: Callable[..., Any], form: ExportFormat
) -> None:
    question = await ask(anonymous=True)
    await services.publications.publish(world.guild.id, question.id, "The first.", True, None)
    result = await world.admin.slash(world.channel, "export questions", format=form.value)
    content = await attachments_of(result)[0].read()
    (record,) = read(content, form)
    assert (record.asked_by, record.member_id, record.asked_at) == (None, None, "2026-03-02")
    assert record.answered_at == "2026-03-02"
    assert str(world.member.id).encode() not in content
    assert b"mira" not in content


async def test_filters(world: World, services: Services, ask: Callable[..., Any], clock: StandingClock) -> None:
    early = await ask()
    clock.forward(days=2)
    late = await ask("Which of your papers did nobody read, and why?")
    merged = await ask("Which of your papers went unread, and why?")
    await services.questions.merge(world.guild.id, merged.id, late.id, world.admin.id)
    await services.questions.want(world.guild.id, 7, late.id)
    await services.questions.approve(world.guild.id, early.id, world.admin.id)

    async def ids(**options: Any) -> list[int]:
        return [record.id for record in await exported(world, **options)]

    assert await ids() == [early.id, late.id, merged.id]
    assert await ids(state="approved") == [early.id]
    assert await ids(since="2026-03-04") == [late.id, merged.id]
    assert await ids(interview=INTERVIEW, **{"wanted-by": 2}) == [late.id]
    assert [each.state for each in await exported(world)] == ["approved", "open", "merged"]


@pytest.mark.parametrize("options", [{"since": "1.11.2026"}, {"since": "2026-13-01"}, {"interview": "gone"}])
async def test_what_cannot_be_meant_is_said(world: World, options: dict[str, Any]) -> None:
    result = await world.admin.slash(world.channel, "export questions", **options)
    assert result.ephemeral
    assert attachments_of(result) == []
    assert len(world.said_wrong()) == 1


async def test_nothing_to_export_is_said(world: World, services: Services, ask: Callable[..., Any]) -> None:
    await services.questions.submit(Asker(1, 2, "Elsewhere"), NewQuestion(QUESTION, INTERVIEW))
    for command in ("export questions", "export pack"):
        result = await world.admin.slash(world.channel, command)
        assert result.ephemeral
        assert attachments_of(result) == []
        assert result.response.content
    assert len(world.said_wrong()) == 1


async def test_what_is_too_large_comes_in_parts_that_open_by_themselves(
    world: World, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [await ask(f"{QUESTION} {sha512(bytes([number])).hexdigest()}") for number in range(60)]

    async def files(limit: int) -> Any:
        original = discord.Interaction.__init__

        def limited(self: Any, *, data: Any, state: Any) -> None:
            original(self, data=data | {"attachment_size_limit": limit}, state=state)

        with monkeypatch.context() as patch:
            patch.setattr(discord.Interaction, "__init__", limited)
            result = await world.admin.slash(world.channel, "export questions")
        messages = messages_of(result)
        assert all(len(message.attachments) <= 10 for message in messages)
        return messages, attachments_of(result)

    _, (zipped,) = await files(10_000)
    assert zipped.filename == "questions.csv.zip"

    messages, parts = await files(800)
    assert len(messages) > 1
    assert f"60 questions. They are in {len(parts)} parts" in messages[0].content
    found = []
    for number, part in enumerate(parts, start=1):
        assert part.filename == f"questions-{number}-of-{len(parts)}.csv.zip"
        assert part.size <= 800
        with ZipFile(io.BytesIO(await part.read())) as archive:
            (name,) = archive.namelist()
            found += [record.id for record in read(archive.read(name), "csv")]
    assert found == [question.id for question in asked]


@pytest.mark.parametrize("command", ["export questions", "export pack", "import-answers"])
async def test_members_do_not_see_it_and_are_refused_even_where_a_server_shows_it(
    world: World, ask: Callable[..., Any], command: str
) -> None:
    await ask()
    options = {"file": ("pack.md", b"x")} if command == "import-answers" else {}
    with pytest.raises(SetupError):
        await world.member.slash(world.channel, command, **options)

    commands = await world.client.tree.fetch_commands()
    top = next(each for each in commands if each.name == command.partition(" ")[0])
    world.guild.set_command_permissions(top, {world.guild.default_role: True})
    refused = await world.member.slash(world.channel, command, **options)

    assert refused.ephemeral
    assert attachments_of(refused) == []
    assert any(isinstance(error, discord.app_commands.MissingPermissions) for error in world.env.errors)


async def test_interviews_are_completed_by_their_title(world: World) -> None:
    for command in ("export questions", "export pack"):
        (choice,) = await world.admin.autocomplete(world.channel, command, "interview", "CHOLLET")
        assert choice["value"] == INTERVIEW


class TestPack:
    async def pack(self, world: World, **options: Any) -> bytes:
        result = await world.admin.slash(world.channel, "export pack", **options)
        assert result.ephemeral
        (file,) = attachments_of(result)
        return bytes(await file.read())

    async def test_has_what_waits_for_an_answer(
        self, world: World, services: Services, ask: Callable[..., Any]
    ) -> None:
        papers = await ask(anonymous=True)
        keras = await ask("Why did you create Keras in the first place?")
        unreviewed = await ask("Where do you like to work best of all?")
        hosts = await ask("How did you find your interviewee?", recipient=Recipient.HOST)
        answered = await ask("What is answered here already, please?")
        for question in (papers, keras, hosts):
            await services.questions.approve(world.guild.id, question.id, world.admin.id)
        await services.publications.publish(world.guild.id, answered.id, "All of it.", True, None)
        await services.questions.want(world.guild.id, 7, keras.id)
        known = {each.id: each.text for each in (papers, keras, unreviewed, hosts, answered)}

        def numbers(pack: bytes) -> set[int]:
            filled = pack.replace(b"**Your answer:**", b"**Your answer:**\n\nYes.")
            return {answer.number for answer in read_pack(filled, known).answers}

        pack = await self.pack(world)
        assert numbers(pack) == {papers.id, keras.id}
        assert b"2 readers" in pack
        assert b"mira" in pack
        assert b"Turn 6 says: " in pack
        assert numbers(await self.pack(world, **{"at-least": 2})) == {keras.id}
        assert numbers(await self.pack(world, **{"for": "host"})) == {hosts.id}
        assert numbers(await self.pack(world, state="open")) == {unreviewed.id}
        assert str(world.member.id).encode() not in pack

    async def test_the_most_wanted_of_too_many(
        self, world: World, services: Services, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.services.packs.MOST_QUESTIONS", 2)
        for number in range(3):
            question = await ask(f"{QUESTION} {number}")
            await services.questions.approve(world.guild.id, question.id, world.admin.id)
        await services.questions.want(world.guild.id, 7, question.id)
        result = await world.admin.slash(world.channel, "export pack")
        content = await attachments_of(result)[0].read()
        assert content.count(QUESTION.encode()) == 2
        assert f"{QUESTION} 2".encode() in content
        assert "of 3" in result.response.content
