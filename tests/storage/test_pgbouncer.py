"""A real PgBouncer before the server, which gives each connection a session of its own, as operators are told."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.app import open_services
from bot.domain.shards import Shards
from bot.storage.engines import engine_of
from bot.storage.presence import lent_locks
from tests.postgres import Postgres
from tests.waiting import until

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
GUILD = 81384788765712384
IN_FORCE_WITHIN = 2.0

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here")


@pytest.fixture
def url(own_postgres: Postgres, own_url: str, tmp_path: Path, unused_tcp_port: int) -> Iterator[str]:
    """The address of an empty database, reached by way of PgBouncer."""
    there = Path(str(own_postgres.address.query["host"]))
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": unused_tcp_port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": "session",
        # It does not run as root.
        "user": pwd.getpwuid(there.stat().st_uid).pw_name,
    }
    lines = ["[databases]", f"* = host={there} user=postgres", "[pgbouncer]"]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    file = tmp_path / "pgbouncer.ini"
    file.write_text("\n".join(lines), encoding="utf-8")
    address = make_url(own_url).set(host="127.0.0.1", port=unused_tcp_port, query={})
    with subprocess.Popen([str(PGBOUNCER), "--quiet", file]) as process:
        asyncio.run(until(lambda: listens(unused_tcp_port)))
        yield address.render_as_string(hide_password=False)
        process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


async def test_what_one_process_changes_another_knows_soon(url: str) -> None:
    async with open_services(url, stays=True) as one, open_services(url, stays=True) as other:
        assert await other.answers.find("Why did you create Keras?", GUILD)
        for private in (True, False):
            await one.guilds.set_answers_private(GUILD, private=private)

            async def is_known(private: bool = private) -> bool:
                return (await other.guilds.settings(GUILD)).answers_private is private

            await until(is_known, within=IN_FORCE_WITHIN)


async def test_the_shards_of_a_process_that_ended_can_be_taken(url: str) -> None:
    shards = Shards(2, (0,))
    async with lent_locks(url) as second:
        async with lent_locks(url) as first:
            assert await first.take_shards(shards) is None
            assert await second.take_shards(shards) is not None

        async def taken() -> bool:
            return await second.take_shards(shards) is None

        await until(taken)


async def test_its_sessions_have_the_settings_too(url: str) -> None:
    engine = engine_of(make_url(url))
    async with engine.connect() as connection:
        for name, value in {"jit": "off", "lock_timeout": "10s", "application_name": "fireside"}.items():
            assert (await connection.exec_driver_sql(f"SHOW {name}")).scalar_one() == value
    await engine.dispose()
