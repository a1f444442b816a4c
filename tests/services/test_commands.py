import asyncio

from bot.services.commands import CommandRecord
from bot.storage.database import Database


async def test_the_hash_outlives_the_process(database: Database, database_url: str) -> None:
    record = CommandRecord(database)
    assert await record.known() is None
    await record.remember("one")
    await record.remember("two")
    again = await Database.open(database_url)
    assert await CommandRecord(again).known() == "two"
    await again.close()


async def test_discord_is_told_as_soon_as_this_process_leads(database: Database) -> None:
    told = asyncio.Event()

    async def tell() -> None:
        told.set()

    record = CommandRecord(database)
    running = asyncio.create_task(record.run(tell))
    await asyncio.wait_for(told.wait(), 10)
    record.stop()
    await asyncio.wait_for(running, 10)
