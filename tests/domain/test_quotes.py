from collections.abc import Sequence
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.interviews import ChosenQuotes, Role
from bot.domain.quotes import LONGEST, SHORTEST, find_quotes, stands_alone
from bot.domain.text import excerpt
from tests.samples import TEA, bundled, interview

REVIEWED = Path(__file__).parents[1] / "data" / "francois-chollet-quotes.txt"

STEAM = "Every good cup of tea begins with a small cloud of steam."
BOAT = "My grandmother sold tea from a boat in the harbour."


class TestOfTheFirstInterview:
    def test_are_the_guests_own_words(self) -> None:
        for quote in find_quotes(bundled()):
            turn = bundled().turn(quote.turn)
            assert quote.interview == bundled().id
            assert bundled().speaker(turn).role is Role.GUEST
            assert excerpt(turn.text, quote.text)
            assert SHORTEST <= len(quote.text) <= LONGEST
            if "…" not in quote.text:
                assert quote.text in turn.text

    def test_last_for_two_months(self) -> None:
        assert len({quote.text for quote in find_quotes(bundled())}) >= 60

    def test_share_no_words(self) -> None:
        spans = sorted(
            (quote.said_at[0], *span)
            for quote in find_quotes(bundled())
            for span in excerpt(bundled().turn(quote.turn).text, quote.text)
        )
        # But a full stop: behind a cut stands that of the sentence which was cut.
        assert all(one[0] < other[0] or one[2] - 1 <= other[1] for one, other in pairwise(spans))

    def test_come_in_the_order_in_which_they_were_said(self) -> None:
        places = [
            (bundled().number(quote.turn), excerpt(bundled().turn(quote.turn).text, quote.text)[0][0])
            for quote in find_quotes(bundled())
        ]
        assert places == sorted(places)
        assert places == [quote.said_at for quote in find_quotes(bundled())]

    def test_are_those_that_were_read_and_found_good(self) -> None:
        # Read each line that differs. Veto or name it in the interview's file, or mend the rules; then write the
        # lines that are right into the file of those that were read.
        found = [f"{quote.turn}: {quote.text}" for quote in find_quotes(bundled())]
        difference = "\n".join(unified_diff(REVIEWED.read_text(encoding="utf-8").splitlines(), found, "read", "found"))
        assert not difference, difference


class TestStandsAlone:
    @pytest.mark.parametrize(
        "sentence",
        [
            "We should remember that the purpose of research is to create knowledge.",
            "Going from idea to results as fast as possible is key to doing great research.",
            "There’s nothing to be gained from engaging with people who act in bad faith.",
            "When I talk to people outside the usual circles, they all use the same tools.",
            "Everything in the library is designed to reduce “cognitive load.”",
            "Theory makes no sense in the absence of all experience with the matter!",
        ],
    )
    def test_what_can_be_read_by_itself(self, sentence: str) -> None:
        assert stands_alone(sentence)

    @pytest.mark.parametrize(
        "sentence",
        [
            "But trolls seem to follow the same playbook in every field of work.",
            "It’s a deep learning curriculum that was written for developers only.",
            "I started it in 2015 as a side-project, and over time it has grown a lot.",
            "I think that’s the main reason why the library got so many friends.",
            "Don’t talk to them and don’t talk about them, not even for a minute.",
            "When it’s really a crossover subfield of mathematics and of computer science.",
            "While everybody in the field was looking at something else entirely.",
            "Building automated checkout systems for brick-and-mortar stores in Asia.",
            "Libraries like Requests and Flask are some very good examples as well.",
            "Deep learning was a very different field for researchers back then.",
            "A year ago this important issue was pretty much off the radar of all.",
            "The anonymous ones tend to be insecure personalities who feel alone.",
            "and it begins in the middle of what somebody else has said before.",
            "This sentence, by contrast, never comes to any end at all, it just",
            "Also, the research community has a reviewing process that is broken.",
            "For example, most of the tools in the library were made for experts.",
            "In the same way the prior of a convnet makes it a considerable improvement.",
            "Yes, applying machine learning without thinking is dangerous to all.",
            "Thank you very much for having me here on your blog this morning.",
            "Hello to everybody who has been reading this blog for all these years.",
            "- Optimizing the operation of a salmon farm is one of the many uses.",
            "2. Optimizing the operation of a salmon farm is one of the many uses.",
            "The word that they use in the field for all of this is “deep learning.",
            "The sentence in this bracket (which is open has no end that can be seen.",
            "Here are the tools that I would recommend to every beginner:",
            "Too short a sentence.",
            "Long " * 60 + "sentence.",
        ],
    )
    def test_what_leans_on_others(self, sentence: str) -> None:
        assert not stands_alone(sentence)

    @settings(deadline=None)
    @given(st.text(max_size=400))
    def test_any_text_can_be_asked_about(self, text: str) -> None:
        if stands_alone(text):
            assert SHORTEST <= len(text) <= LONGEST


class TestPassages:
    @pytest.mark.parametrize(
        ("said", "quoted"),
        [
            # What leans on a quote is a part of it.
            ([STEAM, "It smells of hay."], [f"{STEAM} It smells of hay."]),
            (
                [STEAM, "It smells of hay.", "That is why cats like it."],
                [f"{STEAM} It smells of hay. That is why cats like it."],
            ),
            ([STEAM, *["It smells of hay."] * 4], [f"{STEAM} It smells of hay. It smells of hay."]),
            # What stands alone begins another one.
            ([STEAM, BOAT], [STEAM, BOAT]),
            (["It smells of hay.", STEAM], [STEAM]),
            # What is too short takes the next one.
            (["Tea is patient.", BOAT], [f"Tea is patient. {BOAT}"]),
            (["Tea is patient."], []),
            # A step of a story is neither.
            ([STEAM, "Then my grandmother pours the water away and begins anew."], [STEAM]),
            # A quote ends before what is no sentence, or would make it too long.
            ([STEAM, "It smells of"], [STEAM]),
            ([STEAM, "It smells " + "of hay and " * 25 + "of straw."], [STEAM]),
        ],
    )
    def test_are_whole_thoughts(self, said: Sequence[str], quoted: Sequence[str]) -> None:
        found = find_quotes(interview(answers=[" ".join(said)]))
        assert [quote.text for quote in found] == quoted

    @pytest.mark.parametrize("gap", ["\n", "\n\n", "\n \n"])
    def test_end_with_their_paragraph(self, gap: str) -> None:
        found = find_quotes(interview(answers=[f"{STEAM}{gap}It smells of hay."]))
        assert [quote.text for quote in found] == [STEAM]

    @settings(deadline=None)
    @given(st.lists(st.sampled_from([STEAM, BOAT, "It smells of hay.", "Tea.", "\n\n", "and so on"]), min_size=1))
    def test_are_slices_that_share_no_words(self, said: Sequence[str]) -> None:
        version = interview(answers=[" ".join(said) + " Tea."])
        text = version.turn("a1").text
        end = 0
        for quote in find_quotes(version):
            number, start = quote.said_at
            assert number == 2
            assert start >= end
            end = start + len(quote.text)
            assert text[start:end] == quote.text
            assert "\n" not in quote.text
            assert SHORTEST <= len(quote.text) <= LONGEST


class TestChosen:
    def quotes(self, *said: str, named: Sequence[str] = (), vetoed: Sequence[str] = ()) -> list[str]:
        chosen = ChosenQuotes(named=tuple(named), vetoed=tuple(vetoed))
        version = interview(answers=said).model_copy(update={"quotes": chosen})
        return [quote.text for quote in find_quotes(version)]

    def test_by_name_come_in_the_order_in_which_they_were_said(self) -> None:
        named = ["Tea is patient.", "It […] of hay."]
        assert self.quotes(f"{STEAM} Tea is patient.", BOAT, "It smells of hay.", named=named[::-1]) == [
            STEAM,
            named[0],
            BOAT,
            named[1],
        ]

    def test_by_name_take_the_place_of_what_would_be_found(self) -> None:
        assert self.quotes(f"{STEAM} It smells of hay.", BOAT, named=["It smells of hay."]) == [
            STEAM,
            "It smells of hay.",
            BOAT,
        ]
        assert self.quotes(STEAM, BOAT, named=[f"[…] {BOAT[3:]}"]) == [STEAM, f"[…] {BOAT[3:]}"]

    def test_by_veto_are_gone_with_all_that_holds_them(self) -> None:
        assert self.quotes(STEAM, BOAT, vetoed=[STEAM]) == [BOAT]
        assert self.quotes(f"{STEAM} It smells of hay.", vetoed=["hay"]) == [STEAM]
        assert self.quotes(f"{STEAM} It smells of hay.", vetoed=[STEAM]) == []

    def test_by_name_come_in_spite_of_a_veto(self) -> None:
        assert self.quotes(f"{STEAM} It smells of hay.", named=[STEAM], vetoed=["hay", "steam"]) == [STEAM]


def test_what_is_said_twice_in_a_turn_comes_once() -> None:
    assert [quote.text for quote in find_quotes(interview(answers=[f"{STEAM} {STEAM}"]))] == [STEAM]


def test_hosts_are_not_quoted() -> None:
    quotes = find_quotes(interview())
    assert [quote.text for quote in quotes] == list(TEA)
    assert [quote.turn for quote in quotes] == ["a1", "a2", "a3"]
