"""The commands that write questions into files and take answers back, as processes of their own."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from bot.app import open_services
from bot.domain.exports import LAYOUTS, ExportedQuestion, ExportFormat
from bot.domain.questions import Asker, NewQuestion
from bot.lock import alone_with
from tests.databases import SQLITE, rows
from tests.processes import CHOSEN, database_of, fireside

GUILD, OTHER = 10, 11
TEXTS = ("Which of your papers are you most proud of?", "Where do you like to work best of all?")
PLACE = "**Your answer:**"

Ask = Callable[..., None]


@pytest.fixture
def folder(tmp_path: Path, loaded_url: str, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database in which two questions were asked; the first is approved, and wanted by two."""
    if database_kind != SQLITE:
        monkeypatch.setenv(CHOSEN, loaded_url)
    ask(tmp_path, GUILD, *TEXTS)

    async def approve() -> None:
        async with open_services(database_of(tmp_path)) as services:
            await services.questions.approve(GUILD, 1, 5)
            await services.questions.want(GUILD, 7, 1)

    asyncio.run(approve())
    return tmp_path


def ask(folder: Path, guild_id: int, *texts: str) -> None:
    async def submit() -> None:
        async with open_services(database_of(folder)) as services:
            for text in texts:
                await services.questions.submit(Asker(guild_id, 5, "Mira"), NewQuestion(text))

    asyncio.run(submit())


def read(path: Path, form: str = "csv") -> list[ExportedQuestion]:
    return list(LAYOUTS[ExportFormat(form)].read(io.BytesIO(path.read_bytes())))


def refused(result: CompletedProcess[str]) -> str:
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("form", list(ExportFormat))
def test_export_writes_each_format(folder: Path, form: str) -> None:
    path = folder / "out"
    result = fireside(folder, "export", "--format", form, "--out", str(path))
    assert result.returncode == 0, result.stderr
    assert [record.text for record in read(path, form)] == list(TEXTS)
    assert "2 questions" in result.stdout


def test_export_filters(folder: Path) -> None:
    path = folder / "out.csv"

    def found(*options: str) -> list[int]:
        result = fireside(folder, "export", "--out", str(path), "--force", *options)
        assert result.returncode == 0, result.stderr
        return [record.id for record in read(path)]

    assert found("--state", "approved", "--interview", "francois-chollet") == [1]
    assert found("--wanted-by", "2", "--since", "2026-11-01") == [1]
    assert "date" in refused(fireside(folder, "export", "--out", str(path), "--force", "--since", "1.11.2026"))


def test_a_file_that_is_there_is_left_alone(folder: Path) -> None:
    path = folder / "out.csv"
    path.write_text("mine")
    for command in ("export", "pack"):
        assert "--force" in refused(fireside(folder, command, "--out", str(path)))
    refused(fireside(folder, "export", "--out", str(path), "--force", "--state", "rejected"))
    assert path.read_text() == "mine"


def test_with_several_servers_they_are_listed(folder: Path) -> None:
    ask(folder, OTHER, "Is that asked in another server, then?")
    path = folder / "out.csv"
    said = refused(fireside(folder, "export", "--out", str(path)))
    assert f"{GUILD}  2 questions" in said
    assert f"{OTHER}  1 question" in said
    assert fireside(folder, "export", "--out", str(path), "--server", str(OTHER)).returncode == 0
    assert len(read(path)) == 1


@pytest.mark.parametrize("command", ["export", "pack"])
@pytest.mark.parametrize("path", ["", "/", ".", "x" * 300])
def test_what_is_no_place_for_a_file_gets_a_sentence(folder: Path, command: str, path: str) -> None:
    refused(fireside(folder, command, "--out", path, "--force"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "--server", f"{2**63}"),
        ("pack", "--server", f"{2**63}"),
        ("pack", "--wanted-by", f"{2**63}"),
        ("import-comments", "--server", f"{2**63}"),
    ],
)
def test_a_number_that_nothing_has_is_a_mistake_of_usage(folder: Path, arguments: tuple[str, ...]) -> None:
    place = () if arguments[0] == "import-comments" else ("--out", str(folder / "out"))
    result = fireside(folder, *arguments, *place)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_without_a_question_there_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    refused(fireside(tmp_path, "export", "--out", str(path)))
    refused(fireside(tmp_path, "export", "--out", str(path), "--server", "10"))
    refused(fireside(tmp_path, "pack", "--out", str(path), "--server", "10"))
    assert not path.exists()


def test_a_pack_goes_out_and_comes_back(folder: Path) -> None:
    path = folder / "pack.md"
    packed = fireside(folder, "pack", "--out", str(path))
    assert packed.returncode == 0, packed.stderr
    pack = path.read_text(encoding="utf-8")
    assert TEXTS[0] in pack
    assert TEXTS[1] not in pack
    path.write_text(pack.replace(PLACE, f"{PLACE}\n\nThe [bold]first[/bold] one."), encoding="utf-8")

    asked = fireside(folder, "import-answers", str(path))
    assert asked.returncode == 1  # nobody says yes
    assert "The [bold]first[/bold] one." in asked.stdout
    assert rows(database_of(folder), "SELECT text FROM answers") == []

    published = fireside(folder, "import-answers", str(path), "--yes")
    assert published.returncode == 0, published.stderr
    again = fireside(folder, "import-answers", str(path), "--yes")
    assert again.returncode == 0, again.stderr
    assert rows(database_of(folder), "SELECT text FROM answers") == [("The [bold]first[/bold] one.",)]
    assert rows(database_of(folder), "SELECT count(*) FROM answer_versions") == [(1,)]


@pytest.mark.parametrize(
    ("name", "content"), [("x.pdf", b"text"), ("x.md", b""), ("x.md", None), ("x.md", b"x" * 6_000_000)]
)
def test_a_file_that_cannot_be_used_gets_a_sentence(folder: Path, name: str, content: bytes | None) -> None:
    path = folder / name
    if content is not None:
        path.write_bytes(content)
    refused(fireside(folder, "import-answers", str(path), "--yes"))


@pytest.mark.only("sqlite")
class TestBackup:
    def test_says_where_the_copy_is(self, folder: Path) -> None:
        result = fireside(folder, "backup")
        assert result.returncode == 0, result.stderr
        (copy,) = (folder / "backups").iterdir()
        assert str(copy) in result.stdout

        elsewhere = folder / "else" / "where"
        assert fireside(folder, "backup", "--to", str(elsewhere)).returncode == 0
        assert fireside(folder, "backup", BACKUP_DIR=str(folder / "chosen")).returncode == 0
        assert len([*elsewhere.iterdir(), *(folder / "chosen").iterdir()]) == 2
        assert list((folder / "backups").iterdir()) == [copy]

    def test_of_nothing_makes_nothing(self, tmp_path: Path) -> None:
        assert "fireside.db" in refused(fireside(tmp_path, "backup"))
        assert list(tmp_path.iterdir()) == []


@pytest.mark.only("sqlite")
class TestRestore:
    @pytest.fixture
    def copy(self, folder: Path) -> Path:
        """A copy from before a third question was asked."""
        assert fireside(folder, "backup").returncode == 0
        (copy,) = (folder / "backups").iterdir()
        ask(folder, GUILD, "What was asked after the copy was written?")
        return copy

    def count(self, folder: Path) -> object:
        return rows(database_of(folder), "SELECT count(*) FROM questions")[0][0]

    def test_shows_both_and_asks(self, folder: Path, copy: Path) -> None:
        result = fireside(folder, "restore", str(copy))
        assert result.returncode == 1  # nobody says yes
        (line,) = [line for line in result.stdout.splitlines() if "questions" in line]
        assert ("2" in line, "3" in line) == (True, True)
        assert self.count(folder) == 3

    def test_can_be_undone(self, folder: Path, copy: Path) -> None:
        result = fireside(folder, "restore", str(copy), "--yes")
        assert result.returncode == 0, result.stderr
        (aside,) = (folder / "backups").glob("before-restore-*.db")
        assert str(aside) in result.stdout
        assert self.count(folder) == 2
        assert fireside(folder, "restore", str(aside), "--yes").returncode == 0
        assert self.count(folder) == 3

    def test_is_refused_while_a_bot_runs(self, folder: Path, copy: Path) -> None:
        with alone_with(folder / "fireside.db"):
            refused(fireside(folder, "restore", str(copy), "--yes"))
            refused(fireside(folder, "run", DISCORD_TOKEN="x"))
            assert fireside(folder, "backup", "--to", str(folder / "more")).returncode == 0
        assert self.count(folder) == 3

    def test_of_the_database_itself_is_refused(self, folder: Path) -> None:
        refused(fireside(folder, "restore", str(folder / "fireside.db"), "--yes"))

    def test_of_a_database_that_is_not_sqlite(self, folder: Path, copy: Path) -> None:
        url = "postgresql+asyncpg://reader@127.0.0.1/fireside"
        assert "pg_dump" in refused(fireside(folder, "restore", str(copy), "--yes", DATABASE_URL=url))
        assert "pg_dump" in refused(fireside(folder, "backup", DATABASE_URL=url))
