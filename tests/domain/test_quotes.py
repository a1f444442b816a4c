from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.interviews import Role
from bot.domain.quotes import LONGEST, SHORTEST, Quote, daily_quote, find_quotes, stands_alone
from tests.samples import TEA, bundled, interview


class TestOfTheFirstInterview:
    def test_are_the_guests_own_words(self) -> None:
        quotes = find_quotes(bundled())
        for quote in quotes:
            turn = bundled().turn(quote.turn)
            assert quote.interview == bundled().id
            assert bundled().speaker(turn).role is Role.GUEST
            assert quote.text in turn.text
            assert SHORTEST <= len(quote.text) <= LONGEST

    def test_last_for_more_than_a_month(self) -> None:
        assert len({quote.text for quote in find_quotes(bundled())}) >= 40

    def test_come_in_the_order_in_which_they_were_said(self) -> None:
        places = [
            (bundled().number(quote.turn), bundled().turn(quote.turn).text.index(quote.text))
            for quote in find_quotes(bundled())
        ]
        assert places == sorted(places)


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


def test_hosts_are_not_quoted() -> None:
    quotes = find_quotes(interview())
    assert [quote.text for quote in quotes] == list(TEA)
    assert [quote.turn for quote in quotes] == ["a1", "a2", "a3"]


def quotes_of(count: int) -> list[Quote]:
    return [Quote("tea", f"a{number}", f"Sentence {number}") for number in range(count)]


class TestDailyQuote:
    @pytest.mark.parametrize("count", range(1, 31))
    def test_all_come_once_before_any_comes_again(self, count: int) -> None:
        quotes = quotes_of(count)
        for guild in (1, 81384788765712384):
            shown = [daily_quote(quotes, guild, day) for day in range(count * 6)]
            for cycle in range(6):
                assert Counter(shown[cycle * count : (cycle + 1) * count]) == Counter(quotes)

    @pytest.mark.parametrize("count", range(2, 31))
    def test_none_comes_on_two_days_running(self, count: int) -> None:
        quotes = quotes_of(count)
        for guild in range(8):
            shown = [daily_quote(quotes, guild, day) for day in range(count * 6)]
            assert all(one != other for one, other in pairwise(shown))

    @given(st.integers(3, 12), st.integers(0, 2**64), st.integers(0, 5000))
    def test_it_depends_on_nothing_but_its_arguments(self, count: int, guild: int, day: int) -> None:
        quotes = quotes_of(count)
        assert daily_quote(quotes, guild, day) == daily_quote(quotes[::-1], guild, day)
        assert daily_quote(quotes, guild, day) != daily_quote(quotes, guild, day + 1)

    def test_servers_and_cycles_have_their_own_order(self) -> None:
        quotes = quotes_of(30)
        orders = {
            tuple(daily_quote(quotes, guild, cycle * 30 + day).turn for day in range(30))
            for guild in range(5)
            for cycle in range(4)
        }
        assert len(orders) == 20
