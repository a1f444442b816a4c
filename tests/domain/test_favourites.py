from bot.domain.favourites import find_passage
from bot.domain.quotes import Quote, find_quotes
from tests.samples import bundled, turn

SAID = "First I boiled the water for it. Then I waited for a while.\n\nAfter that I drank the tea. It was good."


def test_a_quotes_key_is_short_and_says_which_quote_it_is() -> None:
    quotes = set(find_quotes(bundled()))
    assert len({quote.key for quote in quotes}) == len(quotes)
    assert all(len(quote.key) == 16 and set(quote.key) <= set("0123456789abcdef") for quote in quotes)
    # Old messages know a quote by this: it must never become another one.
    assert Quote("tea", "a1", "Every cup deserves four minutes.").key == "b2f7fb1933977d36"


def test_the_same_words_of_another_turn_are_another_quote() -> None:
    assert len({Quote("tea", "a1", "x").key, Quote("tea", "a2", "x").key, Quote("milk", "a1", "x").key}) == 3


def test_whatever_run_of_sentences_was_a_quote_is_found_in_its_turn() -> None:
    spoken = turn("a1", "guest", SAID)
    for text in (
        "Then I waited for a while.",
        "First I boiled the water for it. Then I waited for a while.",
        "Then I waited for a while.\n\nAfter that I drank the tea.",
        SAID,
    ):
        quote = Quote("tea", "a1", text)
        assert find_passage("tea", spoken, quote.key) == quote


def test_every_quote_of_whole_sentences_is_found_in_its_turn() -> None:
    interview = bundled()
    for quote in (quote for quote in find_quotes(interview) if "…" not in quote.text):
        assert find_passage(interview.id, interview.turn(quote.turn), quote.key) == quote


def test_what_a_turn_no_longer_says_is_not_found() -> None:
    quote = Quote("tea", "a1", "Then I waited for a year.")
    assert find_passage("tea", turn("a1", "guest", SAID), quote.key) is None
