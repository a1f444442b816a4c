from bot.app import open_services
from bot.domain.guilds import GuildSettings
from bot.services import Services

GUILD, OTHER = 81384788765712384, 7


async def test_hold_from_the_start_until_they_are_chosen(services: Services) -> None:
    guilds = services.guilds
    assert await guilds.settings(GUILD) == GuildSettings(answers_private=False, keep_misses=True)
    await guilds.set_answers_private(GUILD, private=True)
    await guilds.set_answers_private(GUILD, private=True)
    await guilds.set_keep_misses(GUILD, keep=False)
    assert await guilds.settings(GUILD) == GuildSettings(answers_private=True, keep_misses=False)
    assert await guilds.settings(OTHER) == await guilds.settings(None) == GuildSettings()
    await guilds.set_answers_private(GUILD, private=False)
    await guilds.set_keep_misses(GUILD, keep=True)
    assert await guilds.settings(GUILD) == GuildSettings()


async def test_who_keeps_nothing_any_more_forgets_what_was_kept(services: Services) -> None:
    for guild_id in (GUILD, OTHER):
        await services.gaps.record_miss(guild_id, "What does he read at night?")
    await services.guilds.set_keep_misses(GUILD, keep=False)
    await services.gaps.record_miss(GUILD, "What does he read at noon?")
    await services.guilds.set_keep_misses(GUILD, keep=True)
    assert (await services.gaps.page(GUILD, 0)).gaps == ()
    assert len((await services.gaps.page(OTHER, 0)).gaps) == 1


async def test_of_another_process_are_in_force_at_once(services: Services, database_url: str) -> None:
    async with open_services(database_url) as elsewhere:
        for private in (True, False, True):
            await elsewhere.guilds.set_answers_private(GUILD, private=private)
            assert await services.guilds.settings(GUILD) == GuildSettings(answers_private=private)
            await services.guilds.set_answers_private(GUILD, private=not private)
            assert await elsewhere.guilds.settings(GUILD) == GuildSettings(answers_private=not private)
