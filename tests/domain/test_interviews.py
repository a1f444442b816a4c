import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.interviews import (
    ChosenQuotes,
    Role,
    checksum,
    dump_interview,
    interview_schema,
    parse_interview,
    seal,
)
from bot.domain.transcripts import Details, read_transcript
from bot.errors import InterviewFileError

DATA = Path(__file__).parents[2] / "data"
BUNDLED = (DATA / "interviews/francois-chollet.json").read_bytes()

Document = dict[str, Any]


def document() -> Document:
    """A whole interview, small enough to see through."""
    said = {"t1": "Hi. What is it?", "t2": "A boat.", "t3": "Right.", "t4": "It leaks."}
    return {
        "id": "boats",
        "title": "Boats",
        "publisher": "The Quay",
        "people": [
            {"id": "ana", "name": "Ana Sol", "role": "host"},
            {"id": "ben", "name": "Ben Ode", "role": "guest"},
        ],
        "turns": [
            {"id": key, "speaker": "ben" if key in {"t2", "t4"} else "ana", "text": text, "sha256": checksum(text)}
            for key, text in said.items()
        ],
        "exchanges": [
            {"id": "e1", "question": "What is it?", "asked_in": "t1", "answered_in": ["t2", "t4"]},
        ],
        "comments": [
            {
                "id": "c1",
                "author": "Dee",
                "text": "Nice.",
                "replies": [{"id": "c1-r1", "author": "Cy", "text": "Yes."}],
            },
        ],
    }


def encoded(content: object) -> bytes:
    return json.dumps(content).encode()


def refusal(data: bytes) -> str:
    with pytest.raises(InterviewFileError) as caught:
        parse_interview(data, "boats.json")
    message = str(caught.value)
    assert message.startswith("boats.json")
    assert message.endswith(".")
    assert not message.endswith("..")
    assert len(message) < 1500
    return message


def change(**fields: Any) -> Callable[[Document], None]:
    return lambda content: content.update(fields)


def change_turn(number: int, **fields: Any) -> Callable[[Document], None]:
    return lambda content: content["turns"][number - 1].update(fields)


def change_exchange(**fields: Any) -> Callable[[Document], None]:
    return lambda content: content["exchanges"][0].update(fields)


class TestBytes:
    def test_that_are_not_json_are_refused_by_line(self) -> None:
        assert "line 2" in refusal(b'{\n"id": }')

    def test_in_another_encoding_are_refused_by_line(self) -> None:
        message = refusal('{\n\n"title": "François"}'.encode("latin-1"))
        assert "line 3" in message
        assert "UTF-8" in message

    def test_with_a_byte_order_mark_are_read(self) -> None:
        assert parse_interview(b"\xef\xbb\xbf" + BUNDLED, "f.json") == parse_interview(BUNDLED, "f.json")

    def test_too_many_are_refused(self) -> None:
        assert "8 MB" in refusal(b" " * 50_000_000)

    def test_of_nested_brackets_are_refused(self) -> None:
        refusal(b"[" * 1_000_000)

    def test_of_a_number_without_end_are_refused(self) -> None:
        refusal(b'{"format": ' + b"1" * 100_000 + b"}")

    @pytest.mark.parametrize("data", [b"[]", b"1", b"null", b'"interview"'])
    def test_of_something_else_are_refused(self, data: bytes) -> None:
        assert "object" in refusal(data)


class TestDocument:
    def test_is_an_interview(self) -> None:
        assert parse_interview(encoded(document()), "boats.json").id == "boats"

    @pytest.mark.parametrize("field", ["id", "title", "publisher", "people", "turns"])
    def test_without_a_field_is_refused_by_its_name(self, field: str) -> None:
        content = document()
        del content[field]
        assert f"{field} is missing" in refusal(encoded(content))

    @pytest.mark.parametrize(
        ("spoil", "named"),
        [
            (change(titel="Boats"), ["titel"]),
            (change(title=1), ["title", "text"]),
            (change(title=""), ["title", "empty"]),
            (change(title=" Boats"), ["title", "one line"]),
            (change(title="x" * 301), ["title", "300"]),
            (change(id="Not A Key"), ["id", "hyphen"]),
            (change(colour="red"), ["colour", "#d00000"]),
            (change(language="English"), ["language", "en"]),
            (change(published="yesterday"), ["published", "2018-07-02"]),
            (change(source="nowhere"), ["source", "https://"]),
            (change(source="ftp://nowhere"), ["source", "https://"]),
            (change(format=2), ["format", "1"]),
            (change(turns={}), ["turns", "list"]),
            (change(turns=[1]), ["turns[1]", "object"]),
            (change(people=[]), ["people", "empty"]),
            (lambda content: content["people"][0].update(role="chair"), ["people[1]", "ana", "host", "guest"]),
            (change_turn(2, text=""), ["turns[2]", "t2", "empty"]),
            (change_turn(2, text=" \n"), ["turns[2]", "t2", "empty"]),
            (change_turn(2, text="\ud800"), ["turns[2]", "t2"]),
            (change_turn(2, text="A ship\0 leaks."), ["turns[2]", "t2", "no valid text"]),
            (change(title="Boats\0"), ["title", "no valid text"]),
            (change(introduction={"text": "\0"}), ["introduction, text", "no valid text"]),
            (change_turn(2, sha256="0"), ["turns[2]", "t2", "seal"]),
            (change_turn(2, text="A ship."), ["t2", "seal"]),
            (change_turn(2, speaker="cy"), ["t2", "cy"]),
            (change_turn(2, id="t1"), ["turns", "t1"]),
            (change_exchange(question="What is this?"), ["e1", "t1"]),
            (change_exchange(answered_in=[]), ["e1", "empty"]),
            (change_exchange(answered_in=["t2", "t3"]), ["e1", "t3", "Ana Sol"]),
            (change_exchange(answered_in=["t2", "t9"]), ["e1", "t9"]),
            (change_exchange(asked_in="t8"), ["e1", "t8"]),
            (lambda content: content["exchanges"].append(content["exchanges"][0]), ["exchanges", "e1"]),
            (lambda content: content["people"].append(content["people"][0]), ["people", "ana"]),
            (lambda content: content["comments"][0]["replies"][0].update(id="c1"), ["comments", "c1"]),
            (lambda content: content["comments"][0]["replies"][0].pop("text"), ["replies[1]", "c1-r1", "text"]),
            (change(quotes={"named": ["A boat.", "A ship."]}), ["quotes, named[2]", "A ship.", "word for word", "[…]"]),
            (change(quotes={"named": ["What is it?"]}), ["quotes, named[1]", "What is it?", "guest"]),
            (change(quotes={"named": ["It […] boat."]}), ["quotes, named[1]", "one turn"]),
            (change(quotes={"named": ["[…]"]}), ["quotes, named[1]", "word for word"]),
            (change(quotes={"named": ["A boat.", "A boat."]}), ["quotes, named[2]", "twice"]),
            (change(quotes={"named": ["A boat. " * 50]}), ["quotes, named[1]", "300"]),
            (change(quotes={"vetoed": ["It leaks!"]}), ["quotes, vetoed[1]", "It leaks!"]),
            (change(quotes={"named": ["A boat."], "vetoed": ["A boat."]}), ["quotes, vetoed[1]", "named too"]),
            (change(quotes={"veto": []}), ["quotes, veto", "spelling"]),
            (change(quotes=["A boat."]), ["quotes", "object"]),
        ],
    )
    def test_that_is_wrong_is_refused_by_place(self, spoil: Callable[[Document], None], named: list[str]) -> None:
        content = document()
        spoil(content)
        message = refusal(encoded(content))
        assert [part for part in named if part not in message] == []

    def test_with_many_mistakes_names_the_first_ones_and_counts_the_rest(self) -> None:
        content = document()
        content["turns"] = [{"id": f"t{number}"} for number in range(20)]
        assert "more" in refusal(encoded(content))
        content = document()
        content["exchanges"] = [{**content["exchanges"][0], "id": f"e{n}", "asked_in": "t9"} for n in range(9)]
        message = refusal(encoded(content))
        assert "e4" in message
        assert "e5" not in message
        assert "4 more" in message

    def test_with_an_unknown_speaker_who_answers_is_refused_once(self) -> None:
        content = document()
        content["turns"][1]["speaker"] = "cy"
        assert refusal(encoded(content)).count("cy") == 1


class TestRoundTrip:
    def test_parsing_what_was_dumped_changes_nothing(self) -> None:
        interview = parse_interview(encoded(document()), "boats.json")
        again = dump_interview(interview)
        assert parse_interview(again.encode(), "boats.json") == interview
        assert dump_interview(parse_interview(again.encode(), "boats.json")) == again

    def test_a_dump_is_for_people_too(self) -> None:
        content = document()
        content["title"] = "Bâteaux"
        content["quotes"] = {"named": ["It […]."]}
        text = dump_interview(parse_interview(encoded(content), "boats.json"))
        assert "Bâteaux" in text
        assert "It […]." in text
        assert text.endswith("}\n")
        assert "colour" not in text
        assert json.loads(text)["$schema"] == "../interview.schema.json"


class TestChosenQuotes:
    @pytest.mark.parametrize("quote", ["A boat.", "boat", "It […].", "[…] leaks.", "… leaks."])
    def test_are_word_for_word_but_for_their_cuts(self, quote: str) -> None:
        content = document() | {"quotes": {"named": [quote]}}
        assert parse_interview(encoded(content), "boats.json").quotes.named == (quote,)
        content = document() | {"quotes": {"vetoed": [quote]}}
        assert parse_interview(encoded(content), "boats.json").quotes.vetoed == (quote,)

    def test_are_none_where_the_file_says_nothing(self) -> None:
        assert parse_interview(encoded(document()), "boats.json").quotes == ChosenQuotes()


class TestSeal:
    def test_takes_every_checksum_anew(self) -> None:
        content = document()
        content["turns"][1]["text"] = "A ship."
        del content["turns"][2]["sha256"]
        interview = seal(encoded(content), "boats.json")
        assert interview.turn("t2").text == "A ship."
        assert all(turn.is_verbatim for turn in interview.turns)

    @pytest.mark.parametrize(
        "content", [[], {"turns": 1}, {"turns": [1, {"text": 1}]}, {"turns": [{"text": "\ud800"}]}]
    )
    def test_refuses_what_is_no_interview(self, content: object) -> None:
        with pytest.raises(InterviewFileError, match=r"boats\.json"):
            seal(encoded(content), "boats.json")


class TestLookups:
    def test_find_people_and_turns(self) -> None:
        interview = parse_interview(encoded(document()), "boats.json")
        assert [person.name for person in interview.people_of(Role.GUEST)] == ["Ben Ode"]
        assert interview.speaker(interview.turns[1]).name == "Ben Ode"
        assert [interview.number(turn.id) for turn in interview.turns] == [1, 2, 3, 4]
        assert interview.turn("t4").text == "It leaks."
        with pytest.raises(KeyError):
            interview.turn("t5")

    def test_find_the_whole_answer(self) -> None:
        interview = parse_interview(encoded(document()), "boats.json")
        (exchange,) = interview.exchanges
        assert [turn.id for turn in interview.answer_turns(exchange)] == ["t2", "t4"]
        assert interview.answer(exchange) == "A boat.\n\nIt leaks."


class TestFilesThatShip:
    def test_the_schema_is_current(self) -> None:
        assert (DATA / "interview.schema.json").read_text(encoding="utf-8") == interview_schema()

    def test_the_interview_is_what_the_reader_makes_of_its_transcript(self) -> None:
        text = (DATA / "transcripts/francois-chollet.txt").read_bytes().decode()
        details = Details(
            publisher="PyImageSearch",
            published=date(2018, 7, 2),
            source="https://pyimagesearch.com/2018/07/02/an-interview-with-francois-chollet/",
            colour="#d00000",
        )
        made = read_transcript(text, "francois-chollet.txt", details).interview
        shipped = parse_interview(BUNDLED, "francois-chollet.json")
        # Other ways to ask and the choice of quotes are added by hand; everything else comes from the transcript.
        plain = [exchange.model_copy(update={"aliases": ()}) for exchange in shipped.exchanges]
        assert shipped.model_copy(update={"exchanges": tuple(plain), "quotes": ChosenQuotes()}) == made
        assert BUNDLED.decode() == dump_interview(shipped)

    def test_every_turn_is_word_for_word_in_the_transcript(self) -> None:
        text = (DATA / "transcripts/francois-chollet.txt").read_bytes().decode()
        for turn in parse_interview(BUNDLED, "francois-chollet.json").turns:
            assert turn.text.replace("\n\n", "\n") in text
