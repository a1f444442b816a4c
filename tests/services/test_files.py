import json
import os
from datetime import date
from pathlib import Path

import pytest

from bot.domain.interviews import MAX_FILE_BYTES, dump_interview
from bot.domain.transcripts import Details
from bot.errors import InterviewFileError, InvalidInputError
from bot.services.files import (
    read_answers_file,
    read_interview_file,
    read_interview_files,
    read_transcript_file,
    seal_file,
    write_interview_file,
)
from tests.samples import interview


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tea.json"
    write_interview_file(path, interview())
    return path


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no file without an end")
def test_a_file_of_answers_without_an_end_is_refused(tmp_path: Path) -> None:
    endless = tmp_path / "pack.md"
    endless.symlink_to("/dev/zero")
    with pytest.raises(InvalidInputError):
        read_answers_file(endless)


class TestRead:
    def test_what_was_written(self, path: Path) -> None:
        assert read_interview_file(path) == interview()

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InterviewFileError) as caught:
            read_interview_file(tmp_path / "gone.json")
        assert "gone.json" in str(caught.value)

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(InterviewFileError) as caught:
            read_interview_file(tmp_path)
        assert str(tmp_path) in str(caught.value)

    @pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
    def test_what_may_not_be_read(self, path: Path) -> None:
        path.chmod(0)
        with pytest.raises(InterviewFileError):
            read_interview_file(path)

    def test_what_is_too_large_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.json"
        with path.open("wb") as file:
            file.truncate(50_000_000)  # as long as that, and nothing on the disk
        with pytest.raises(InterviewFileError) as caught:
            read_interview_file(path)
        assert f"{MAX_FILE_BYTES // 1_000_000} MB" in str(caught.value)

    def test_several(self, path: Path, tmp_path: Path) -> None:
        other = tmp_path / "coffee.json"
        write_interview_file(other, interview("coffee"))
        assert read_interview_files([other, path]) == [interview("coffee"), interview()]
        assert read_interview_files([]) == []

    def test_two_of_one_id_names_both(self, path: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.json"
        copy.write_bytes(path.read_bytes())
        with pytest.raises(InterviewFileError) as caught:
            read_interview_files([path, copy])
        assert str(path) in str(caught.value)
        assert str(copy) in str(caught.value)


class TestTranscript:
    def test_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "boat.txt"
        path.write_bytes(b"\xef\xbb\xbfAna: What is it?\r\nBen: A boat.\r\nAna: Whose?\r\nBen: Mine.\r\n")
        found = read_transcript_file(path, Details(published=date(2026, 3, 2))).interview
        assert [turn.text for turn in found.turns] == ["What is it?", "A boat.", "Whose?", "Mine."]
        assert found.published == date(2026, 3, 2)

    def test_of_another_encoding_names_the_line(self, tmp_path: Path) -> None:
        path = tmp_path / "boat.txt"
        path.write_bytes("Ana: What is it?\nBen: Ein Kähnchen.\n".encode("latin-1"))
        with pytest.raises(InterviewFileError) as caught:
            read_transcript_file(path, Details())
        assert "boat.txt, line 2" in str(caught.value)

    def test_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InterviewFileError):
            read_transcript_file(tmp_path / "gone.txt", Details())


class TestWrite:
    def test_takes_the_place_of_what_was_there(self, path: Path) -> None:
        write_interview_file(path, interview("coffee"))
        assert path.read_text(encoding="utf-8") == dump_interview(interview("coffee"))
        assert list(path.parent.iterdir()) == [path]

    def test_in_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InterviewFileError) as caught:
            write_interview_file(tmp_path / "gone" / "tea.json", interview())
        assert "tea.json" in str(caught.value)

    def test_that_fails_leaves_all_as_it_was(self, tmp_path: Path) -> None:
        folder = tmp_path / "tea.json"
        folder.mkdir()
        with pytest.raises(InterviewFileError):
            write_interview_file(folder, interview())
        assert list(tmp_path.iterdir()) == [folder]


class TestSeal:
    def edit(self, path: Path, **changes: object) -> None:
        document = json.loads(path.read_text(encoding="utf-8"))
        document["turns"][1]["text"] = "Quite another answer."
        path.write_text(json.dumps(document | changes), encoding="utf-8")

    def test_makes_an_edited_file_good_again(self, path: Path) -> None:
        self.edit(path)
        with pytest.raises(InterviewFileError):
            read_interview_file(path)
        seal_file(path)
        assert read_interview_file(path).turns[1].text == "Quite another answer."

    def test_leaves_a_good_file_as_it_is(self, path: Path) -> None:
        before = path.read_bytes()
        seal_file(path)
        assert path.read_bytes() == before

    def test_does_not_write_what_is_wrong_in_other_ways(self, path: Path) -> None:
        self.edit(path, title="")
        before = path.read_bytes()
        with pytest.raises(InterviewFileError):
            seal_file(path)
        assert path.read_bytes() == before
