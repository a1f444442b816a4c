"""How tests ask the author: through the form, as a member does."""

from typing import Any

from bot.domain.questions import Asker, NewQuestion, Question
from bot.services import Services
from tests.conftest import World

PROUD = "Which of your papers are you most proud of?"
PIANO = "Did you ever learn to play the piano as a child?"
# What the bundled interview answers for sure.
ANSWERED = "What are your favourite open source libraries?"


def filled(text: str, **other: Any) -> dict[str, Any]:
    """Return the form as a member fills it in."""
    return {"question": text, "name": "named", "notify": "no"} | other


async def ask(world: World, who: Any, text: str, **other: Any) -> Any:
    """Send the form and return what came of it."""
    form = await who.slash(world.channel, "question ask")
    return await who.submit_modal(form, filled(text, **other))


def said(result: Any) -> Any:
    """Return the message that an interaction was answered with, be it at once or later."""
    return result.followups[-1] if result.followups else result.response


def fields_of(form: Any) -> dict[str, dict[str, Any]]:
    """Return the fields of an open form by their ids."""
    return {field["component"]["custom_id"]: field["component"] for field in form.modal["components"]}


def chosen_in(field: dict[str, Any]) -> list[str]:
    """Return what is chosen in a field of an open form."""
    return [option["value"] for option in field["options"] if option.get("default")]


async def stored(world: World, services: Services, who: Any) -> list[Question]:
    """Return a member's questions as they are stored, newest first."""
    return list((await services.questions.mine(world.guild.id, who.id)).questions)


async def put(world: World, services: Services, who: Any, text: str, *, anonymous: bool = False) -> Question:
    """Store a question without the form."""
    asker = Asker(world.guild.id, who.id, "The Name")
    return await services.questions.submit(asker, NewQuestion(text, anonymous=anonymous))
