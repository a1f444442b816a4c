import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.matching import STOP_WORDS, Band, Entry, Finding, Matcher, Reading, Suggestion
from bot.domain.matching.words import Vocabulary
from bot.domain.text import sentences, words

CLOCKS = (
    Entry(
        "workshop",
        "Welcome, Ottilie! Where do you repair your clocks?",
        "My workshop is a former bakery by the harbour. The oven still stands there, and I keep my brass in it.",
    ),
    Entry(
        "father",
        "Who taught you the trade?",
        "I learned watchmaking from my father. He restored chronometers for the navy until his eyes gave out.",
        ("teacher and apprenticeship",),
    ),
    Entry(
        "oil",
        "What ruins a pendulum clock fastest?",
        "Oil, far too much of it. People flood the gears with lubricant, dust sticks to it, and it grinds the pivots.",
    ),
    Entry(
        "quartz",
        "Are quartz movements a threat to you?",
        "A quartz movement keeps better time for five coins. Nobody cries when it stops, though.",
    ),
    Entry(
        "tower",
        "Tell us about the tower clock of Velden. It was silent for decades. How did you bring it back?",
        "Its escapement had rusted solid. I filed forty teeth by hand during one winter, and the mayor wept at noon.",
    ),
)
NAMES = ("Ottilie Brandt",)
WORDS = ("Why", "do", "gears", "stop?", "Oil.", "Velden's", "clock;", "brass,", "q", "1,5", "and", "-", "me")
HOSTILE = (
    "",
    " \n\t",
    "🕰️" * 300,
    "كم عمر الساعة؟ " * 20,
    "\u200bclo\u200dck\u2060s" * 50,
    "c̸̢̛l̴͎͝o̵̺͐c̶̰̕k̷̝͘" * 60,
    "7" * 4000,
    "**clock** `x` ||y|| [a](b) # >",
    "@everyone <@123> <#456>",
    "'; DROP TABLE clocks; --",
    "clock" * 1000,
    "clokc " * 900,
    "\ud800\x00clock",
    "-.-" * 1500,
    "(a+)+$" * 200 + "a" * 3000 + "!",
)


@pytest.fixture(scope="module")
def matcher() -> Matcher[str]:
    return Matcher(CLOCKS, NAMES)


def first(finding: Finding[str]) -> str | None:
    return finding.matches[0].key if finding.matches else None


@pytest.mark.parametrize("entry", CLOCKS, ids=lambda entry: entry.key)
def test_hosts_own_words_are_answered(matcher: Matcher[str], entry: Entry[str]) -> None:
    for asked in (entry.question, entry.question.upper(), sentences(entry.question)[-1], *entry.aliases):
        finding = matcher.find(asked)
        assert (first(finding), finding.band, finding.confidence) == (entry.key, Band.ANSWER, 1.0)


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("which chronometers did the navy have restored", "father"),
        ("does lubricant and dust grind the gears", "oil"),
        ("how many teeth were filed by hand in winter", "tower"),
        ("is the workshop in a bakery", "workshop"),
    ],
)
def test_words_of_an_answer_are_answered(matcher: Matcher[str], asked: str, key: str) -> None:
    finding = matcher.find(asked)
    assert first(finding) == key
    assert finding.band is Band.ANSWER


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("restoring a chronometer", "father"),
        ("rusty escapements", "tower"),
        ("grinding a pivot", "oil"),
        ("chronometry", "father"),  # no form of the word stands there, only a relative
    ],
)
def test_other_forms_of_a_word_are_the_word(matcher: Matcher[str], asked: str, key: str) -> None:
    assert first(matcher.find(asked)) == key


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("luricant on the gaers", "oil"),
        ("escapment", "tower"),
        ("hwo did the cronometers get to the nvay", "father"),
        ("quarz movemnet", "quartz"),
    ],
)
def test_misspelt_words_are_mended(matcher: Matcher[str], asked: str, key: str) -> None:
    assert first(matcher.find(asked)) == key


def test_everyday_synonyms_are_found(matcher: Matcher[str]) -> None:
    assert first(matcher.find("who instructed you")) == "father"


def test_a_right_word_is_not_taken_for_a_slip() -> None:
    entries = (Entry("rain", "What of the gutters?", "They overflow."), Entry("dog", "And pets?", "A loyal puppy."))
    finding = Matcher(entries).find("the canine")
    assert [(reading.typed, reading.meant, reading.found) for reading in finding.readings] == [
        ("canine", "canine", True)
    ]


@pytest.mark.parametrize(("typed", "meant"), [("bok", "book"), ("teh", "the"), ("waht", "what"), ("won", "won")])
def test_short_words_are_mended_for_two_kinds_of_slips_only(typed: str, meant: str) -> None:
    vocabulary = Vocabulary({"book": 2, "own": 1}, STOP_WORDS)
    assert [word.meant for word in vocabulary.read([typed])] == [meant]


def test_readings_say_what_was_mended_and_what_was_found(matcher: Matcher[str]) -> None:
    finding = matcher.find("does luricant grind a rhubarb")
    assert finding.readings == (
        Reading("luricant", "lubricant", found=True),
        Reading("grind", "grind", found=True),
        Reading("rhubarb", "rhubarb", found=False),
    )


def test_asking_for_an_amount_that_nobody_asked_for_is_less_sure(matcher: Matcher[str]) -> None:
    assert matcher.find("how much dust ruins gears").confidence < matcher.find("what dust ruins gears").confidence


def test_lesson_wording_answers_at_once_and_its_like_too(matcher: Matcher[str]) -> None:
    lessons = matcher.lessons([("tower", "the belfry of the marmalade town"), ("gone", "where is Oz")])
    assert matcher.find("the belfry of the marmalade town").band is not Band.ANSWER
    finding = matcher.find("The belfry of the marmalade town?", lessons=lessons)
    assert (first(finding), finding.band, finding.confidence) == ("tower", Band.ANSWER, 1.0)
    assert first(matcher.find("a belfry in the marmalade town", lessons=lessons)) == "tower"
    assert matcher.find("a belfry in the marmalade town") == Finding(Band.NONE, 0.0)


def test_lesson_wordings_change_no_other_answer(matcher: Matcher[str]) -> None:
    lessons = matcher.lessons([("tower", "the belfry of the marmalade town")])
    assert matcher.find("dust in gears", lessons=lessons) == matcher.find("dust in gears")


def test_of_two_words_as_near_the_commoner_is_meant() -> None:
    entries = (Entry(1, "Boats?", "A sailer."), Entry(2, "Sails?", "The sailor and the other sailor."))
    assert Matcher(entries).find("sailxr").matches[0].key == 2


@pytest.mark.parametrize("asked", ["Ottilie", "who is Ottilie Brandt?", "otillie", "waht is she", "what do you do"])
def test_guests_name_and_grammar_say_nothing(matcher: Matcher[str], asked: str) -> None:
    assert matcher.find(asked) == Finding(Band.NONE, 0.0)


def test_guests_name_changes_nothing(matcher: Matcher[str]) -> None:
    assert matcher.find("Ottilie Brandt, the oven") == matcher.find("the oven")


@pytest.mark.parametrize(
    "asked",
    [
        "best recipe for rhubarb cake",
        "who won the football league yesterday",
        "does a clock run slower on the international space station because of relativity",
        "how do I mute notifications from this channel",
    ],
)
def test_another_subject_is_not_answered(matcher: Matcher[str], asked: str) -> None:
    assert matcher.find(asked).band is not Band.ANSWER


def test_known_wording_is_answered_even_if_every_word_is_grammar_or_a_name() -> None:
    entries = (*CLOCKS, Entry("who", "And you?", "I mend clocks.", ("who is Ottilie Brandt",)))
    finding = Matcher(entries, ["Ottilie Brandt"]).find("Who is Ottilie Brandt?")
    assert (finding.band, first(finding)) == (Band.ANSWER, "who")


def test_nothing_known_finds_nothing(matcher: Matcher[str]) -> None:
    assert matcher.find("rhubarb marmalade") == Finding(Band.NONE, 0.0)


def test_nothing_said_asks_for_nothing_even_where_an_alias_says_nothing() -> None:
    matcher = Matcher((*CLOCKS, Entry("mute", "", "I keep silent.", ("???",))))
    assert matcher.find("") == matcher.find("?") == Finding(Band.NONE, 0.0)


def test_two_that_fit_alike_are_offered_and_not_answered() -> None:
    twins = [Entry(place, f"Which lamp do you use {place}?", "One of brass.") for place in ("here", "there")]
    finding = Matcher((*CLOCKS, *twins)).find("the brass lamp which you use")
    assert finding.band is Band.SUGGEST
    assert {match.key for match in finding.matches[:2]} == {"here", "there"}


def test_one_known_word_among_strangers_is_offered_or_dropped(matcher: Matcher[str]) -> None:
    finding = matcher.find("dust on rhubarb")
    assert (finding.band, first(finding)) == (Band.SUGGEST, "oil")
    finding = matcher.find("dust on rhubarb marmalade, figs, xylophones, pyjamas, volcanoes, zeppelins")
    assert finding.band is Band.NONE


def test_more_of_a_question_found_is_surer(matcher: Matcher[str]) -> None:
    sure = [matcher.find(f"dust and gears {rest}").confidence for rest in ("", "rhubarb", "rhubarb volcano")]
    assert sure == sorted(sure, reverse=True)
    assert len(set(sure)) == 3


def test_rivals_make_it_less_sure() -> None:
    alone = Matcher((Entry(1, "Pets?", "A green parrot."), Entry(2, "Food?", "Soup.")))
    rival = Matcher((Entry(1, "Pets?", "A green parrot."), Entry(2, "Food?", "Soup, green, with a parrot.")))
    assert rival.find("green parrot").confidence < alone.find("green parrot").confidence


def test_passage_is_the_sentence_that_fits_best(matcher: Matcher[str]) -> None:
    assert matcher.find("what does dust do to gears").matches[0].passage == sentences(CLOCKS[2].answer)[1]


def test_passage_is_what_the_nearest_alias_asks_for_where_the_words_are_others() -> None:
    answer = "I like the sea. My father left me his boat. It leaks, so I row close to the shore."
    entry = Entry(
        "boat", "Why do you row?", answer, ("did he inherit the boat from his father", "why stay near the shore")
    )
    asked = "whom did he inherit it from"
    assert Matcher((*CLOCKS, entry)).find(asked).matches[0].passage == "My father left me his boat."
    assert Matcher((*CLOCKS, Entry("boat", "Why do you row?", answer))).find(asked).matches == ()


def test_passage_is_the_guests_own_words_even_where_only_the_question_fits(matcher: Matcher[str]) -> None:
    assert matcher.find("pendulum").matches[0].passage == sentences(CLOCKS[2].answer)[0]
    finding = Matcher((Entry(1, "", "", ("lost umbrellas",)),)).find("umbrella")
    assert finding.matches[0].passage == ""


def test_alias_answers_what_the_exchange_does_not_say() -> None:
    plain = Matcher(CLOCKS).find("sundials")
    with_alias = Matcher((*CLOCKS, Entry("sun", "And without any wheels?", "I own three.", ("sundials",))))
    assert plain.band is Band.NONE
    assert first(with_alias.find("what about sundials")) == "sun"


def test_first_of_equals_comes_first() -> None:
    twins = [Entry(number, "Any pets?", "A green parrot.") for number in range(6)]
    finding = Matcher(twins).find("the green parrots", limit=3)
    assert [match.key for match in finding.matches] == [0, 1, 2]
    assert Matcher(twins).find("any pets?").matches[0].key == 0


def test_verbatim_question_is_found_among_many_that_say_more() -> None:
    chatter = [Entry(number, "Parrots, parrots?", "Green parrots, parrots.") for number in range(50)]
    asked = "Is there one parrot in all of the long, cold, quiet house that belonged to the captain's aunt?"
    entry = Entry(99, asked, "No.", ("parrot",))
    assert Matcher([*chatter, entry]).find("parrot").matches[0].key == 99


def test_limit_is_kept(matcher: Matcher[str]) -> None:
    asked = "clock workshop father oil quartz tower"
    assert [len(matcher.find(asked, limit).matches) for limit in (0, 1, 3)] == [0, 1, 3]
    assert [len(matcher.suggest("", limit)) for limit in (0, 1, 3)] == [0, 1, 3]
    assert len(matcher.suggest(asked, 2)) == 2


def test_empty_library() -> None:
    empty: Matcher[str] = Matcher(())
    assert empty.find("clock") == Finding(Band.NONE, 0.0)
    assert empty.suggest("") == []
    assert empty.suggest("clock") == []


def test_library_of_one() -> None:
    only = Matcher(CLOCKS[:1], NAMES)
    assert only.find("Where do you repair your clocks?").band is Band.ANSWER
    assert only.find("rhubarb cake with clocks and cream and figs").band is not Band.ANSWER


@pytest.mark.parametrize("typed", ["", "  ", "wha", "what is the", "Ottilie "])
def test_all_entries_are_suggested_until_something_is_said(matcher: Matcher[str], typed: str) -> None:
    assert matcher.suggest(typed) == [Suggestion(entry.key) for entry in CLOCKS]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("esc", "tower"),
        ("who restored chronom", "father"),
        ("QUAR", "quartz"),
        ("escapment", "tower"),  # misspelt, and so the beginning of nothing
        ("chronometers for the n", "father"),
        ("the oven ", "workshop"),
    ],
)
def test_unfinished_word_is_completed(matcher: Matcher[str], typed: str, key: str) -> None:
    assert matcher.suggest(typed)[0].key == key


def test_an_alias_is_suggested_beside_the_hosts_question(matcher: Matcher[str]) -> None:
    assert matcher.suggest("apprentic")[0] == Suggestion("father", "teacher and apprenticeship")
    assert Suggestion("father") in matcher.suggest("apprentic")


def test_nothing_is_suggested_for_what_nobody_said(matcher: Matcher[str]) -> None:
    assert matcher.suggest("rhubarb") == []
    assert matcher.suggest("rhubarb marm") == []


@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS))))
def test_anything_typed_gives_a_sound_finding(matcher: Matcher[str], typed: str | list[str]) -> None:
    check(matcher, typed if isinstance(typed, str) else " ".join(typed))


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gives_a_sound_finding(matcher: Matcher[str], typed: str) -> None:
    check(matcher, typed)


def check(matcher: Matcher[str], typed: str) -> None:
    finding = matcher.find(typed)
    assert 0 <= finding.confidence <= 1
    assert bool(finding.matches) or finding.band is Band.NONE
    assert finding == matcher.find(typed)
    entries = {entry.key: entry for entry in CLOCKS}
    for match in finding.matches:
        entry = entries[match.key]
        assert any(match.passage in text for text in (entry.question, entry.answer, *entry.aliases))
    suggested = matcher.suggest(typed)
    assert len(suggested) == len(set(suggested)) <= 25
    ways_to_ask = {Suggestion(entry.key, alias) for entry in CLOCKS for alias in (None, *entry.aliases)}
    assert set(suggested) <= ways_to_ask


texts = st.lists(st.sampled_from(WORDS)).map(" ".join)


@given(st.lists(st.builds(Entry, st.integers(), texts, texts, st.lists(texts, max_size=2).map(tuple)), max_size=5))
@example([Entry(1, "Gears?", ""), Entry(2, "", "Gears.")])
def test_every_wording_finds_an_entry_that_has_it(entries: list[Entry[int]]) -> None:
    matcher = Matcher([Entry(number, e.question, e.answer, e.aliases) for number, e in enumerate(entries)])
    for wording in [text for entry in entries for text in (entry.question, *entry.aliases)]:
        finding = matcher.find(wording)
        if finding.matches:
            found = entries[finding.matches[0].key]
            assert finding.band is Band.ANSWER
            phrasings = (found.question, *sentences(found.question), *found.aliases)
            assert words(wording) in [words(phrasing) for phrasing in phrasings]


def test_the_same_on_every_run() -> None:
    code = (
        "from tests.domain.test_matching import *; m = Matcher(CLOCKS, NAMES); "
        "print([m.find(q) for q in ('gaers and dust', 'clock tower oil')], m.suggest('c'))"
    )
    root = Path(__file__).parents[2]
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
