import re
import textwrap
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from bot.domain.interviews import Comment, Interview, Role, Turn, dump_interview, parse_interview
from bot.domain.transcripts import Details, LeftOut, read_transcript
from bot.errors import InterviewFileError

ROOT = Path(__file__).parents[2]
SEED = (ROOT / "data/transcripts/francois-chollet.txt").read_bytes().decode()
PODCAST = (ROOT / "tests/data/lighthouse-podcast.txt").read_text(encoding="utf-8")
MARKDOWN = (ROOT / "tests/data/bread-newsletter.md").read_text(encoding="utf-8")
KERAS = Details(
    publisher="PyImageSearch",
    published=date(2018, 7, 2),
    source="https://pyimagesearch.com/2018/07/02/an-interview-with-francois-chollet/",
    colour="#d00000",
)
SHORT = "Ana: What is it?\nBen: A boat.\nAna: Whose is it?\nBen: Mine.\n"


@pytest.fixture(scope="module")
def seed() -> Interview:
    return read_transcript(SEED, "seed.txt").interview


@pytest.fixture(scope="module")
def podcast() -> Interview:
    return read_transcript(PODCAST, "podcast.txt").interview


def turns(text: str, details: Details | None = None) -> list[tuple[str, str]]:
    interview = read_transcript(text, "text.txt", details).interview
    return [(interview.speaker(turn).name, turn.text) for turn in interview.turns]


def questions(text: str) -> list[str]:
    return [exchange.question for exchange in read_transcript(text, "text.txt").interview.exchanges]


def refusal(text: str, details: Details | None = None) -> str:
    with pytest.raises(InterviewFileError) as caught:
        read_transcript(text, "text.txt", details)
    message = str(caught.value)
    assert message.startswith("text.txt")
    assert message.endswith(".")
    assert not message.endswith("..")
    return message


class TestFirstInterview:
    def test_says_what_it_is(self, seed: Interview) -> None:
        assert seed.id == "francois-chollet"
        assert seed.title == "An interview with François Chollet"
        assert seed.publisher == "PyImageSearch"

    def test_knows_who_asks_and_who_answers(self, seed: Interview) -> None:
        assert [(person.name, person.role) for person in seed.people] == [
            ("Adrian Rosebrock", Role.HOST),
            ("François Chollet", Role.GUEST),
        ]

    def test_has_an_introduction_with_six_topics(self, seed: Interview) -> None:
        assert len(seed.introduction.topics) == 6
        assert seed.introduction.topics[0] == "His inspiration to study AI"
        assert seed.introduction.text.count("\n\n") == 3
        assert "An interview with" not in seed.introduction.text
        assert seed.introduction.text.endswith("it is truthfully a privilege to have him here.")

    def test_has_24_turns_that_alternate(self, seed: Interview) -> None:
        assert [turn.id for turn in seed.turns] == [f"t{number}" for number in range(1, 25)]
        assert [seed.speaker(turn).role for turn in seed.turns] == [Role.HOST, Role.GUEST] * 12

    def test_every_paragraph_of_a_turn_is_word_for_word_a_line_of_the_text(self, seed: Interview) -> None:
        lines = {re.sub("^(Adrian|François): ", "", line) for line in SEED.splitlines()}
        for turn in seed.turns:
            assert set(turn.text.split("\n\n")) <= lines
        assert len(seed.turns[5].text.split("\n\n")) == 4

    def test_holds_every_line_between_the_heading_and_the_advertising(self, seed: Interview) -> None:
        said = [paragraph for turn in seed.turns for paragraph in turn.text.split("\n\n")]
        lines = SEED.splitlines()[11:48]
        assert said == [re.sub("^(Adrian|François): ", "", line) for line in lines]

    def test_ends_before_the_advertising(self, seed: Interview) -> None:
        assert seed.turns[-1].text.endswith("or continuous 3D spaces.")
        assert "PyImageSearch University" not in dump_interview(seed)

    def test_has_12_exchanges_of_a_question_and_its_answer(self, seed: Interview) -> None:
        assert [exchange.id for exchange in seed.exchanges] == [f"e{number}" for number in range(1, 13)]
        pairs = [(exchange.asked_in, *exchange.answered_in) for exchange in seed.exchanges]
        assert pairs == [(f"t{number}", f"t{number + 1}") for number in range(1, 25, 2)]

    def test_shows_questions_without_what_leads_up_to_them(self, seed: Interview) -> None:
        shown = [exchange.question for exchange in seed.exchanges]
        assert shown[0] == "For people who don’t know you, who are you and what do you do?"
        assert shown[2] == (
            "Why did you create it and what gap does it fill in the set of existing ML/DL libraries and packages?"
        )
        assert shown[6].startswith("Would you agree with that statement? And if so, what can we")
        assert all(question.endswith("?") for question in shown)

    def test_has_33_comments_and_10_replies(self, seed: Interview) -> None:
        # Counted by hand: of the 43 entries beneath the text, nine are the host's, and one answers Kudzai.
        assert len(seed.comments) == 33
        replies = [(comment.author, reply.author) for comment in seed.comments for reply in comment.replies]
        host = "Adrian Rosebrock"
        assert replies == [
            ("Thierry Jeanneret", host),
            ("Kudzai", host),
            ("Kudzai", "Brian Karemba"),
            ("JANSEN SIMANULLANG", host),
            ("Jeff Bass", host),
            ("Mark C", host),
            ("David Stone", host),
            ("Alejandro Booman", host),
            ("Mohammed Ehsan Ur Rahman", host),
            ("Yuliya", host),
        ]

    def test_names_comments_and_replies_by_number(self, seed: Interview) -> None:
        assert [comment.id for comment in seed.comments] == [f"c{number}" for number in range(1, 34)]
        assert [reply.id for reply in seed.comments[6].replies] == ["c7-r1", "c7-r2"]

    def test_loses_no_line_of_the_comments(self, seed: Interview) -> None:
        lines: list[str] = []
        for comment in seed.comments:
            lines += [comment.author, *comment.text.split("\n\n")]
            for reply in comment.replies:
                lines += [reply.author, *reply.text.split("\n\n")]
        assert lines == SEED.splitlines()[72:]

    def test_keeps_comments_apart_from_what_the_guest_said(self, seed: Interview) -> None:
        said = "\n".join(turn.text for turn in seed.turns)
        assert {type(comment) for comment in seed.comments} == {Comment}
        assert not issubclass(Comment, Turn)
        assert not issubclass(Turn, Comment)
        for comment in seed.comments:
            assert comment.text not in said
            assert all(reply.text not in said for reply in comment.replies)

    def test_reports_what_it_left_out(self) -> None:
        left_out = read_transcript(SEED, "seed.txt").left_out
        assert [(part.first_line, part.last_line) for part in left_out] == [(49, 66), (67, 70), (71, 72)]
        assert left_out[0].why == "advertising"
        assert all(part.why for part in left_out)

    def test_takes_the_details_given(self) -> None:
        interview = read_transcript(SEED, "seed.txt", KERAS).interview
        assert (interview.published, interview.colour) == (date(2018, 7, 2), "#d00000")
        assert str(interview.source) == KERAS.source

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_is_the_same_with_other_line_ends_and_a_byte_order_mark(self, seed: Interview, end: str) -> None:
        assert read_transcript("\ufeff" + SEED.replace("\n", end), "seed.txt").interview == seed

    @pytest.mark.parametrize("blank_lines", ["\n\n", "\n\n\n"])
    def test_is_the_same_with_blank_lines_between_paragraphs(self, seed: Interview, blank_lines: str) -> None:
        assert read_transcript(SEED.replace("\n", blank_lines), "seed.txt").interview == seed

    @pytest.mark.parametrize("width", [60, 72, 100])
    def test_is_the_same_when_wrapped_to_short_lines(self, seed: Interview, width: int) -> None:
        wrapped = [
            "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
            for line in SEED.splitlines()
        ]
        assert read_transcript("\n\n".join(wrapped), "seed.txt").interview == seed

    def test_is_the_same_when_dumped_and_parsed(self, seed: Interview) -> None:
        assert parse_interview(dump_interview(seed).encode(), "seed.json") == seed


class TestPodcast:
    def test_knows_its_people_and_its_publisher(self, podcast: Interview) -> None:
        assert [person.name for person in podcast.people] == ["Mira Quist", "Tobias Fenn", "Oda van Rell"]
        assert [person.name for person in podcast.people_of(Role.HOST)] == ["Mira Quist"]
        assert podcast.publisher == "Harbour Light"
        assert podcast.title == "Episode 41: Two keepers and one light"
        assert podcast.id == "tobias-fenn-and-oda-van-rell"

    def test_joins_wrapped_lines_and_keeps_paragraphs_apart(self, podcast: Interview) -> None:
        assert podcast.turns[3].text == (
            "Mostly we clean. Salt gets into everything, and a lens with salt on it is a lens that lies.\n\n"
            "At night we write. Note: the log has been kept since 1871, and no page is missing."
        )
        assert podcast.introduction.topics[1] == "Why the lamp was saved, and what it cost"

    def test_leaves_the_advertisement_out_and_goes_on_with_the_answer(self, podcast: Interview) -> None:
        assert podcast.turn("t7").text.endswith("That is what the winter is like, in short.")
        assert "Oilskins" not in dump_interview(podcast)
        assert "Sunday" not in dump_interview(podcast)
        left_out = read_transcript(PODCAST, "podcast.txt").left_out
        assert left_out[0] == LeftOut(38, 41, "advertising")

    def test_makes_no_exchange_of_a_greeting_or_an_interjection(self, podcast: Interview) -> None:
        asked = [(exchange.asked_in, exchange.answered_in) for exchange in podcast.exchanges]
        assert asked == [("t3", ("t4", "t5", "t7")), ("t8", ("t9",)), ("t10", ("t11",))]
        assert podcast.exchanges[1].question.startswith("Tell me about the year")
        assert podcast.exchanges[2].question == "Who decides, in the end?"

    def test_reads_the_comments_beneath_their_heading(self, podcast: Interview) -> None:
        (comment,) = podcast.comments
        assert (comment.author, comment.text) == (
            "Piet Halm",
            "I grew up below that light, and I never knew about the steps.",
        )
        assert [reply.author for reply in comment.replies] == ["Oda van Rell", "Sanne", "Jun Aoki"]
        assert comment.replies[2].text.endswith("a first order one?\n\nJun")


class TestMarkdown:
    def test_reads_bold_labels_and_leaves_bold_words_alone(self) -> None:
        said = turns(MARKDOWN)
        assert [name for name, _ in said] == ["Rafael Conti", "Ilse Marten"] * 3
        assert said[1][1] == "By being tired of offices.\n\n**Speed:** that was what I ran from."
        assert said[2][1] == "What is the oven like?"
        assert said[5][1] == "You learn to tell them apart by the door."

    def test_leaves_headings_out(self) -> None:
        transcript = read_transcript(MARKDOWN, "bread.md")
        assert transcript.interview.title == "Slow bread, quick hands"
        assert [(part.first_line, part.last_line) for part in transcript.left_out] == [(13, 13), (25, 27)]


class TestLabels:
    @pytest.mark.parametrize(
        ("ana", "ben"),
        [
            ("Ana Sol:", "Ben Ode:"),
            ("ANA SOL:", "BEN ODE:"),
            ("**Ana Sol**:", "__Ben Ode:__"),
            ("[00:12:31] ANA:", "(1:02) BEN:"),
            ("00:12 - ANA:", "01:00:12.250 BEN:"),
            ("Ana [00:12]:", "Ben (00:15):"),
        ],
    )
    def test_come_in_many_forms(self, ana: str, ben: str) -> None:
        text = f"Ana Sol meets Ben Ode.\n\n{ana} What is it?\n\n{ben} A boat.\n\n{ana} Whose?\n\n{ben} Mine.\n"
        assert turns(text) == [
            ("Ana Sol", "What is it?"),
            ("Ben Ode", "A boat."),
            ("Ana Sol", "Whose?"),
            ("Ben Ode", "Mine."),
        ]

    def test_a_word_with_a_colon_inside_an_answer_is_no_speaker(self) -> None:
        text = "Ana: Why?\nBen: Two reasons.\nTime: it was late.\nNote: or early.\nNote: or not.\nAna: So?\nBen: So."
        assert turns(text)[1] == ("Ben", "Two reasons.\n\nTime: it was late.\n\nNote: or early.\n\nNote: or not.")

    def test_a_name_given_in_the_details_counts_once(self) -> None:
        text = SHORT + "Cy: I disagree.\n"
        assert turns(text)[-1] == ("Ben", "Mine.\n\nCy: I disagree.")
        assert turns(text, Details(names={"cy": "Cyrus Lund"}))[-1] == ("Cyrus Lund", "I disagree.")

    def test_a_full_name_counts_once_where_a_part_of_it_follows(self) -> None:
        text = "Ana Sol: Why?\nBen Ode: Because.\n" + SHORT
        assert turns(text)[:2] == [("Ana Sol", "Why?"), ("Ben Ode", "Because.")]
        assert {name for name, _ in turns(text)} == {"Ana Sol", "Ben Ode"}

    def test_a_label_again_goes_on_with_the_turn(self) -> None:
        text = SHORT + "Ben: And my sister's.\n"
        assert turns(text)[-1] == ("Ben", "Mine.\n\nAnd my sister's.")

    def test_words_may_begin_on_the_next_line(self) -> None:
        text = SHORT.replace(": ", ":\n")
        assert turns(text) == turns(SHORT)

    def test_a_label_without_words_is_left_out(self) -> None:
        transcript = read_transcript(SHORT + "Ana:\nBen: And the oars.\nAna:\n", "text.txt")
        assert len(transcript.interview.turns) == 4
        assert [part.first_line for part in transcript.left_out] == [5, 7]

    def test_question_and_answer_need_a_name_for_who_answers(self) -> None:
        text = "Q: What is it?\nA: A boat.\n"
        message = refusal(text)
        assert "line 2" in message
        assert "--name" in message
        assert turns(text, Details(names={"Q": "Ana Sol", "A": "Ben Ode"})) == [
            ("Ana Sol", "What is it?"),
            ("Ben Ode", "A boat."),
        ]
        assert turns("An interview with Ben Ode\n" + text)[1][0] == "Ben Ode"

    def test_answers_are_a_guests_even_when_they_ask_more(self) -> None:
        text = "A conversation with Ben Ode\nA: Shall I begin?\nQ: Please do.\nA: With what?\n"
        text += "Q: With the boat?\nA: It sank.\n"
        interview = read_transcript(text, "text.txt").interview
        assert [person.name for person in interview.people_of(Role.GUEST)] == ["Ben Ode"]


class TestNames:
    def test_are_those_most_often_written(self) -> None:
        text = "Ana Sol and (Ana Sol’s friend) Ben de la Cruz, not Ana Birch or Ana I, nor Ana van\n" + SHORT
        assert {name for name, _ in turns(text)} == {"Ana Sol", "Ben de la Cruz"}

    def test_are_told_apart_by_accents_last(self) -> None:
        text = "Zoe Brul. Zoe Brul. Zoë Brûl.\n" + SHORT.replace("Ben", "Zoë")
        assert turns(text)[1][0] == "Zoë Brûl"

    def test_in_capitals_are_written_as_names(self) -> None:
        text = "Ana Birch, Ana Birch.\n" + SHORT.replace("Ana", "ANA DREW").replace("Ben", "BO")
        assert turns(text)[0][0] == "Ana Drew"
        assert turns("BO LI\n" + SHORT.replace("Ben", "BO"))[1][0] == "Bo Li"

    def test_become_ids_that_differ(self) -> None:
        text = SHORT.replace("Ana", "李").replace("Ben", "王")
        assert [person.id for person in read_transcript(text, "text.txt").interview.people] == ["unnamed", "unnamed-2"]

    def test_unknown_in_the_text_are_refused(self) -> None:
        assert "dora" in refusal(SHORT, Details(names={"Dora": "Dora Lind"})).casefold()
        assert "Dora" in refusal(SHORT, Details(hosts=frozenset({"Dora"})))


class TestHosts:
    def test_are_who_asks_though_they_speak_second(self) -> None:
        text = "Ben: Hello.\nAna: What is it?\nBen: A boat.\nAna: Whose?\nBen: Mine.\n"
        assert self.hosts(text) == ["Ana"]

    def test_are_who_speaks_first_when_nobody_asks(self) -> None:
        assert self.hosts(SHORT.replace("?", ".")) == ["Ana"]

    def test_are_those_given_by_label_or_full_name(self) -> None:
        text = "Cy Lund.\n" + SHORT + "Cy: And the oars?\nBen: Mine.\nCy: Good.\n"
        assert self.hosts(text, "ANA", "Cy Lund") == ["Ana", "Cy Lund"]

    def test_cannot_be_everybody(self) -> None:
        refusal(SHORT, Details(hosts=frozenset({"Ana", "Ben"})))

    @staticmethod
    def hosts(text: str, *given: str) -> list[str]:
        interview = read_transcript(text, "text.txt", Details(hosts=frozenset(given))).interview
        return [person.name for person in interview.people_of(Role.HOST)]


class TestQuestions:
    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            (
                "Hi Ben! You sail. What is it? I ask often. (Is it yours?) Do say.",
                "What is it? I ask often. (Is it yours?)",
            ),
            ("Hello Ben, describe the boat.", "describe the boat."),
            ("Thank you for coming. Please explain.", "Please explain."),
            ("I never understood how anybody can sleep on a boat.", None),
            ("He said “why?” and left.\n\nWhy did he?", "Why did he?"),
        ],
    )
    def test_are_word_for_word_a_part_of_the_turn(self, said: str, shown: str | None) -> None:
        text = SHORT + f"Ana: {said}\nBen: Yes.\n"
        assert questions(text)[2] == (shown or said)

    def test_asked_twice_before_an_answer_are_the_last_one(self) -> None:
        text = "Cy: Is it old?\nAna: What is it?\nCy: Let us hear it now in as many words as you like.\nBen: A boat.\n"
        text += "Cy: Good.\nAna: Good.\nBen: Yes.\nAna: And so?\n"
        interview = read_transcript(text, "text.txt", Details(hosts=frozenset({"Ana", "Cy"}))).interview
        assert [(exchange.question, exchange.answered_in) for exchange in interview.exchanges] == [
            ("What is it?", ("t4", "t7"))
        ]

    def test_are_none_before_the_host_speaks(self) -> None:
        text = "Ben: Hello.\n" + SHORT
        interview = read_transcript(text, "text.txt").interview
        assert interview.exchanges[0].answered_in == ("t3",)


class TestAround:
    def test_publisher_is_the_site_or_else_the_host(self) -> None:
        site = Details(source="https://www.boats.example/ben")
        assert read_transcript(SHORT, "text.txt", site).interview.publisher == "boats.example"
        assert read_transcript(SHORT, "text.txt").interview.publisher == "Ana"

    def test_title_is_made_of_the_guests_where_there_is_none(self) -> None:
        assert read_transcript(SHORT, "text.txt").interview.title == "An interview with Ben"
        assert read_transcript("We met by the sea.\n" + SHORT, "t").interview.title == "An interview with Ben"
        assert read_transcript("On boats\nWe met.\n" + SHORT, "t").interview.title == "On boats"
        assert read_transcript("On boats\n" + SHORT, "t", Details(title="Boats")).interview.title == "Boats"

    @pytest.mark.parametrize(
        "line", ["Advertisement", "[Sponsored]", "Sponsored: buy oars.", "A word from our sponsor", "---"]
    )
    def test_a_line_of_advertising_or_a_divider_is_left_out(self, line: str) -> None:
        transcript = read_transcript(SHORT + f"{line}\nIt leaks.\n", "text.txt")
        assert transcript.interview.turns[-1].text == "Mine.\n\nIt leaks."
        assert [(part.first_line, part.last_line) for part in transcript.left_out] == [(5, 5)]

    @pytest.mark.parametrize(
        "line",
        [
            "Sponsored research is rare.",
            "Advertising pays for it.",
            "Comments on it were harsh.",
            "Summary judgments are rare.",
        ],
    )
    def test_a_paragraph_about_such_things_stays(self, line: str) -> None:
        assert turns(SHORT + line)[-1] == ("Ben", f"Mine.\n\n{line}")

    def test_a_timestamp_alone_is_not_said(self) -> None:
        assert turns(SHORT + "[00:13:00] It leaks.\n")[-1][1] == "Mine.\n\nIt leaks."

    def test_a_section_lasts_until_somebody_speaks(self) -> None:
        text = SHORT + "Join the oars newsletter\nNo spam.\n" + SHORT
        transcript = read_transcript(text, "text.txt")
        assert len(transcript.interview.turns) == 8
        assert transcript.left_out == (LeftOut(5, 6, "advertising"),)

    def test_one_short_line_after_the_interview_is_no_comment(self) -> None:
        transcript = read_transcript(SHORT + "Summary\nIt was fun.\nMore boats\nRead on.\n", "text.txt")
        assert transcript.interview.comments == ()
        assert [(part.first_line, part.last_line) for part in transcript.left_out] == [(5, 8)]


class TestComments:
    @pytest.mark.parametrize(
        "heading", ["Comments", "## Comments (2)", "3 responses", "2 thoughts on “A boat”", "**1 Comment**"]
    )
    def test_begin_beneath_a_heading(self, heading: str) -> None:
        assert self.comments(f"{heading}\nAna Lee\nNice.\nDee\nVery.\n") == [
            ("Ana Lee", "Nice.", []),
            ("Dee", "Very.", []),
        ]

    def test_may_say_says(self) -> None:
        assert self.comments("Comments\nAna Lee says:\nMarch 9, 2021\nNice.\n") == [("Ana Lee", "Nice.", [])]

    def test_hold_lines_that_are_no_names(self) -> None:
        text = "Nice\nThanks\nNo, really.\nOn 3 May\nbest of all\n- Boats\nWith a very long line of words\nDee"
        (comment, *others) = self.comments(f"Comments\nDee Lund\n{text}\n")
        assert comment == ("Dee Lund", text.replace("\n", "\n\n"), [])
        assert others == []

    def test_are_left_out_without_an_author_or_words(self) -> None:
        transcript = read_transcript(SHORT + "Comments\n2 of them, sorted.\nDee\nNice.\nCarl Lee\n", "text.txt")
        assert [comment.author for comment in transcript.interview.comments] == ["Dee"]
        assert [part.first_line for part in transcript.left_out] == [5, 6, 9]

    def test_by_the_host_with_none_above_stand_alone(self) -> None:
        assert self.comments("Comments\nAna\nWrite to us.\nDee\nI do.\nBen\nGood.\n") == [
            ("Ana", "Write to us.", []),
            ("Dee", "I do.", ["Ben"]),
        ]

    @pytest.mark.parametrize("begin", ["Dee, yes.", "Dee Lund: yes.", "@Dee yes.", "@dee, yes."])
    def test_that_address_the_one_above_are_replies(self, begin: str) -> None:
        assert self.comments(f"Comments\nDee Lund\nNice.\nCy\n{begin}\n") == [("Dee Lund", "Nice.", ["Cy"])]

    @pytest.mark.parametrize("begin", ["Dee yes.", "Deer, yes.", "@Deer yes.", "Yes, Dee, yes."])
    def test_that_only_mention_the_one_above_are_no_replies(self, begin: str) -> None:
        assert len(self.comments(f"Comments\nDee Lund\nNice.\nCy\n{begin}\n")) == 2

    def test_that_address_the_host_are_no_replies_to_a_namesake(self) -> None:
        assert len(self.comments("Comments\nAna Birch\nNice.\nCy\nAna, thank you.\n")) == 2

    def test_never_begin_turns(self) -> None:
        text = SHORT + "Comments\nDee\nAna: is it true?\nBen: is it?\n"
        assert turns(text) == turns(SHORT)

    @staticmethod
    def comments(text: str) -> list[tuple[str, str, list[str]]]:
        comments = read_transcript(SHORT + text, "text.txt").interview.comments
        return [(comment.author, comment.text, [reply.author for reply in comment.replies]) for comment in comments]


class TestRefusals:
    @pytest.mark.parametrize(
        "text", ["", "\n\n", "Once upon a time.", "Note: this.\nNote: that.\n", "http://a\nhttp://a\n"]
    )
    def test_a_text_without_speakers(self, text: str) -> None:
        message = refusal(text)
        assert "line 1" in message
        assert "Ana: " in message

    def test_a_text_with_one_speaker_names_the_line(self) -> None:
        message = refusal("A talk\n\nAna: One.\n\nAna: Two.\n")
        assert "line 3" in message
        assert "Ana" in message

    def test_a_detail_that_does_not_fit_its_field(self) -> None:
        assert "colour" in refusal(SHORT, Details(colour="red"))
        assert "id" in refusal(SHORT, Details(id="Not A Key"))

    def test_half_a_character_names_the_turn(self) -> None:
        assert "t4" in refusal(SHORT + "\ud800\n")

    def test_a_text_too_long(self) -> None:
        refusal("x\n" * 4_500_000)

    def test_a_line_too_long_is_named(self) -> None:
        assert "line 5" in refusal(SHORT + "x" * 100_001)

    @pytest.mark.parametrize("length", [99_000, 5_000_000])
    @pytest.mark.parametrize(
        "piece", ["x", "A ", "A: ", "Ana: ", ".", "?", ". ", "* ", "[00:00] ", "the A ", "Hi, ", "“ "]
    )
    def test_a_long_line_takes_less_than_a_second(self, piece: str, length: int) -> None:
        line = piece * (length // len(piece))
        for text in (line, f"Ana: {line}\nBen: It is.\n{SHORT}", f"{SHORT}Comments\n{line}\n{line[:60]}\nx\n"):
            begin = time.perf_counter()
            with suppress(InterviewFileError):
                read_transcript(text, "text.txt")
            assert time.perf_counter() - begin < 1
