"""Sentences, words and pages of a text, cut so that nothing is lost and nothing is altered."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# A full stop after one of these does not end a sentence.
_ABBREVIATIONS = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "e.g", "i.e", "cf", "fig", "vol", "approx", "dept"}
    | {"est", "resp", "al"}
)
# Possessive, and tried at the first mark of a run only: a long row of dots must not take quadratic time.
_SENTENCE_END = re.compile(r"""(?<![.!?…])[.!?…]++["'”’»)\]]*+(?=\s)""")
_STARTS_SENTENCE = re.compile(r"""\s*+["'“‘«(\[]*+[^\Wa-z_]""")
_LONGEST_ABBREVIATION = 20
_TEXTS_KEPT = 256
_WORD = re.compile(r"\w+(?:['’.+#-]*\w+)*[+#]*")
# Control characters but tabs and ends of lines; embeddings, overrides and isolates; what has no width.
_HIDING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# What is no character of a text: NUL, and half of one that takes two.
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
# Where a quote leaves words out. A bare ellipsis may also be the speaker's own.
_CUTS = (re.compile(r"\[…\]"), re.compile(r"\[…\]|…"))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, which are set apart by blank lines, without the space around them."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in order, each an exact slice of it without the space around it."""
    return [sentence for paragraph in paragraphs(text) for sentence in _sentences_of_line(paragraph)]


def _sentences_of_line(paragraph: str) -> Iterator[str]:
    for line in paragraph.splitlines():
        start = 0
        for end in _SENTENCE_END.finditer(line):
            if _ends_sentence(line, start, end):
                yield line[start : end.end()].strip()
                start = end.end()
        if rest := line[start:].strip():
            yield rest


def _ends_sentence(line: str, start: int, end: re.Match[str]) -> bool:
    if not _STARTS_SENTENCE.match(line, end.end()):
        return False
    if not end.group().startswith("."):
        return True
    last_word = line[max(start, end.start() - _LONGEST_ABBREVIATION) : end.start()].rsplit(None, 1)[-1:] or [""]
    word = last_word[0].lstrip("([\"'“‘").casefold()
    if word == "no":  # "No. 5", but "He said no. She left."
        return not line[end.end() : end.end() + 2].strip().isdigit()
    # "J. Smith": a single letter is an initial; "I" ends sentences only in questions.
    return word not in _ABBREVIATIONS and not (len(word) == 1 and word.isalpha())


def excerpt(text: str, quote: str) -> tuple[tuple[int, int], ...]:
    """Return where the words of a quote stand in a text: the start and the end of each part, or nothing.

    A quote with an ellipsis, "[…]" or "…", leaves words out there. Each of its parts has to be in the text word for
    word, in order, and without cutting a word in two.
    """
    for parts in ([quote], *(cut.split(quote) for cut in _CUTS)):
        if spans := _spans(text, [part.strip() for part in parts if part.strip()]):
            return spans
    return ()


def _spans(text: str, parts: list[str]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for part in parts:
        before = r"(?<!\w)" if part[0].isalnum() else ""
        after = r"(?!\w)" if part[-1].isalnum() else ""
        found = re.compile(before + re.escape(part) + after).search(text, spans[-1][1] if spans else 0)
        if found is None:
            return ()
        spans.append(found.span())
    return tuple(spans)


def fold(text: str) -> str:
    """Return the text in lower case, without accents, compatibility forms or characters that show nothing."""
    if text.isascii():
        return text.lower()
    # Some signs, such as the one for "TM", hold capitals that show only once they are taken apart.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    visible = (char for char in decomposed if unicodedata.category(char) not in {"Mn", "Cf", "Me"})
    return unicodedata.normalize("NFKC", "".join(visible)).replace("’", "'")


def words(text: str) -> list[str]:
    """Return the words of a text, folded, without possessive endings; digits count as words."""
    return [word.removesuffix("'s") for word in _WORD.findall(fold(text))]


def one_line(text: str) -> str:
    """Return the text with every run of white space made one blank."""
    return _SPACE.sub(" ", text).strip()


def not_text(text: str) -> str | None:
    """Return the first character that no text has, or None where all of it can be kept."""
    found = None if text.isascii() and "\x00" not in text else _NOT_TEXT.search(text)
    return found and found[0]


def readable(text: str) -> str:
    """Return the text without what turns the direction of all that follows, and without what only hides.

    Joiners stay, without which some scripts and emoji fall apart; so do the marks that turn no more than themselves.
    """
    return text if text.isascii() and text.isprintable() else _HIDING.sub("", text)


def shorten(text: str, limit: int) -> str:
    """Return the text on one line, at most `limit` characters long, cut between words and marked with an ellipsis."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:—–-") + "…"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as in "1 turn" and "24 turns"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def pages(text: str, limit: int) -> list[str]:
    """Return the text as pages of at most `limit` characters that end where sentences end.

    Paragraphs stay apart by a blank line. A sentence longer than a page is cut between words, and both sides
    of the cut show an ellipsis. A text without words is one empty page. A limit below 3 leaves no room for a
    word between two ellipses: a ValueError says so.
    """
    if limit < 3:
        raise ValueError(f"A page of {limit} characters has no room for words.")
    return list(_pages(text, limit))


# The same answers are shown over and over, and to find where their sentences end is a tenth of what an answer costs.
@lru_cache(_TEXTS_KEPT)
def _pages(text: str, limit: int) -> tuple[str, ...]:
    result = [""]
    for paragraph in paragraphs(text):
        separator = "\n\n"
        for sentence in _sentences_of_line(paragraph):
            for piece in _pieces(sentence, limit):
                joined = result[-1] + separator + piece if result[-1] else piece
                if len(joined) <= limit:
                    result[-1] = joined
                else:
                    result.append(piece)
                separator = " "
    return tuple(result)


def _pieces(sentence: str, limit: int) -> Iterator[str]:
    start, mark = 0, ""
    while len(mark) + len(sentence) - start > limit:
        room = start + limit - len(mark) - 1
        cut = sentence.rfind(" ", start + limit // 2, room)
        cut = cut if cut > 0 else room
        yield mark + sentence[start:cut].rstrip() + "…"
        while sentence[cut].isspace():
            cut += 1
        start, mark = cut, "…"
    yield mark + sentence[start:]
