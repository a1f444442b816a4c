"""What stands before a PostgreSQL server as a pooler that lends connections by transaction: notifications get lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import make_url

NOTIFICATION = b"A"


@asynccontextmanager
async def pooler(url: str) -> AsyncIterator[str]:
    """Stand before the server of a database, and lend the address to reach it by."""
    address = make_url(url)
    folder, port_there = address.query.get("host"), address.port or 5432
    under_way: set[asyncio.Task[None]] = set()

    async def serve(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        server, to_server = await (
            asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port_there}")
            if folder
            else asyncio.open_connection(address.host, port_there)
        )
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await asyncio.wait(
                {asyncio.create_task(_as_it_is(client, to_server)), asyncio.create_task(_but_news(server, to_client))},
                return_when=asyncio.FIRST_COMPLETED,
            )
        to_server.close()
        to_client.close()
        under_way.discard(task)

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    try:
        lent = address.set(host="127.0.0.1", port=port, query={"ssl": "disable"})
        yield lent.render_as_string(hide_password=False)
    finally:
        listener.close()
        for task in set(under_way):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _as_it_is(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()


async def _but_news(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Hand on each message but notifications: a letter, and the length of what follows with that of itself."""
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            kind, length = await source.readexactly(1), await source.readexactly(4)
            body = await source.readexactly(int.from_bytes(length) - 4)
            if kind != NOTIFICATION:
                target.write(kind + length + body)
                await target.drain()
