import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.gaps import LONGEST_WORDING, MOST_WORDINGS, Gap, Miss, Wording, group_misses, wording_of

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
WORDS = ("what", "is", "the", "best", "book", "books", "keras", "how", "why", "2", "not", "learning", "lerning", "née")


def miss(text: str, count: int = 1, refused: int = 0, last_at: datetime = NOW) -> Miss:
    wording = wording_of(text)
    assert wording is not None
    return Miss(wording, count, refused, NOW, last_at)


def texts(gaps: list[Gap]) -> list[list[str]]:
    return [[miss.wording.text for miss in gap.misses] for gap in gaps]


class TestWording:
    def test_is_the_same_however_it_is_typed(self) -> None:
        one, other = wording_of("  What’s\nhis favourite CAFÉ?! "), wording_of("what's his favourite cafe")
        assert one is not None
        assert other is not None
        assert one.folded == other.folded
        assert one.text == "What’s his favourite CAFÉ?!"

    @pytest.mark.parametrize("typed", ["", " \n\t", "???", "🔥🔥", "-.-", "\u200b\u202e"])
    def test_without_a_word_is_none(self, typed: str) -> None:
        assert wording_of(typed) is None

    @given(st.text(st.characters(), max_size=400))
    def test_is_short_on_one_line_and_hides_nothing(self, typed: str) -> None:
        wording = wording_of(typed)
        if wording is not None:
            assert 0 < len(wording.folded) <= LONGEST_WORDING
            assert 0 < len(wording.text) <= LONGEST_WORDING
            hidden = {char for char in wording.text if unicodedata.category(char).startswith("C")}
            assert hidden <= {"\u200c", "\u200d"}
            wording.text.encode()
            assert len(wording.text.splitlines()) == 1

    def test_a_ligature_of_eighteen_letters_stays_within_bounds(self) -> None:
        wording = wording_of("ﷺ" * 300)
        assert wording is not None
        assert len(wording.folded) <= LONGEST_WORDING

    def test_names_are_short_and_differ(self) -> None:
        assert len(miss("a book").key) == 16
        assert miss("a book").key != miss("a band").key
        assert miss("a book", 2).key == miss("A BOOK").key


class TestGroups:
    @pytest.mark.parametrize(
        "alike",
        [
            ("what is his favourite book", "What's his favorite book?", "favorite books", "which books are favourites"),
            ("who inspired him", "who was his inspiration"),
            ("which programming language does he like", "programing langauge he likes"),
            ("how many hours does he sleep", "how many hours do you sleep a night"),
            ("where do you live", "where does he live"),
            ("who is he?", "WHO IS HE"),
            ("Was ist sein Lieblingsbuch?", "was ist sein lieblingsbuch"),
            ("он любит собак?", "он любит собаку"),
        ],
    )
    def test_what_asks_for_the_same_is_one(self, alike: tuple[str, ...]) -> None:
        assert len(group_misses(map(miss, alike))) == 1

    @pytest.mark.parametrize(
        "different",
        [
            ("what is the best laptop", "what is the worst laptop", "what is the best phone"),
            ("what is his favourite book", "what is his favourite band", "what is his favourite food"),
            ("how did he make keras", "why did he make keras", "what is keras", "when did he make keras"),
            ("does he use python 2", "does he use python 3"),
            ("why does he like deep learning frameworks", "why doesn't he like deep learning frameworks"),
            ("what is his wife called", "what is his life called"),
            ("does he program on linux servers at home", "does he program on windows servers at home"),
            ("does he like dogs", "does he like cats", "does he hate dogs"),
            ("what is the best laptop", "what is the best laptop for deep learning"),
        ],
    )
    def test_the_same_grammar_is_not_the_same_question(self, different: tuple[str, ...]) -> None:
        assert len(group_misses(map(miss, different))) == len(different)

    def test_the_most_frequent_comes_first_and_counts_all_its_wordings(self) -> None:
        later = NOW + timedelta(days=1)
        gaps = group_misses(
            [
                miss("does he like dogs", 3),
                miss("favorite books", 2, refused=1),
                miss("what is his favourite book", 4, last_at=later),
            ]
        )
        assert texts(gaps) == [["what is his favourite book", "favorite books"], ["does he like dogs"]]
        first = gaps[0]
        assert (first.count, first.refused, first.last_at) == (6, 1, later)
        assert (first.text, first.key) == ("what is his favourite book", miss("what is his favourite book").key)

    def test_of_two_equally_frequent_the_one_asked_last_comes_first(self) -> None:
        later = NOW + timedelta(days=1)
        gaps = group_misses([miss("does he like cats"), miss("does he like dogs", last_at=later)])
        assert texts(gaps) == [["does he like dogs"], ["does he like cats"]]

    def test_of_nothing(self) -> None:
        assert group_misses([]) == []


questions = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join) | st.text(min_size=1, max_size=30)
misses = st.lists(
    st.tuples(questions.filter(lambda text: wording_of(text) is not None), st.integers(1, 5), st.integers(0, 5)),
    max_size=25,
    unique_by=lambda parts: (wording_of(parts[0]) or Wording("", "")).folded,
).map(lambda all_parts: [miss(*parts, NOW + timedelta(hours=parts[1])) for parts in all_parts])


class TestAnyMisses:
    @given(misses)
    def test_each_is_in_exactly_one_gap_and_the_counts_add_up(self, found: list[Miss]) -> None:
        gaps = group_misses(found)
        assert Counter(miss for gap in gaps for miss in gap.misses) == Counter(found)
        assert sum(gap.count for gap in gaps) == sum(miss.count for miss in found)
        assert sum(gap.refused for gap in gaps) == sum(miss.refused for miss in found)
        assert [gap.count for gap in gaps] == sorted((gap.count for gap in gaps), reverse=True)

    @given(misses.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
    def test_their_order_makes_no_difference(self, both: tuple[list[Miss], list[Miss]]) -> None:
        assert group_misses(both[0]) == group_misses(both[1])


def word(chance: Random) -> str:
    return "".join(chance.choices(ascii_lowercase, k=chance.randint(4, 9)))


def typed(kind: str, chance: Random, known: list[str]) -> str:
    match kind:
        case "different":
            return " ".join(chance.choices(known, k=chance.randint(2, 9)))
        case "long":
            return " ".join(chance.choices(known, k=40))
        case "alike":
            return "why keras keras keras " + " ".join(chance.sample(known[:12], 8))
        case "one word in common":
            return f"keras {word(chance)}"
        case _:
            return word(chance)


@pytest.mark.parametrize("kind", ["different", "long", "alike", "one word in common", "one word each"])
def test_as_many_as_a_server_keeps_are_all_in_a_gap(kind: str) -> None:
    chance = Random(1)  # noqa: S311 - the same every time
    known = [word(chance) for _ in range(3000)]
    found = {asked.wording.folded: asked for asked in (miss(typed(kind, chance, known)) for _ in range(MOST_WORDINGS))}
    gaps = group_misses(found.values())
    assert sum(len(gap.misses) for gap in gaps) == len(found)
