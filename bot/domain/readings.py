"""What a reader's question says, taken apart: its telling words, what it wants to be known, and about whom."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.domain.matching.thesaurus import THESAURUS
from bot.domain.matching.words import STOP_WORDS, plain_words, stem_of
from bot.domain.phrasings import CONTRASTS, FORMS, KINDS, SENSES
from bot.domain.text import fold, sentences

# Words that are in questions about anything; they tell a little.
_LIGHT = """
people person someone use make work time day year life world today good better new big begin start want need like love
know find look see come go become try keep deal long still plan feel help problem important first last hard possible
idea mean happen own enjoy next recommend advice different consider believe part kind sort change improve decide
decision choose learn old little small great real week month hour minute moment stop able stuff bit right main major
everybody sometimes suppose care ago spend piece everything currently nowadays actually favourite reader
"""
# They only round a question off.
_FILLING = """
kind sort type bit right current currently nowadays actually basically sometimes ever suppose particular particularly
exactly everybody somewhat personally honestly usually generally typically today lately recently especially certain
"""
# They are left out before expressions are looked for: "made you" is "made".
_UNSAID = """
a an the my your his her their our its you i we he she they it me us them him own some any of so just really
"""
_DROPPED = frozenset(_UNSAID.split())
_GREETING = re.compile(r"(?:hi|hello|hey|thanks?|love|big fan|greetings|long ?time)\b")
# How far people beat about the bush; each part is taken off the beginning, one after another.
_PREAMBLE = re.compile(
    r"(?:(?:hi|hello|hey|dear|greetings)\b[^,.!?]{0,30}[,.!?]+\s*"
    r"|(?:(?:i'm |i am )?(?:a )?(?:big|huge|long[- ]?time) (?:fan|reader|listener)[^,.!?]{0,40}[,.!?]+\s*)"
    r"|(?:thanks?|thank you)\b[^,.!?]{0,60}[,.!?]+\s*|(?:love|loved|i love) (?:your|the)\b[^,.!?]{0,40}[,.!?]+\s*"
    r"|(?:so|well|okay|ok|also|and|but|anyway|honestly|just curious|curious|quick question|out of curiosity)[,:;]?\s+"
    r"|(?:i(?:'ve| have)?|i was) (?:always |often |just |really )*(?:wondered|wonder|wondering|been wondering|curious"
    r"|want(?:ed)? to (?:know|ask)|would (?:like|love) to know|'d (?:like|love) to know)[,:]?\s*"
    r"(?:about |if |whether )?"
    r"|(?:could|can|would|will) you (?:please |maybe |perhaps )?(?:tell|explain|share|describe)(?: to)?(?: us| me)?"
    r"(?: a bit| a little| something)?(?: about| with us| with me)?\s+"
    r"|(?:please )?(?:tell|explain)(?: to)?(?: us| me)(?: a bit| a little)?(?: about)?\s+"
    r"|do you (?:have any idea|know) |[^.?!]{1,60}!\s+)"
)
_MOST_PREAMBLES, _LEAST_LEFT = 4, 8

# What a question wants to be known; the first that fits.
_INTENTS = {
    "why": re.compile(
        r"\bwhy\b|\bhow come\b|\bwhat(?: was| is|'s| were)?(?: the| your)? (?:reason|motivation|rationale)"
        r"|\bwhat (?:made|makes|led|drove|prompted|motivated|got|inspired|drew|is behind|was behind)\b"
        r"|\bwhat \w+ you to\b"
    ),
    "money": re.compile(
        r"\bhow much (?:money|does .{1,40} cost|do(?:es)? \w+ (?:earn|make|cost|spend|pay|charge)|did)"
        r"|\bwhat .{0,30}(?:price|cost|salary|revenue|income)\b"
    ),
    "duration": re.compile(r"\bhow long\b|\bhow much time\b|\bhow many (?:hours|days|weeks|months|years|minutes)\b"),
    "frequency": re.compile(r"\bhow (?:often|frequently|regularly)\b|\bhow many times\b"),
    "age": re.compile(r"\bhow old\b|\bwhat age\b"),
    "amount": re.compile(
        r"\bhow (?:many|much|far|large|big|deep|high|tall|fast|hot|cold|late|heavy)\b"
        r"|\bwhat (?:number|amount|percentage)\b"
    ),
    "when": re.compile(
        r"\bwhen (?:did|do|does|will|was|were|is|are|can|should|would|have|has)\b|\bat what (?:point|moment)\b"
        r"|\bwhat (?:year|date|time)\b"
    ),
    "where": re.compile(r"\bwhere\b|\b(?:in|which|what) (?:city|country|place|town)\b"),
    "who": re.compile(r"\bwho(?:m|se)?\b"),
    "advice": re.compile(
        r"\b(?:advice|advise|tips?|recommend|suggest)\b|\bshould (?:i|we|one|a|someone|beginners|people)\b"
        r"|\bhow (?:can|do|should|could) (?:i|we|one|someone|you tell)\b|\bbest way\b"
        r"|\bwhat (?:should|can|could) (?:i|we)\b"
    ),
    "opinion": re.compile(r"\b(?:opinion|thoughts?|your take|your view|think (?:of|about)|feel about|stance)\b"),
    "how": re.compile(r"\bhow\b|\bwhat(?:'s| is) your (?:process|way|approach|method|strategy)\b"),
    "which": re.compile(r"\b(?:what|which)\b"),
}
# Who asks for one of these does not ask for another of them.
_STRICT = frozenset(["why", "money", "duration", "frequency", "age", "amount", "when", "where", "who"])
_FUTURE = re.compile(
    r"\b(?:will|going to|plan(?:s|ning)?|future|upcoming|next|years from now|gonna)\b|\bin (?:ten|five|\d+) years"
)
_PAST = re.compile(r"\b(?:did|was|were|had|made|became|used to|got|happened|wanted)\b|\bhave you (?:ever )?(?!to\b)")
_ME = re.compile(r"\b(?:i|me|my|we|one|someone|somebody|beginners?|students?|people|us)\b")
_YOU = re.compile(r"\b(?:you|your|yours|yourself)\b")

# How telling: a filling word, one of everyday questions, one with synonyms, another one, a number; what leads up to it.
_WEIGHT_FILLING, _WEIGHT_LIGHT, _WEIGHT_COMMON, _WEIGHT_RARE, _WEIGHT_NUMBER = 0.1, 0.4, 1.0, 1.2, 1.3
_LEADING_UP = 0.4
# How far words of a group stand for each other, by how many they are at most; the thesaurus is stricter.
_STRENGTHS, _LOOSE, _SYNONYMS = ((5, 0.75), (9, 0.6)), 0.5, 0.85

# What bounds the work, however long and strange a question is.
_LONGEST, _MOST_TERMS, _MOST_WORDS, _MOST_LETTERS = 2_000, 32, 64, 300
_MOST_REMEMBERED = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A telling word or expression, with how telling it is, and its senses with how far another of them stands for it.

    Terms are compared by identity: the same word is the same object.
    """

    word: str
    root: str
    parts: frozenset[str]
    weight: float
    senses: Mapping[str, float]
    kinds: frozenset[int]
    digits: bool

    @property
    def known(self) -> bool:
        """Whether it is certainly no misspelt word."""
        return bool(self.senses or self.kinds) or self.weight <= _WEIGHT_LIGHT


@dataclass(frozen=True, slots=True)
class Reading:
    """A question taken apart: its terms, the roots of its words in order, what it wants, of what time, about whom."""

    text: str
    plain: str
    terms: tuple[Term, ...]
    sentence: tuple[str, ...]
    sides: frozenset[tuple[int, int]]
    intent: str
    past: bool
    future: bool
    me: bool
    you: bool

    def contrasts(self, other: "Reading") -> bool:
        """Return whether each speaks of a side of something of which the other one has another side."""
        theirs = {about for about, _ in other.sides - self.sides}
        return any(about in theirs for about, _ in self.sides - other.sides)

    def clash(self, other: "Reading") -> float:
        """Return how far what they want to be known excludes each other, from 0 to 1."""
        strict = {self.intent, other.intent} & _STRICT
        return 0.0 if self.intent == other.intent else len(strict) / 2


def read(text: str) -> Reading:
    """Return a question taken apart."""
    asking, leading = _parts(text[:_LONGEST])
    asked = [_without_preamble(fold(part).strip()) for part in asking]
    words = [[_mended(word) for word in plain_words(part)] for part in asked]
    terms: dict[str, Term] = {}
    for said in words:
        for term in _terms(said, 1.0):
            terms.setdefault(term.root, term)
    for part in leading:
        for term in _terms(plain_words(part), _LEADING_UP):
            terms.setdefault(term.root, term)
    roots = [root_of(word) for said in words for word in said]
    whole = " ".join(asked)
    return Reading(
        text=text.strip(),
        plain=" ".join(roots)[:_MOST_LETTERS],
        terms=tuple(terms.values())[:_MOST_TERMS],
        sentence=tuple(roots[:_MOST_WORDS]),
        sides=frozenset(side for root in roots for side in _sides().get(root, ())),
        intent=next((name for name, pattern in _INTENTS.items() if pattern.search(whole)), "whether"),
        past=bool(_PAST.search(whole)),
        future=bool(_FUTURE.search(whole)),
        me=bool(_ME.search(whole)),
        you=bool(_YOU.search(whole)),
    )


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Return the sentences that ask, and those that lead up to them; greetings are neither."""
    parts = sentences(text) or [text]
    said = [part for part in parts if "?" in part or not (part.endswith("!") or _GREETING.match(fold(part)))] or parts
    asking = [part for part in said if "?" in part] or said
    return asking, [part for part in said if part not in asking]


def _without_preamble(asked: str) -> str:
    for _ in range(_MOST_PREAMBLES):
        begun = _PREAMBLE.match(asked)
        if begun is None or len(asked) - begun.end() < _LEAST_LEFT:
            break
        asked = asked[begun.end() :]
    return asked


def _terms(said: Iterable[str], share: float) -> Iterator[Term]:
    """Yield the telling words of a sentence; where words make up an expression, the longest one in their place."""
    words = [word for word in said if word not in _DROPPED]
    roots = [root_of(word) for word in words]
    start = 0
    while start < len(roots):
        end = start + min(_longest_expressions().get(roots[start], 1), len(roots) - start)
        while end > start + 1 and tuple(roots[start:end]) not in _senses():
            end -= 1
        if end > start + 1 or words[start] not in STOP_WORDS:
            yield _term(tuple(words[start:end]), share)
        start = end


@lru_cache(maxsize=_MOST_REMEMBERED)
def _term(words: tuple[str, ...], share: float) -> Term:
    roots = tuple(map(root_of, words))
    senses = _senses().get(roots, {})
    digits = any(map(str.isdigit, words[0]))
    if all(root in _filling_roots() for root in roots):
        weight = _WEIGHT_FILLING
    elif all(root in _light_roots() for root in roots):
        weight = _WEIGHT_LIGHT
    else:
        weight = _WEIGHT_NUMBER if digits else _WEIGHT_COMMON if senses else _WEIGHT_RARE
    kinds = frozenset(kind for root in roots for kind in _kinds().get(root, ()))
    parts = frozenset(roots) - _stop_roots()
    return Term(" ".join(words), " ".join(roots), parts, weight * share, senses, kinds, digits)


@lru_cache(maxsize=_MOST_REMEMBERED)
def root_of(word: str) -> str:
    """Return what a word has in common with its other forms, with "took" for "take" too."""
    return stem_of(_forms().get(word, word))


def _mended(word: str) -> str:
    return _slips().get(word, word)


@cache
def _slips() -> dict[str, str]:
    """Return the everyday words by their misspellings: two letters swapped."""
    result = {}
    for word in sorted(STOP_WORDS | frozenset(_LIGHT.split())):
        if len(word) > 3 or word in {"the", "you", "and", "how", "why", "who"}:
            for place in range(len(word) - 1):
                result[word[:place] + word[place + 1] + word[place] + word[place + 2 :]] = word
    known = STOP_WORDS | {root for roots in _senses() for root in roots} | frozenset(_LIGHT.split())
    return {slip: word for slip, word in result.items() if slip not in known}


@cache
def _forms() -> dict[str, str]:
    groups = [group.split() for line in FORMS.strip().splitlines() for group in line.split(";")]
    return {form: group[0] for group in groups for form in group}


@cache
def _light_roots() -> frozenset[str]:
    return frozenset(map(root_of, _LIGHT.split())) | _stop_roots()


@cache
def _filling_roots() -> frozenset[str]:
    return frozenset(map(root_of, _FILLING.split()))


@cache
def _stop_roots() -> frozenset[str]:
    return frozenset(map(root_of, STOP_WORDS))


def _roots(expression: str) -> tuple[str, ...]:
    return tuple(root_of(word) for word in plain_words(expression) if word not in _DROPPED)


@cache
def _senses() -> dict[tuple[str, ...], dict[str, float]]:
    """Return the senses of each word and expression, with how far another of that sense stands for it."""
    result: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for number, line in enumerate(SENSES.strip().replace("\n  ", " ").splitlines()):
        members = {roots for member in line.split(",") if (roots := _roots(member))}
        strength = next((strength for most, strength in _STRENGTHS if len(members) <= most), _LOOSE)
        for roots in members:
            result[roots][f"#{number}"] = strength
    for number, line in enumerate(THESAURUS.strip().splitlines()):
        for word in line.split():
            result[(root_of(word),)][f"&{number}"] = _SYNONYMS
    return dict(result)


@cache
def _longest_expressions() -> dict[str, int]:
    result: dict[str, int] = defaultdict(int)
    for roots in _senses():
        result[roots[0]] = max(result[roots[0]], len(roots))
    return dict(result)


@cache
def _kinds() -> dict[str, frozenset[int]]:
    result = defaultdict(set)
    for number, line in enumerate(KINDS.strip().replace("\n  ", " ").splitlines()):
        for word in plain_words(line):
            result[root_of(word)].add(number)
    return {root: frozenset(kinds) for root, kinds in result.items()}


@cache
def _sides() -> dict[str, frozenset[tuple[int, int]]]:
    result = defaultdict(set)
    for number, line in enumerate(CONTRASTS.strip().splitlines()):
        for place, side in enumerate(line.split("/")):
            for member in side.split(","):
                for word in plain_words(member)[-1:]:
                    result[root_of(word)].add((number, place))
    return {root: frozenset(sides) for root, sides in result.items()}
