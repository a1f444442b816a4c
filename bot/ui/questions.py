"""The form for a question to the author, and what comes between it and the stored question.

Before a question is stored, its asker sees in private what may answer it, and who asks the same. Until then it is a
draft: each button names that, so that it works after a restart, and stores nothing twice.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import discord

from bot.domain.drafts import Draft, DraftKey
from bot.domain.interviews import Interview, Role
from bot.domain.questions import (
    LONGEST,
    SHORTEST,
    Asker,
    NewQuestion,
    Notify,
    Question,
    Recipient,
    Wish,
    check_wish,
    clean_question,
)
from bot.domain.text import one_line, pages, readable, shorten
from bot.errors import DatabaseError, FormFailedError, InvalidInputError, NotFoundError
from bot.services.answers import Hit
from bot.services.asking import Near
from bot.ui.actions import Interaction, action, button, custom_id, services_of, view_of
from bot.ui.forms import modal, paragraph, submission
from bot.ui.look import MAX_OPTION, asked_words, embed_of, option, plain, source_line, url_of

Page = tuple[discord.Embed, discord.ui.View]

SAVED = "Saved. You can change it until it is reviewed: /question mine."
HELPED = "Good. Nothing was sent."
LEFT = "Taken back. /question top lists what others want to know."
YOURS = "you asked this"
FORM, WAITING, ABOUT = "question-form", "question-waiting", "question-about"
QUESTION, INTERVIEW, RECIPIENT, NAME, NOTIFY = "question", "interview", "recipient", "name", "notify"
NAMED, ANONYMOUS = "named", "anonymous"
MOST_OPTIONS = 25
QUOTED_LENGTH = 300
# Short enough that nothing but asterisks, each with its backslash, still fits an embed.
PASSAGE_LENGTH, NEAR_LENGTH, LISTED_LENGTH = 700, 200, 300
ROLES = {
    Recipient.INTERVIEWEE: (Role.GUEST, "The interviewee", "Who was interviewed"),
    Recipient.HOST: (Role.HOST, "The host", "Who asked the questions"),
}
NOTIFIES = {
    Notify.DM: ("In a direct message", "To you alone"),
    Notify.CHANNEL: ("With a mention in this channel", "Everybody there sees that you asked"),
    Notify.NO: ("Not at all", None),
}


async def question_form(
    interaction: Interaction, draft: Draft, interview: str = "", channel: str = "", message: str = ""
) -> discord.ui.Modal:
    """Return the form for a question, filled in.

    Args:
        interaction: Who opens it, and where.
        draft: What is filled in.
        interview: The key of the interview that is meant; "" if none is.
        channel: The id of the channel with the message that the question is about, if it is about one.
        message: The id of that message.

    Raises:
        InvalidInputError: It is not in a server.
    """
    services, asker = services_of(interaction), asker_of(interaction)
    rules = await services.questions.rules(asker.guild_id)
    interviews = (await services.interviews.library()).interviews[:MOST_OPTIONS]
    meant = interviews[0] if len(interviews) == 1 else next((each for each in interviews if each.id == interview), None)
    fields = [_question_field(draft, await _quoted(interaction, message))]
    if meant is None and interviews:
        fields.append(_interview_field(interviews, draft))
    if len(rules.recipients) > 1:
        fields.append(_choice("To whom", RECIPIENT, _recipients(rules.recipients, meant), draft.text(RECIPIENT)))
    names = {
        NAMED: (f"With my name, {asker.member_name}", None),
        ANONYMOUS: ("Anonymously", "Nobody learns who asks. I keep your id, so that you can find your question"),
    }
    fields.append(_choice("Your name", NAME, names, draft.text(NAME, NAMED)))
    fields.append(_choice("How to hear of the answer", NOTIFY, NOTIFIES, draft.text(NOTIFY, Notify.DM)))
    key = meant.id if meant is not None else ""
    return modal("Ask the author", custom_id(FORM, key, channel, message), fields)


def _question_field(draft: Draft, quoted: str | None) -> discord.ui.Label[Any]:
    hint = "What would you like to know?"
    text = paragraph(QUESTION, draft.text(QUESTION), LONGEST, shortest=SHORTEST, placeholder=hint)
    about = shorten(f"About: {quoted}", MAX_OPTION) if quoted else None
    return discord.ui.Label(text="Your question", description=about, component=text)


def _interview_field(interviews: Iterable[Interview], draft: Draft) -> discord.ui.Label[Any]:
    options = [option(each.title, each.id, each.imprint) for each in interviews]
    for each in options:
        each.default = each.value == draft.text(INTERVIEW)
    return discord.ui.Label(text="Interview", component=discord.ui.Select(custom_id=INTERVIEW, options=options))


def _recipients(
    recipients: Iterable[Recipient], interview: Interview | None
) -> dict[Recipient, tuple[str, str | None]]:
    """Return whom a question may be for, by name where it is clear which interview is meant."""
    found: dict[Recipient, tuple[str, str | None]] = {}
    for recipient in recipients:
        role, label, what = ROLES[recipient]
        people = interview.people_of(role) if interview is not None else ()
        found[recipient] = (" and ".join(person.name for person in people), what) if people else (label, None)
    return found


def _choice(label: str, name: str, choices: dict[Any, tuple[str, str | None]], chosen: str) -> discord.ui.Label[Any]:
    """Return a field in which one of a few is chosen; the first where nothing was."""
    chosen = chosen or next(iter(choices))
    options = [
        discord.RadioGroupOption(
            label=shorten(readable(text), MAX_OPTION), value=str(value), description=what, default=value == chosen
        )
        for value, (text, what) in choices.items()
    ]
    return discord.ui.Label(text=label, component=discord.ui.RadioGroup[Any](custom_id=name, options=options))


# Ways into the form ---------------------------------------------------------------------------------------


def ask_author_button(label: str, interview: str, *, disabled: bool) -> discord.ui.Button[Any]:
    """Return the button that opens the form, filled in with the words in the footer of its message."""
    return button(label, "question-ask", interview, disabled=disabled)


@action("question-ask")
async def open_form(interaction: Interaction, interview: str = "") -> None:
    """Open the form, filled in with what the person had asked."""
    words = Draft({QUESTION: [asked_words(interaction.message)]})
    await interaction.response.send_modal(await question_form(interaction, words, interview))


async def ask_about(interaction: Interaction, message: discord.Message) -> None:
    """Open the form for a question about a message, whose words are kept until it is sent."""
    texts = [message.content, *(embed.description or "" for embed in message.embeds)]
    quoted = next((shorten(text, QUOTED_LENGTH) for text in texts if text.strip()), "")
    await services_of(interaction).drafts.keep(_key(interaction, ABOUT, message.id), Draft({"quoted": [quoted]}))
    form = await question_form(interaction, Draft(), "", str(message.channel.id), str(message.id))
    await interaction.response.send_modal(form)


async def _quoted(interaction: Interaction, message: str) -> str | None:
    """Return the words of the message that a question is about, if they are still kept."""
    if not message:
        return None
    try:
        draft = await services_of(interaction).drafts.find(_key(interaction, ABOUT, message))
    except NotFoundError:
        return None
    return draft.text("quoted") or None


def asker_of(interaction: Interaction) -> Asker:
    """Return who uses the bot in which server.

    Raises:
        InvalidInputError: It is not in a server.
    """
    if interaction.guild_id is None:
        raise InvalidInputError("Questions are collected in a server. Ask there.")
    return Asker(interaction.guild_id, interaction.user.id, interaction.user.display_name)


def _key(interaction: Interaction, form: str, *what: object) -> DraftKey:
    return DraftKey(interaction.user.id, interaction.guild_id or 0, "-".join([form, *map(str, what)]))


# From the form to the store -------------------------------------------------------------------------------


@submission(FORM, question_form)
async def submit_form(interaction: Interaction, draft: Draft, *_: str) -> None:
    """Store the question, then say so; where something comes near it, show that first."""
    services, asker = services_of(interaction), asker_of(interaction)
    new = await _new_question(interaction, draft)
    text = clean_question(new.text)
    check_wish(new)
    # To look for what comes near may take longer than Discord waits.
    await interaction.response.defer(ephemeral=True, thinking=True)
    near = await services.asking.near(asker.guild_id, text)
    if near.hit is None and not near.questions:
        await services.questions.submit(asker, new)
        await _forget_message(interaction, draft)
        # It is stored: whatever keeps Discord from the thanks, the form must not be given back to be sent twice.
        with suppress(discord.HTTPException, aiohttp.ClientError):
            await interaction.followup.send(embed=embed_of(None, SAVED), ephemeral=True)
    else:
        await services.drafts.keep(_key(interaction, WAITING, interaction.id), draft)
        embed, view = _near_page(near, interaction.id, asker.member_id)
        await interaction.followup.send(embed=embed, view=view, ephemeral=True)


async def _new_question(interaction: Interaction, draft: Draft) -> NewQuestion:
    """Return what a form asks for that was filled in; whom it is for is as the rules say where nobody could choose."""
    interview, channel, message = (*draft.arguments, "", "", "")[:3]
    rules = await services_of(interaction).questions.rules(asker_of(interaction).guild_id)
    return NewQuestion(
        text=draft.text(QUESTION),
        interview=draft.text(INTERVIEW) or interview,
        recipient=draft.one_of(RECIPIENT, Recipient, rules.recipients[0]),
        anonymous=draft.text(NAME) == ANONYMOUS,
        wish=_wish(interaction, draft),
        about=url_of(interaction.guild_id, channel, message) if message else None,
        quoted=await _quoted(interaction, message),
    )


def _wish(interaction: Interaction, draft: Draft) -> Wish:
    return wish_for(interaction, draft.one_of(NOTIFY, Notify, Notify.NO))


def wish_for(interaction: Interaction, notify: Notify) -> Wish:
    """Return how somebody wants to hear of an answer, in the channel where they say so if it is to be in one."""
    return Wish(notify, interaction.channel_id if notify is Notify.CHANNEL else None)


async def _forget_message(interaction: Interaction, draft: Draft) -> None:
    """Forget the words of the message that a question was about: they are stored with it."""
    if message := (*draft.arguments, "", "", "")[2]:
        await services_of(interaction).drafts.drop(_key(interaction, ABOUT, message))


# What comes near ------------------------------------------------------------------------------------------


def _near_page(near: Near, token: int, member_id: int) -> Page:
    """Return what may answer a question and who asks the same, with the ways on; the token names the draft."""
    parts, first, second = [], [], []
    if near.hit is not None:
        parts.append(_passage(near.hit))
        second.append(button("That helps", "question-helped", token, row=1, style=discord.ButtonStyle.primary))
    if near.questions:
        parts += ["**Already asked?**", *_listed(near.questions, member_id)]
        first = [
            button(f"{number}. Me too", "question-join", token, question.id, row=0, style=discord.ButtonStyle.primary)
            for number, question in enumerate(near.questions, start=1)
            if question.member_id != member_id
        ]
    label = "Mine is different: send it" if near.hit is None else "Ask all the same"
    second.append(button(label, "question-send", token, row=1))
    interview = near.hit.interview if near.hit is not None else None
    return embed_of(interview, "\n\n".join(parts)), view_of([*first, *second])


def _passage(hit: Hit) -> str:
    """Return the part of an answer that fits best, that passage in bold, with what the host asked and the source."""
    turns = hit.interview.answer_turns(hit.exchange)
    turn = next((turn for turn in turns if hit.passage in turn.text), turns[0])
    parts = pages(turn.text, PASSAGE_LENGTH)
    part = plain(one_line(next((part for part in parts if hit.passage in part), parts[0])))
    passage = plain(one_line(hit.passage))
    if passage and passage != part:
        part = part.replace(passage, f"**{passage}**", 1)
    return (
        f"**Turn {hit.interview.number(turn.id)} says this. Does it help?**\n"
        f"{plain(shorten(hit.exchange.question, NEAR_LENGTH))}\n> {part}\n{plain(source_line(hit.interview, turn))}"
    )


def _listed(questions: Sequence[Question], member_id: int) -> list[str]:
    return [
        f"**{number}.** {plain(shorten(question.text, NEAR_LENGTH))}\n"
        + (YOURS if question.member_id == member_id else wanted_line(question.wanted_by))
        for number, question in enumerate(questions, start=1)
    ]


def wanted_line(people: int) -> str:
    """Return how many people want a question answered."""
    return "1 person wants this answered" if people == 1 else f"{people} people want this answered"


@action("question-send")
async def send_anyway(interaction: Interaction, token: str) -> None:
    """Store the question whatever comes near it; what fails gives back its form."""
    services, key = services_of(interaction), _key(interaction, WAITING, token)
    draft = await services.drafts.find(key)
    try:
        await services.questions.submit(asker_of(interaction), await _new_question(interaction, draft), key)
    except NotFoundError:
        raise  # a second press came between
    except Exception as error:
        with suppress(DatabaseError):  # it is kept all the same
            await services.drafts.keep(_key(interaction, FORM), draft)
            await services.drafts.drop(key)
        raise FormFailedError(error, view_of([button("Open it again", "form-again", FORM)])) from error
    await _forget_message(interaction, draft)
    await _finish(interaction, SAVED)


@action("question-helped")
async def stop_asking(interaction: Interaction, token: str) -> None:
    """Forget the question: what was said already answers it."""
    drafts, key = services_of(interaction).drafts, _key(interaction, WAITING, token)
    draft = await drafts.find(key)
    await drafts.drop(key)
    await _forget_message(interaction, draft)
    await _finish(interaction, HELPED)


@action("question-join")
async def join(interaction: Interaction, token: str, question_id: int) -> None:
    """Let the person want an open question answered in place of their own, and hear of it as they wished."""
    services, asker, key = services_of(interaction), asker_of(interaction), _key(interaction, WAITING, token)
    draft = await services.drafts.find(key)
    wish = _wish(interaction, draft)
    question = await services.questions.want(asker.guild_id, asker.member_id, question_id, wish)
    await services.drafts.drop(key)
    await _forget_message(interaction, draft)
    text = f"{plain(shorten(question.text, LISTED_LENGTH))}\n\n{wanted_line(question.wanted_by)}, and you are counted."
    await _finish(interaction, text, button("Not me any more", "question-leave", question.id))


@action("question-leave")
async def leave(interaction: Interaction, question_id: int) -> None:
    """Take back that the person wants a question answered too."""
    asker = asker_of(interaction)
    await services_of(interaction).questions.unwant(asker.guild_id, asker.member_id, question_id)
    await _finish(interaction, LEFT)


async def _finish(interaction: Interaction, text: str, *buttons: discord.ui.Button[Any]) -> None:
    await interaction.response.edit_message(embed=embed_of(None, text), view=view_of(buttons))
