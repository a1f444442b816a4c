"""`/import-answers` in a simulated Discord: from the pack to the published answer."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bot.client import Fireside
from bot.domain.questions import Asker, NewQuestion, Question
from bot.errors import NotFoundError
from bot.services import Services
from bot.services.imports import MAX_BYTES
from bot.services.packs import PackWish
from bot.ui.imports import proposal_message
from tests.conftest import World, buttons_of

TEXTS = ("Which of your papers are you most proud of?", "Where do you like to work best of all?")
ANSWER = "The one that nobody read."
PLACE = "**Your answer:**"


@pytest.fixture
async def asked(world: World, services: Services) -> list[Question]:
    asker = Asker(world.guild.id, world.member.id, "mira")
    found = [await services.questions.submit(asker, NewQuestion(text, "francois-chollet")) for text in TEXTS]
    for question in found:
        await services.questions.approve(world.guild.id, question.id, world.admin.id)
    return found


async def filled(world: World, services: Services, *answers: str) -> bytes:
    """Return the pack with answers to its questions, in its own order."""
    pack = (await services.packs.write(world.guild.id, PackWish())).content.decode()
    parts = pack.split(PLACE)
    return "".join(
        part + (f"{PLACE}\n\n{answers[place] if place < len(answers) else ''}" if place + 1 < len(parts) else "")
        for place, part in enumerate(parts)
    ).encode()


async def send(world: World, content: bytes, name: str = "pack.md") -> Any:
    result = await world.admin.slash(world.channel, "import-answers", file=(name, content))
    assert result.ephemeral
    return result.response


async def answers(world: World, services: Services, questions: Sequence[Question]) -> list[str | None]:
    found = [await services.publications.find(world.guild.id, question.id) for question in questions]
    return [answer.text if answer else None for answer in found]


def labels(message: Any) -> list[str]:
    return sorted(buttons_of(message))


async def test_a_pack_goes_out_and_comes_back_as_published_answers(
    world: World, services: Services, asked: list[Question]
) -> None:
    content = await filled(world, services, ANSWER)
    shown = await send(world, b"Dear all,\n\n" + content)
    assert labels(shown) == ["Cancel", "Publish 1 answer"]
    assert ANSWER in shown.embeds[0].description
    assert "Line 1: " in shown.embeds[0].description
    assert await answers(world, services, asked) == [None, None]

    await world.restart(Fireside(services, shard_count=1))
    await world.admin.click(shown, label="Publish 1 answer")
    assert await answers(world, services, asked) == [ANSWER, None]

    again = await send(world, content)
    assert labels(again) == []
    assert "1 as before" in again.embeds[0].description


async def test_a_second_press_changes_nothing(world: World, services: Services, asked: list[Question]) -> None:
    content = await filled(world, services, ANSWER)
    mark = (await services.imports.keep(world.guild.id, world.admin.id, content)).mark
    decisions = (services.imports.decide(world.guild.id, world.admin.id, mark) for _ in range(2))
    await asyncio.gather(*decisions, return_exceptions=True)
    with pytest.raises(NotFoundError):
        await services.imports.decide(world.guild.id, world.admin.id, mark)
    versions = await services.publications.history(world.guild.id, asked[0].id)
    assert len(versions) == 1


async def test_what_would_do_something_else_by_now_is_shown_anew(
    world: World, services: Services, asked: list[Question]
) -> None:
    shown = await send(world, await filled(world, services, ANSWER))
    await services.publications.publish(world.guild.id, asked[0].id, "Another one.", True, None)

    await world.admin.click(shown, label="Publish 1 answer")
    assert await answers(world, services, asked) == ["Another one.", None]
    assert "1 answer: 1 changed." in shown.embeds[0].description

    await world.admin.click(shown, label="Publish 1 answer")
    assert await answers(world, services, asked) == [ANSWER, None]
    assert labels(shown) == []


async def test_cancelled_is_forgotten(world: World, services: Services, asked: list[Question]) -> None:
    content = await filled(world, services, ANSWER)
    mark = (await services.imports.propose(world.guild.id, content)).mark
    shown = await send(world, content)
    await world.admin.click(shown, label="Cancel")
    assert labels(shown) == []
    with pytest.raises(NotFoundError):
        await services.imports.decide(world.guild.id, world.admin.id, mark)
    assert await answers(world, services, asked) == [None, None]


async def test_only_an_admin_may_press(world: World, services: Services, asked: list[Question]) -> None:
    content = await filled(world, services, ANSWER)
    proposal = await services.imports.keep(world.guild.id, world.member.id, content)
    message = await world.in_public(*proposal_message(proposal)[1].children)
    for label in ("Publish 1 answer", "Cancel"):
        await world.member.click(message, label=label)
    assert len(world.said_wrong()) == 2
    assert await answers(world, services, asked) == [None, None]
    assert await services.imports.decide(world.guild.id, world.member.id, proposal.mark)


async def test_a_long_plan_comes_as_a_file_with_all_of_it(
    world: World, services: Services, asked: list[Question]
) -> None:
    long = " ".join(f"word{number}" for number in range(400))
    shown = await send(world, await filled(world, services, long, "Short."))
    (attachment,) = shown.attachments
    text = (await attachment.read()).decode()
    assert long in text
    assert len(shown.embeds[0].description) <= 4096
    await world.admin.click(shown, label="Publish 2 answers")
    assert shown.attachments == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pack.pdf", b"text"),
        ("pack.md", b"x" * (MAX_BYTES + 1)),
        ("pack.md", b""),
        ("pack.md", b"PK\x03\x04\x00\x00\xff"),
    ],
)
async def test_what_is_no_text_or_too_large_is_refused_in_a_sentence(world: World, name: str, content: bytes) -> None:
    shown = await send(world, content, name)
    assert shown.embeds == []
    assert "code" not in shown.content
    assert len(world.said_wrong()) == 1
