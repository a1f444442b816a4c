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
