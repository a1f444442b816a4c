"""What is kept of a person, for them alone: in a few sentences, as a file, and the two presses that delete it."""

import io
from collections import Counter

import discord

from bot.domain.privacy import Fate, Forgotten, Kind
from bot.domain.text import counted
from bot.services.privacy import DELETABLE, Holdings
from bot.ui.actions import Interaction, action, button, services_of, view_of
from bot.ui.look import embed_of

Page = tuple[discord.Embed, discord.ui.View]

FILE_NAME = "what-fireside-keeps-of-me.json"
KEEP, DELETE = "keep", "delete"
NOUNS = {
    Kind.QUESTIONS: "question",
    Kind.ME_TOOS: "me-too",
    Kind.FAVOURITES: "favourite quote",
    Kind.DRAFTS: "draft",
    Kind.NOTICES: "notice of an answer",
    Kind.TAUGHT: "taught wording",
    Kind.DECISIONS: "decision as a moderator",
    Kind.BLOCKS: "block",
}
# Of these the id alone is forgotten.
UNNAMED = frozenset({Kind.DECISIONS, Kind.TAUGHT})
PLURALS = {Kind.NOTICES: "notices of an answer", Kind.DECISIONS: "decisions as a moderator"}
NOTHING = "Nothing is kept about you."
HOW = (
    "A question is kept with your Discord id and, unless you asked without your name, with the name you went by. "
    "All else is kept with your id alone. No messages are read, and what you ask with `/ask` is never kept with you."
)
CHOICE = (
    "**Keep my questions without my name:** they stay, and nobody knows any more who asked them.\n"
    "**Delete my questions too:** those go that nobody else wants and that are not answered. The others stay, "
    "without your name."
)
FOR_GOOD = "This holds for all servers, and it can't be undone."
UNNAMED_ACTS = "What you decided or taught as a moderator stays, and nobody knows any more that it was you."
ALREADY_SENT = "Messages that stand in channels already, and files that admins exported before, are not changed by it."
FOUND_NOTHING = "Nothing was kept about you any more."


def overview(holdings: Holdings, *, in_server: bool) -> Page:
    """Return what is kept of a person, in numbers, with the buttons that hand it over and delete it."""
    if holdings.nothing:
        text = NOTHING
    else:
        here = {kind: held.here for kind, held in holdings.held.items()}
        everywhere = {kind: held.everywhere for kind, held in holdings.held.items()}
        lines = [f"**In this server:** {_listed(here)}."] if in_server else []
        text = "\n\n".join(["\n".join([*lines, f"**In all servers:** {_listed(everywhere)}."]), HOW])
        text += _blocks(holdings.count(Kind.BLOCKS))
    items = [
        button("Send me all of it", "privacy-file", disabled=holdings.nothing),
        button("Delete it", "privacy-delete", style=discord.ButtonStyle.danger, disabled=not holdings.deletable),
    ]
    return embed_of(None, text, title="What is kept about you"), view_of(items)


def _listed(counts: dict[Kind, int]) -> str:
    parts = [_counted(kind, counts[kind]) for kind in Kind if counts.get(kind)]
    return _joined(parts) if parts else "nothing"


def _counted(kind: Kind, count: int) -> str:
    return f"{count} {PLURALS[kind]}" if kind in PLURALS and count != 1 else counted(count, NOUNS[kind])


def _joined(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _blocks(count: int) -> str:
    if not count:
        return ""
    where = counted(count, "server")
    return (
        f"\n\nThe moderators of {where} take no questions from you. That stays, with your id and the date, whatever "
        "you delete: else nobody could be kept out."
    )


def choice_page() -> Page:
    """Return the choice of what becomes of a person's questions."""
    items = [
        button("Keep my questions without my name", "privacy-choose", KEEP),
        button("Delete my questions too", "privacy-choose", DELETE),
        button("Back", "privacy"),
    ]
    return embed_of(None, CHOICE, title="What becomes of your questions?"), view_of(items)


def confirm_page(holdings: Holdings, fates: Counter[Fate], choice: str) -> Page:
    """Return what will become of what, in numbers, and the button that does it."""
    gone = {kind: holdings.count(kind) for kind in DELETABLE - UNNAMED}
    with_questions = choice == DELETE
    gone[Kind.QUESTIONS] = fates[Fate.DELETED] if with_questions else 0
    lines = [f"To be deleted: {_listed(gone)}."]
    wanted, answered = (fates[Fate.WANTED], fates[Fate.ANSWERED]) if with_questions else (0, 0)
    lines += _stay(wanted, answered, 0 if with_questions else fates.total())
    if holdings.count(Kind.DECISIONS) or holdings.count(Kind.TAUGHT):
        lines.append(UNNAMED_ACTS)
    text = "\n".join(lines) + _blocks(holdings.count(Kind.BLOCKS)) + f"\n\n{FOR_GOOD} {ALREADY_SENT}"
    items = [
        button("Delete it for good", "privacy-confirm", choice, style=discord.ButtonStyle.danger),
        button("Back", "privacy"),
    ]
    return embed_of(None, text, title="Delete it?"), view_of(items)


def _stay(wanted: int, answered: int, unnamed: int) -> list[str]:
    """Return the line that says how many questions stay without their asker, and why."""
    total = wanted + answered + unnamed
    if not total:
        return []
    reasons = [f"others want {wanted} of them"] if wanted else []
    if answered:
        reasons.append(f"{answered} {'is' if answered == 1 else 'are'} answered")
    because = f", since {_joined(reasons)}" if reasons else ""
    return [f"Without your name and id: {counted(total, 'question')}{because}."]


def report_page(done: Forgotten) -> Page:
    """Return what became of what was kept of a person."""
    gone = {kind: count for kind, count in done.gone.items() if kind not in UNNAMED}
    acts = done.gone.get(Kind.DECISIONS, 0) + done.gone.get(Kind.TAUGHT, 0)
    lines = [f"Deleted: {_listed(gone)}."] if any(gone.values()) else []
    lines += _stay(done.wanted, done.answered, done.unnamed)
    if acts:
        lines.append(UNNAMED_ACTS)
    text = "\n".join(lines or [FOUND_NOTHING]) + _blocks(done.blocks)
    return embed_of(None, text, title="Done"), view_of([])


@action("privacy")
async def show_overview(interaction: Interaction) -> None:
    """Show who presses what is kept of them, in place of what was there."""
    await interaction.response.defer()
    holdings = await services_of(interaction).privacy.holdings(interaction.user.id, interaction.guild_id)
    await _replace(interaction, overview(holdings, in_server=interaction.guild_id is not None))


@action("privacy-file")
async def send_file(interaction: Interaction) -> None:
    """Send who presses all that is kept of them, for them alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    content = await services_of(interaction).privacy.file(interaction.user.id)
    file = discord.File(io.BytesIO(content), FILE_NAME)
    text = "All that is kept about you, in all servers. The file explains itself; any text editor opens it."
    await interaction.followup.send(embed=embed_of(None, text), file=file, ephemeral=True)


@action("privacy-delete")
async def choose(interaction: Interaction) -> None:
    """Ask what is to become of the questions of who presses, if they have any."""
    await interaction.response.defer()
    holdings = await services_of(interaction).privacy.holdings(interaction.user.id, interaction.guild_id)
    if holdings.count(Kind.QUESTIONS):
        await _replace(interaction, choice_page())
    else:
        await _replace(interaction, confirm_page(holdings, Counter(), KEEP))


@action("privacy-choose")
async def confirm(interaction: Interaction, choice: str) -> None:
    """Say what would become of what, and ask once."""
    await interaction.response.defer()
    privacy = services_of(interaction).privacy
    holdings = await privacy.holdings(interaction.user.id, interaction.guild_id)
    known = DELETE if choice == DELETE else KEEP
    await _replace(interaction, confirm_page(holdings, await privacy.fates(interaction.user.id), known))


@action("privacy-confirm")
async def forget(interaction: Interaction, choice: str) -> None:
    """Forget who presses, then say what became of what."""
    await interaction.response.defer()
    services, member_id = services_of(interaction), interaction.user.id
    done = await services.privacy.forget(member_id, with_questions=choice == DELETE)
    await _replace(interaction, report_page(done))


async def _replace(interaction: Interaction, page: Page) -> None:
    embed, view = page
    await interaction.edit_original_response(embed=embed, view=view)
