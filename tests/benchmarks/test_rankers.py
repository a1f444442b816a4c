import json

import pytest
from rich.console import Console

from benchmarks.rankers import Cost, at_best, category_table, compare, document, score_table
from benchmarks.ranking import RANKERS, afresh, build_bytes, build_seconds, rankers_for
from bot.domain.evaluation import JudgedQuestion
from bot.domain.matching import Band, Entry, Finding, Match
from bot.services.evaluation import Collection

TEA = Collection(
    (
        Entry(1, "How long should tea steep?", "Green leaves need two minutes.", ("brewing time", "brewing minutes")),
        Entry(2, "Which kettle do you own?", "A copper one from Hamburg.", ("your pot",)),
        Entry(3, "Where did your grandmother sell?", "On a boat in the harbour.", ("family trade",)),
    ),
    ("Hanna Host", "Gustav Guest"),
)
PLAIN = Collection(tuple(Entry(entry.key, entry.question, entry.answer) for entry in TEA.entries), TEA.names)

HOSTS_WORDS = [JudgedQuestion(entry.question, frozenset({entry.key}), "verbatim") for entry in TEA.entries]
OF_THE_ANSWER = JudgedQuestion("copper Hamburg", frozenset({2}), "detail")
OF_AN_ALIAS = JudgedQuestion("brewing", frozenset({1}), "alias")
STRANGE = JudgedQuestion("zzz", frozenset(), "strange")


def test_aliases_are_a_row_of_their_own_where_there_are_any() -> None:
    assert rankers_for(TEA) == list(RANKERS)
    assert rankers_for(PLAIN) == ["fireside", "WRatio", "token_set_ratio", "rank-bm25", "bm25s"]


def test_every_ranker_answers_the_hosts_own_words() -> None:
    for result in compare(TEA, HOSTS_WORDS).values():
        overall = result.evaluation.overall
        assert (overall.p_at_1, overall.r_at_3, overall.mrr) == (1, 1, 1)
        assert result.at_best is None


@pytest.mark.parametrize("name", ["rank-bm25", "bm25s"])
def test_bm25_reads_questions_answers_and_aliases(name: str) -> None:
    result = compare(TEA, [OF_THE_ANSWER, OF_AN_ALIAS, JudgedQuestion("kettle", frozenset({3})), STRANGE])[name]

    # The kettle is found where it is, which is not where it is expected, and nothing else has it.
    assert result.evaluation.overall.p_at_1 == pytest.approx(2 / 3)
    assert result.evaluation.overall.mrr == pytest.approx(2 / 3)
    assert result.at_best == pytest.approx(2 / 3)


def test_bm25_is_given_the_matchers_words() -> None:
    for name in ("rank-bm25", "bm25s"):
        ranker = RANKERS[name](TEA)
        assert [match.key for match in ranker.find("what does gustav say of grandmothers", 4).matches] == [3]
        assert ranker.find("what does gustav say", 4) == Finding(Band.NONE, 0.0)


def test_an_exchange_is_found_once_by_its_best_text() -> None:
    ranker = RANKERS["token_set_ratio + aliases"](TEA)
    first, second = ranker.find("brewing", 2).matches

    assert (first.key, first.score) == (1, 100)
    assert second.key != 1
    assert list(ranker.suggest("brewing", 1)) == [1]
    assert RANKERS["token_set_ratio"](TEA).find("brewing", 1).confidence < 100


def found(score: float, key: int = 1) -> Finding[int]:
    return Finding(Band.NONE, score, (Match(key, score, ""),) if score else ())


def test_the_threshold_lets_through_one_in_ten() -> None:
    outside = [JudgedQuestion(f"out {number}", frozenset()) for number in range(10)]
    inside = [JudgedQuestion(f"in {number}", frozenset({1})) for number in range(4)]
    scores = {judged.question: found(number) for number, judged in enumerate(outside)}
    # One of ten may be answered, so it takes more than the second best of them, an 8.
    scores |= {"in 0": found(8.5), "in 1": found(8), "in 2": found(100, key=2), "in 3": found(9)}

    assert at_best(scores, outside + inside) == 2 / 4
    assert at_best(scores | {"out 8": found(9)}, outside + inside) == 0
    assert at_best(scores, [outside[9], *inside]) == 0
    assert at_best(scores, inside) is None


def test_tables_and_json_have_every_ranker() -> None:
    results = compare(TEA, [*HOSTS_WORDS, STRANGE])
    costs = dict.fromkeys(results, Cost(0.25, 1234.5))
    console = Console(width=120, record=True, quiet=True)
    for table in (score_table(results, costs), category_table(results)):
        assert table.row_count == len(RANKERS)
        console.print(table)

    plain = json.loads(json.dumps(document(results, costs)))
    assert list(plain) == list(RANKERS)
    assert plain["bm25s"]["bytes_an_exchange"] == 1234.5
    assert plain["bm25s"]["p_at_1"] == 1
    assert list(plain["bm25s"]["by_category"]) == ["verbatim", "strange"]


def test_costs_are_measured_in_another_process() -> None:
    assert afresh(build_seconds, "bm25s", TEA) > 0
    assert afresh(build_bytes, "fireside", TEA) > 100
