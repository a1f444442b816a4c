"""Which of a server's waiting questions ask the same: an index in memory for each server, kept up to date."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.domain.duplicates import LIKELY, WORTH_A_LOOK, Duplicate, OpenQuestions
from bot.domain.questions import Question
from bot.storage.database import Database
from bot.storage.guilds import Revision, questions_revision
from bot.storage.questions import find_question, waiting_texts

# More than this would hold up everybody else for too long: a thread does it.
FEW_TEXTS, FEW_CHANGES = 200, 20
# What is remembered between calls is thrown away when it grows beyond this.
MOST_GUILDS_REMEMBERED = 200

Found = list[tuple[Question, float]]


@dataclass(slots=True)
class _Server:
    """A server's index, as of a revision of its questions; whoever holds the lock may use it."""

    index: OpenQuestions = field(default_factory=OpenQuestions)
    revision: Revision | None = None
    texts: Mapping[int, str] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Similar:
    """Finds the questions of a server that ask the same as another one."""

    def __init__(self, database: Database) -> None:
        """Take the database that holds the questions."""
        self._database = database
        self._servers: OrderedDict[int, _Server] = OrderedDict()
        self._looking: set[asyncio.Task[Found]] = set()

    async def likely(self, guild_id: int, text: str, limit: int = 3) -> Found:
        """Return the waiting questions that likely ask the same as a text, best first, each with its probability."""
        return await self._waiting(guild_id, await self._nearest(guild_id, text, limit, LIKELY))

    async def candidates(
        self, guild_id: int, question_id: int, limit: int = 5, *, within: float | None = None
    ) -> Found:
        """Return the waiting questions that a question may be merged with, best first, each with its probability.

        A question that is not there has none. Where it takes more than `within` seconds to look for them, as the first
        time among thousands, none are returned; the look goes on, and the next one is quicker.
        """
        looking = asyncio.create_task(self._candidates(guild_id, question_id, limit))
        self._looking.add(looking)
        looking.add_done_callback(self._looking.discard)
        try:
            return await asyncio.wait_for(asyncio.shield(looking), within)
        except TimeoutError:
            return []

    async def _candidates(self, guild_id: int, question_id: int, limit: int) -> Found:
        async with self._database.read() as connection:
            question = await find_question(connection, guild_id, question_id)
        if question is None:
            return []
        near = await self._nearest(guild_id, question.text, limit + 1, WORTH_A_LOOK)
        return await self._waiting(guild_id, [each for each in near if each.id != question_id][:limit])

    async def _waiting(self, guild_id: int, near: Iterable[Duplicate]) -> Found:
        """Return those questions that still wait: they may have changed while they were looked for."""
        async with self._database.read() as connection:
            found = [(await find_question(connection, guild_id, each.id), each.probability) for each in near]
        return [(question, probability) for question, probability in found if question and question.is_waiting]

    async def _nearest(self, guild_id: int, text: str, limit: int, at_least: float) -> list[Duplicate]:
        server = self._server(guild_id)
        async with server.lock:
            await self._bring_up_to_date(guild_id, server)
            if len(server.texts) <= FEW_TEXTS:
                return server.index.nearest(text, limit, at_least)
            return await asyncio.to_thread(server.index.nearest, text, limit, at_least)

    def _server(self, guild_id: int) -> _Server:
        """Return a server's index; of too many, the one that was not used for longest is thrown away."""
        server = self._servers.setdefault(guild_id, _Server())
        self._servers.move_to_end(guild_id)
        if len(self._servers) > MOST_GUILDS_REMEMBERED:
            self._servers.popitem(last=False)
        return server

    async def _bring_up_to_date(self, guild_id: int, server: _Server) -> None:
        """Let an index follow what is stored, where that has changed."""
        async with self._database.read() as connection:
            revision = await questions_revision(connection, guild_id)
            if revision == server.revision:
                return
            texts = await waiting_texts(connection, guild_id)
        changed = [key for key in texts.keys() | server.texts.keys() if texts.get(key) != server.texts.get(key)]
        if len(changed) <= FEW_CHANGES:
            _follow(server.index, texts, changed)
        else:
            # A thread goes on when who waits for it is cancelled: nobody else may come near this index then.
            index = server.index
            server.index, server.revision, server.texts = OpenQuestions(), None, {}
            await asyncio.to_thread(_follow, index, texts, changed)
            server.index = index
        server.revision, server.texts = revision, texts


def _follow(index: OpenQuestions, texts: Mapping[int, str], changed: Iterable[int]) -> None:
    for key in changed:
        if key in texts:
            index.add(key, texts[key])
        else:
            index.remove(key)
