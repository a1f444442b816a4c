import asyncio
import dataclasses
import io
import random
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.domain.exports import LAYOUTS, ExportedQuestion, ExportFormat
from bot.services.exports import BATCH, export_parts, write_export

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NASTY = ("=SUM(A1)", "'quoted'", "a\r\nb\rc\u2028d", "\0", "עומר 😀", "> # | `x`", "{U+0000}", " ")


def question(number: int, text: str) -> ExportedQuestion:
    return ExportedQuestion(
        id=number,
        state="answered",
        interview="tea",
        to="host",
        text=text,
        original=None,
        asked_by="Mira",
        member_id=2**63 - number,
        asked_at="2026-03-02T08:00:00+00:00",
        wanted_by=1,
        flagged=False,
        merged_into=None,
        reason=None,
        about=None,
        origin=None,
        answer="Indeed.",
        answered_at="2026-03-03T08:00:00+00:00",
    )


def many(count: int) -> list[ExportedQuestion]:
    """Return questions whose texts are hard to compress."""
    rng = random.Random(7)  # noqa: S311 - nothing here is secret
    return [question(number, f"{NASTY[number % len(NASTY)]} {rng.randbytes(60).hex()}") for number in range(count)]


def files_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


async def each(records: Sequence[ExportedQuestion]) -> AsyncIterator[ExportedQuestion]:
    for record in records:
        yield record


def unpacked(path: Path) -> tuple[str, bytes]:
    """Return the one file in a zip, by name and content."""
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        (name,) = archive.namelist()
        return name, archive.read(name)


def read(form: ExportFormat, content: bytes) -> list[ExportedQuestion]:
    return list(LAYOUTS[form].read(io.BytesIO(content)))


@pytest.fixture(params=ExportFormat)
def form(request: pytest.FixtureRequest) -> ExportFormat:
    found = request.param
    assert isinstance(found, ExportFormat)
    return found


class TestWrite:
    @pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1, 3 * BATCH])
    async def test_holds_every_record_once_and_in_order(self, form: ExportFormat, count: int) -> None:
        records, file = many(count), io.BytesIO()
        assert await write_export(each(records), form, file, NOW) == count
        assert read(form, file.getvalue()) == records

    async def test_begins_where_the_file_stands(self, form: ExportFormat) -> None:
        file = io.BytesIO(b"before")
        file.seek(0, io.SEEK_END)
        await write_export(each(many(4)), form, file, NOW)
        assert read(form, file.getvalue().removeprefix(b"before")) == many(4)

    async def test_leaves_the_event_loop_alone(self, form: ExportFormat) -> None:
        threads = set()

        class Watched(io.BytesIO):
            def write(self, data: object, /) -> int:
                threads.add(threading.get_ident())
                return super().write(data)  # type: ignore[arg-type]

        await write_export(each(many(3)), form, Watched(), NOW)
        assert threads
        assert threading.get_ident() not in threads

    async def test_takes_the_records_a_batch_at_a_time(self) -> None:
        file, ahead = io.BytesIO(), []

        async def watched() -> AsyncIterator[ExportedQuestion]:
            for number, record in enumerate(many(4 * BATCH), start=1):
                ahead.append(number - file.getvalue().count(b'{"id"'))
                yield record

        await write_export(watched(), ExportFormat.JSON, file, NOW)
        assert max(ahead) == BATCH

    async def test_lets_an_error_of_the_source_through(self, form: ExportFormat) -> None:
        async def broken() -> AsyncIterator[ExportedQuestion]:
            yield question(1, "x")
            raise ConnectionError

        with pytest.raises(ConnectionError):
            await write_export(broken(), form, io.BytesIO(), NOW)

    async def test_lets_an_error_of_the_disk_through(self, form: ExportFormat) -> None:
        class Full(io.BytesIO):
            def write(self, _: object, /) -> int:
                raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="space"):
            await write_export(each(many(1)), form, Full(), NOW)

    async def test_that_is_cancelled_ends_when_nothing_writes_any_more(self, form: ExportFormat) -> None:
        writing, go_on = threading.Event(), threading.Event()

        class Slow(io.BytesIO):
            def write(self, data: object, /) -> int:
                writing.set()
                go_on.wait()
                return super().write(data)  # type: ignore[arg-type]

        task = asyncio.create_task(write_export(each(many(2)), form, Slow(), NOW))
        await asyncio.to_thread(writing.wait)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=0.01)
        go_on.set()
        assert not done
        with pytest.raises(asyncio.CancelledError):
            await task


class TestParts:
    async def test_what_is_small_enough_is_one_file(self, form: ExportFormat, tmp_path: Path) -> None:
        file = io.BytesIO()
        await write_export(each(many(100)), form, file, NOW)
        (path,) = await export_parts(each(many(100)), form, len(file.getvalue()), tmp_path, NOW)
        assert path == tmp_path / f"questions.{form}"
        assert path.read_bytes() == file.getvalue()

    async def test_what_is_too_large_is_zipped(self, form: ExportFormat, tmp_path: Path) -> None:
        file = io.BytesIO()
        size = await write_export(each(many(100)), form, file, NOW) and len(file.getvalue())
        (path,) = await export_parts(each(many(100)), form, size - 1, tmp_path, NOW)
        assert files_in(tmp_path) == {path} == {tmp_path / f"questions.{form}.zip"}
        assert unpacked(path) == (f"questions.{form}", file.getvalue())
        with ZipFile(path) as archive:
            assert archive.infolist()[0].date_time == (2026, 3, 2, 8, 0, 0)

    @pytest.mark.parametrize("limit", [1000, 2500, 20_000])
    async def test_what_is_too_large_as_a_zip_is_in_parts(self, form: ExportFormat, tmp_path: Path, limit: int) -> None:
        records = many(600)
        paths = await export_parts(each(records), form, limit, tmp_path, NOW)
        assert len(paths) > 1
        assert [path.name for path in paths] == [
            f"questions-{number}-of-{len(paths)}.{form}.zip" for number in range(1, len(paths) + 1)
        ]
        assert files_in(tmp_path) == set(paths)
        assert max(path.stat().st_size for path in paths) <= limit
        inside = [unpacked(path) for path in paths]
        assert len({name for name, _ in inside}) == len(paths)
        assert all(name.endswith(f".{form}") for name, _ in inside)
        assert [record for _, content in inside for record in read(form, content)] == records

    async def test_parts_are_well_filled(self, tmp_path: Path) -> None:
        paths = await export_parts(each(many(3000)), ExportFormat.CSV, 20_000, tmp_path, NOW)
        sizes = [path.stat().st_size for path in paths]
        assert sum(sizes) / len(sizes) > 10_000

    async def test_parts_of_texts_that_compress_each_in_another_way(self, tmp_path: Path) -> None:
        records = [dataclasses.replace(one, answer="ha" * 2000) for one in many(300)] + many(300)
        paths = await export_parts(each(records), ExportFormat.JSON, 5000, tmp_path, NOW)
        assert max(path.stat().st_size for path in paths) <= 5000
        contents = [unpacked(path)[1] for path in paths]
        assert [record for content in contents for record in read(ExportFormat.JSON, content)] == records

    async def test_parts_of_one_large_question_before_small_ones(self, tmp_path: Path) -> None:
        large = "".join(one.text for one in many(40))
        records = [question(1, large), *many(8)]
        paths = await export_parts(each(records), ExportFormat.CSV, 4000, tmp_path, NOW)
        contents = [unpacked(path)[1] for path in paths]
        assert [record for content in contents for record in read(ExportFormat.CSV, content)] == records

    async def test_no_questions_are_one_file(self, form: ExportFormat, tmp_path: Path) -> None:
        (path,) = await export_parts(each([]), form, 10_000, tmp_path, NOW)
        assert read(form, path.read_bytes()) == []

    @pytest.mark.parametrize("count", [0, 1, 4])
    async def test_a_limit_below_one_question_is_refused(self, form: ExportFormat, tmp_path: Path, count: int) -> None:
        with pytest.raises(ValueError, match="20 bytes"):
            await export_parts(each(many(count)), form, 20, tmp_path, NOW)

    async def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            await export_parts(each([]), ExportFormat.CSV, 1000, tmp_path / "gone", NOW)
