"""Brings word of an answer to people: its post, a direct message, a mention where they asked."""

from typing import Any

import discord
from discord.ext import commands

from bot.domain.interviews import Interview
from bot.domain.publications import Channel, Letter, PostedAt, Publication, exchange_key
from bot.domain.text import pages, shorten
from bot.errors import NotFoundError
from bot.services.answers import Hit
from bot.services.interviews import ExchangeRef, Interviews, Library
from bot.ui.actions import Interaction, action, button, services_of, view_of
from bot.ui.answers import answer_page
from bot.ui.look import embed_of, plain, url_of
from bot.ui.sending import judged

Page = tuple[discord.Embed, discord.ui.View]

# Shorter than the lease of a claim, so that nobody else sends what is still under way.
LONGEST_SEND = 20.0
# With the question above it, still within an embed, even if each character needs a backslash.
LONGEST_PART = 1200
LONGEST_QUESTION = 700
TAKEN_BACK = "The author has taken this answer back."
GOES_ON = "*The rest of it is in the server.*"
THE_AUTHOR = "The author"


class AnswerSender:
    """Sends word of answers with the bot's client."""

    def __init__(self, client: commands.AutoShardedBot, interviews: Interviews) -> None:
        """Take the client that is on line, and what lends a server's library."""
        self._client = client
        self._interviews = interviews

    async def send(self, letter: Letter) -> PostedAt | None:
        """Send a letter; return where its post is, if it is one.

        Raises:
            PostRefusedError: Discord will never take it: they take no messages, or the channel is closed to the bot.
            PostFailedError: Discord could not take it now; in doubt, it may have.
        """
        library = await self._interviews.library(letter.publication.question.guild_id)
        # A repeated send with the same nonce does not double what an error of Discord's hid.
        async with judged(LONGEST_SEND, errors_in_doubt=False):
            if letter.kind is Channel.MEND:
                return await self._mend(letter, library)
            if letter.kind is Channel.DM:
                channel: discord.abc.Messageable = await self._client.create_dm(discord.Object(letter.members[0]))
                content = _page(direct_message(letter, library))
            else:
                assert letter.channel_id is not None  # noqa: S101 - only a direct message has none
                guild_id = letter.publication.question.guild_id
                channel = self._client.get_partial_messageable(letter.channel_id, guild_id=guild_id)
                is_post = letter.kind is Channel.POST
                content = _page(post_page(letter.publication, library)) if is_post else mention(letter, library)
            message = await channel.send(**content, nonce=letter.nonce)
        return PostedAt(message.channel.id, message.id) if letter.kind is Channel.POST else None

    async def _mend(self, letter: Letter, library: Library) -> PostedAt | None:
        post = letter.publication.answer.post
        if post is not None:
            channel = self._client.get_partial_messageable(post.channel_id)
            embed, view = post_page(letter.publication, library)
            try:
                await channel.get_partial_message(post.message_id).edit(embed=embed, view=view)
            except discord.NotFound:
                return None  # somebody has deleted it: there is nothing to change
        return post


def _page(page: Page) -> dict[str, Any]:
    embed, view = page
    return {"embed": embed, "view": view}


def _found(publication: Publication, library: Library) -> Hit | None:
    """Return a published answer as an exchange; None where its interview is gone, or it was taken back meanwhile."""
    question = publication.question
    found = library.exchanges.get(ExchangeRef(question.interview or "", exchange_key(question.id)))
    return Hit(*found) if found is not None else None


def _interview(publication: Publication, library: Library) -> Interview | None:
    return next((each for each in library.interviews if each.id == publication.question.interview), None)


def who_answered(publication: Publication, library: Library) -> str:
    """Return the name of who answered, as it is shown."""
    hit = _found(publication, library)
    if hit is None:
        return THE_AUTHOR
    return plain(hit.interview.speaker(hit.interview.answer_turns(hit.exchange)[0]).name)


def post_page(publication: Publication, library: Library) -> Page:
    """Return the post of an answer, which is struck once the answer is taken back."""
    interview, answer = _interview(publication, library), publication.answer
    hit = _found(publication, library)
    if answer.is_published and hit is not None:
        return answer_page(hit, "", private=False)
    text = plain(pages(answer.text, LONGEST_PART)[0]) if answer.is_published else f"*{TAKEN_BACK}*"
    embed = embed_of(interview, text, title=publication.question.text)
    embed.url = None
    return embed, view_of([])


def direct_message(letter: Letter, library: Library) -> Page:
    """Return what somebody is told who wants a question answered: the question, the answer, and the way to it."""
    publication = letter.publication
    begin = "You asked:" if letter.asked is not None else "You wanted to know:"
    asked = shorten(letter.asked or publication.question.text, LONGEST_QUESTION)
    parts = pages(publication.answer.text, LONGEST_PART)
    text = f"{begin}\n> {plain(asked)}\n\n{who_answered(publication, library)} answered:\n{plain(parts[0])}"
    if len(parts) > 1:
        text += f"\n\n{GOES_ON}"
    return embed_of(_interview(publication, library), text), view_of([_way(publication)])


def _way(publication: Publication) -> discord.ui.Button[Any]:
    """Return the link to the post of an answer; where there is none, to the server."""
    guild_id, post = publication.question.guild_id, publication.answer.post
    if post is None:
        return discord.ui.Button(label="Go to the server", url=url_of(guild_id))
    return discord.ui.Button(label="Go to the answer", url=url_of(guild_id, post.channel_id, post.message_id))


def mention(letter: Letter, library: Library) -> dict[str, Any]:
    """Return the message that mentions members where they asked, and nobody else.

    The answer itself is behind a button: so nothing of it is left there once it is changed or taken back.
    """
    publication = letter.publication
    people = [discord.Object(member) for member in letter.members]
    names = " ".join(f"<@{member}>" for member in letter.members)
    asked = shorten(publication.question.text, LONGEST_QUESTION)
    text = f"{who_answered(publication, library)} has answered:\n> {plain(asked)}"
    items: list[discord.ui.Item[Any]] = [button("Read the answer", "publication-read", publication.question.id)]
    if publication.answer.post is not None:
        items.append(_way(publication))
    return {
        "content": names,
        "embed": embed_of(_interview(publication, library), text),
        "view": view_of(items),
        "allowed_mentions": discord.AllowedMentions(everyone=False, roles=False, users=people),
    }


@action("publication-read")
async def read_answer(interaction: Interaction, question_id: int) -> None:
    """Show an answer as it is now, to who presses alone."""
    services, guild_id, number = services_of(interaction), interaction.guild_id or 0, question_id
    library = await services.interviews.library(guild_id)
    for ref, found in library.exchanges.items():
        if ref.exchange == exchange_key(number):
            embed, view = answer_page(Hit(*found), "", private=True)
            await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
            return
    # It may be part of no interview: of none when it was asked, or of one that has nobody of that role any more.
    answer = await services.publications.find(guild_id, number)
    if answer is None or not answer.is_published:
        raise NotFoundError("That answer is no longer here: it was taken back.")
    embed, view = post_page(Publication(await services.questions.find(guild_id, number), answer), library)
    await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
