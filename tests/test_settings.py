import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.shards import ALL, Shards
from bot.errors import SettingsError
from bot.settings import ROOT, Settings, env_file_warning, load_settings

NAMES = {name.upper() for name in Settings.model_fields}
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.secret"
WriteEnv = Callable[[bytes], None]


@pytest.fixture(autouse=True)
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteEnv:
    """No variable is set, and `.env` holds what the test writes."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")

    def write(content: bytes) -> None:
        (tmp_path / ".env").write_bytes(content)

    return write


class TestNames:
    def test_example_has_every_setting(self) -> None:
        lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
        assert [line.partition("=")[0] for line in lines if line and not line.startswith("#")] == [
            name.upper() for name in Settings.model_fields
        ]

    def test_guide_for_operators_has_every_setting(self) -> None:
        text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
        assert set(re.findall(r"^\| *`([A-Z][A-Z_]+)`", text, re.MULTILINE)) == NAMES

    def test_example_can_be_used_as_it_is(self, env_file: WriteEnv) -> None:
        defaults = load_settings()
        env_file((ROOT / ".env.example").read_bytes())
        assert load_settings() == defaults


class TestValues:
    def test_come_from_the_file(self, env_file: WriteEnv) -> None:
        env_file(f"DISCORD_TOKEN={TOKEN}\nDEMO_PORT=80\nSOMETHING_ELSE=1\n".encode())
        settings = load_settings()
        assert settings.discord_token is not None
        assert settings.discord_token.get_secret_value() == TOKEN
        assert settings.demo_port == 80

    def test_of_the_environment_come_first(self, env_file: WriteEnv, monkeypatch: pytest.MonkeyPatch) -> None:
        env_file(b"DEMO_PORT=80\n")
        monkeypatch.setenv("DEMO_PORT", "81")
        assert load_settings().demo_port == 81

    def test_that_are_empty_are_not_set(self, env_file: WriteEnv) -> None:
        env_file("\n".join(f"{name}=" for name in NAMES).encode())
        settings = load_settings()
        assert settings.discord_token is None
        assert settings.support_url is None
        assert settings.demo_port > 0

    @pytest.mark.parametrize("name", sorted(NAMES))
    def test_that_are_blank_are_not_set(self, env_file: WriteEnv, name: str) -> None:
        defaults = load_settings()
        env_file(f'{name}=" "'.encode())
        assert load_settings() == defaults

    @pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
    def test_of_a_file_that_an_editor_marked_as_utf_8(self, env_file: WriteEnv, mark: bytes) -> None:
        env_file(mark + b"DEMO_PORT=80\r\n")
        assert load_settings().demo_port == 80

    def test_of_a_file_in_another_encoding_are_refused(self, env_file: WriteEnv) -> None:
        env_file("DEMO_PORT=80\n".encode("utf-16"))
        with pytest.raises(SettingsError) as caught:
            load_settings()
        assert ".env" in str(caught.value)
        assert "UTF-8" in str(caught.value)

    @pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
    def test_of_a_file_that_may_not_be_read_are_refused(self, env_file: WriteEnv, tmp_path: Path) -> None:
        env_file(b"DEMO_PORT=80\n")
        (tmp_path / ".env").chmod(0)
        with pytest.raises(SettingsError, match=r"\.env.*user"):
            load_settings()

    def test_of_the_log_level_in_any_case(self, env_file: WriteEnv) -> None:
        env_file(b"LOG_LEVEL=debug\n")
        assert load_settings().log_level == "DEBUG"


class TestMistakes:
    def test_are_all_named_and_no_value_is_shown(self, env_file: WriteEnv) -> None:
        env_file(f"DISCORD_TOKEN={TOKEN}\nSUPPORT_URL=hidden-one\nLOG_LEVEL=hidden-two\nDEMO_PORT=hidden3\n".encode())
        with pytest.raises(SettingsError) as caught:
            load_settings()
        message = str(caught.value)
        assert {name for name in NAMES if name in message} == {"SUPPORT_URL", "LOG_LEVEL", "DEMO_PORT"}
        assert "hidden" not in message.lower()
        assert TOKEN not in message

    @pytest.mark.parametrize("line", ["SHARD_IDS=0", "SHARD_COUNT=2\nSHARD_IDS=x", "DISCORD_STAND_IN=http://a.example"])
    def test_are_said_without_the_library_s_words(self, env_file: WriteEnv, line: str) -> None:
        env_file(line.encode())
        with pytest.raises(SettingsError) as caught:
            load_settings()
        assert "Value error" not in str(caught.value)

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "80.5"])
    def test_of_a_port(self, env_file: WriteEnv, port: str) -> None:
        env_file(f"DEMO_PORT={port}\n".encode())
        with pytest.raises(SettingsError):
            load_settings()


class TestShards:
    def test_without_settings_all_are_this_process_s_however_many_there_are(self) -> None:
        settings = load_settings()
        assert settings.shards is ALL
        assert settings.sharding == {}

    @pytest.mark.parametrize(
        ("lines", "shards"),
        [
            ("SHARD_COUNT=3", Shards(3, (0, 1, 2))),
            ("SHARD_COUNT=1", Shards(1, (0,))),
            ("SHARD_COUNT=8\nSHARD_IDS=0-3,7", Shards(8, (0, 1, 2, 3, 7))),
            ("SHARD_COUNT=4\nCLUSTER_COUNT=2\nCLUSTER_INDEX=1", Shards(4, (2, 3))),
            ("SHARD_COUNT=2\nSHARD_IDS=\nCLUSTER_COUNT=\nCLUSTER_INDEX=", Shards(2, (0, 1))),
        ],
    )
    def test_are_those_that_are_named(self, env_file: WriteEnv, lines: str, shards: Shards) -> None:
        env_file(lines.encode())
        settings = load_settings()
        assert settings.shards == shards
        assert settings.sharding == {"shard_count": shards.count, "shard_ids": list(shards.ids)}

    @pytest.mark.parametrize(
        ("lines", "named"),
        [
            ("SHARD_IDS=0", {"SHARD_IDS", "SHARD_COUNT"}),
            ("SHARD_COUNT=2\nSHARD_IDS=1,2", {"SHARD_IDS", "SHARD_COUNT"}),
            ("SHARD_COUNT=2\nSHARD_IDS=1,1", {"SHARD_IDS"}),
            ("SHARD_COUNT=0\nSHARD_IDS=x", {"SHARD_COUNT", "SHARD_IDS"}),
            ("SHARD_COUNT=2\nCLUSTER_INDEX=0", {"CLUSTER_INDEX", "CLUSTER_COUNT"}),
            ("CLUSTER_COUNT=2\nCLUSTER_INDEX=0", {"SHARD_COUNT", "CLUSTER_COUNT"}),
            ("SHARD_COUNT=2\nCLUSTER_COUNT=2\nCLUSTER_INDEX=2", {"CLUSTER_INDEX", "CLUSTER_COUNT"}),
            ("SHARD_COUNT=2\nCLUSTER_COUNT=3\nCLUSTER_INDEX=0", {"CLUSTER_COUNT", "SHARD_COUNT"}),
            ("SHARD_COUNT=2\nSHARD_IDS=0\nCLUSTER_COUNT=2\nCLUSTER_INDEX=0", {"CLUSTER_COUNT", "SHARD_IDS"}),
            (
                "SHARD_IDS=0\nCLUSTER_INDEX=1\nDEMO_PORT=0",
                {"SHARD_IDS", "SHARD_COUNT", "CLUSTER_INDEX", "CLUSTER_COUNT", "DEMO_PORT"},
            ),
        ],
    )
    def test_that_can_not_be_are_all_named_at_once(self, env_file: WriteEnv, lines: str, named: set[str]) -> None:
        env_file(lines.encode())
        with pytest.raises(SettingsError) as caught:
            load_settings()
        assert {name for name in NAMES if name in str(caught.value)} == named


def test_the_token_is_not_shown(env_file: WriteEnv) -> None:
    env_file(f"DISCORD_TOKEN={TOKEN}\n".encode())
    settings = load_settings()
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "secret" not in shown


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().demo_port = 1  # type: ignore[misc]


class TestStandIn:
    @pytest.mark.parametrize("address", ["http://127.0.0.1:8200", "http://[::1]:8200", "http://127.1.2.3:1"])
    def test_takes_addresses_of_this_machine(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISCORD_STAND_IN", address)
        assert str(load_settings().discord_stand_in).startswith(address)

    @pytest.mark.parametrize(
        "address",
        [
            "https://discord.com",
            "http://localhost:8200",
            "http://0.0.0.0:8200",
            "http://192.168.1.1:8200",
            "http://127.0.0.1.example.org",
            "http://127.0.0.1@example.org",
            "https://127.0.0.1:8200",
            "ws://127.0.0.1:8200",
        ],
    )
    def test_takes_no_other(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISCORD_STAND_IN", address)
        with pytest.raises(SettingsError, match="DISCORD_STAND_IN"):
            load_settings()


class TestSecrets:
    def test_no_form_of_the_settings_shows_the_token_or_a_password(self, env_file: WriteEnv) -> None:
        env_file(f"DISCORD_TOKEN={TOKEN}\nDATABASE_URL=postgresql://bot:{TOKEN}@localhost/bot\n".encode())
        settings = load_settings()
        for shown in (
            repr(settings),
            str(settings),
            repr(settings.discord_token),
            f"{settings.model_dump()['discord_token']}",
        ):
            assert TOKEN not in shown
            assert shown

    @pytest.mark.skipif(os.name != "posix", reason="permissions of files are others there")
    @pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
    def test_a_file_that_others_can_read_is_named_with_the_remedy(
        self, env_file: WriteEnv, tmp_path: Path, mode: int, *, is_open: bool
    ) -> None:
        assert env_file_warning() is None
        env_file(f"DISCORD_TOKEN={TOKEN}\n".encode())
        (tmp_path / ".env").chmod(mode)
        warning = env_file_warning()
        assert (warning is not None) is is_open
        assert warning is None or ("chmod 600 .env" in warning and TOKEN not in warning)
