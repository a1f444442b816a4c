"""Time zones as people type them: an IANA name, a city, a country or an everyday name, misspelt or half typed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.text import fold
from bot.domain.zone_names import COMMON_ZONES, LOCALE_ZONES, PLACES
from bot.errors import InvalidInputError

# What is left out when two names are compared. A hyphen before a digit stays: it tells UTC-5 from UTC+5.
_BETWEEN = re.compile(r"(?:[^\w+:-]|_|-(?!\d))+")
# Discord's default language says little about where somebody lives.
_DEFAULT_LOCALE = "en-US"
_DEFAULT_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """A zone to pick: what is shown, and its IANA name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name under which a zone is found: with blanks between its words, one before the first, and without any."""

    choice: ZoneChoice
    words: str
    key: str


def guess_zone(locales: Sequence[str]) -> str | None:
    """Return the IANA name of the zone that Discord's locale codes suggest, the most telling code first, or None."""
    for locale in locales:
        if locale in LOCALE_ZONES:
            return LOCALE_ZONES[locale]
    return _DEFAULT_ZONE if _DEFAULT_LOCALE in locales else None


def find_zones(typed: str, limit: int, guess: str | None = None) -> list[ZoneChoice]:
    """Return at most `limit` zones for what was typed so far, each once, the best match first.

    Names that begin with it come before names with a later word that does, then names that contain it, then names that
    it may misspell. With nothing typed, the guess (an IANA name) comes first and widely used zones follow.
    """
    if _key(typed):
        choices = (entry.choice for entry in _matching(typed))
    else:
        first = [guess] if guess in _iana_names().values() else []
        choices = (ZoneChoice(name, name) for name in (*first, *COMMON_ZONES) if name)
    found: dict[str, ZoneChoice] = {}
    for choice in choices:
        if len(found) >= limit:
            break
        found.setdefault(choice.value, choice)
    return list(found.values())


def parse_zone(typed: str) -> ZoneInfo:
    """Return the zone of an IANA name, or else of a name that means one zone alone, with a slip of the finger or none.

    Raises:
        InvalidInputError: It means no zone, or several.
    """
    if name := _iana_names().get(_iana_key(typed)):
        return ZoneInfo(name)
    key = _key(typed)
    zones = _zones_by_key().get(key) or {entry.choice.value for entry in _misspelt(key)}
    if len(zones) == 1:
        return ZoneInfo(*zones)
    nearest = [choice.value for choice in find_zones(typed, 5)]
    remedy = (
        f"Do you mean {_listed(nearest)}?"
        if nearest
        else "Write the nearest big city, or a name such as Europe/Berlin."
    )
    raise InvalidInputError(f"“{typed[:40]}” does not tell me one time zone. {remedy}")


def _listed(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _matching(typed: str) -> Iterator[_Entry]:
    words, key = _words(typed), _key(typed)
    exact: list[_Entry] = []
    begins: list[_Entry] = []
    has_word: list[_Entry] = []
    contains: list[_Entry] = []
    for entry in _entries():
        if key not in entry.key:
            continue
        if entry.key == key:
            exact.append(entry)
        elif entry.key.startswith(key):
            begins.append(entry)
        elif words in entry.words:
            has_word.append(entry)
        else:
            contains.append(entry)
    yield from (*exact, *begins, *has_word, *contains)
    yield from _misspelt(key)
    yield from _misspelt(key, len(key))


def _misspelt(key: str, length: int | None = None) -> list[_Entry]:
    """Return the entries that a key may misspell, the nearest first; a length compares it with their beginnings."""
    # Short names are too alike, and a wrong digit is another offset.
    edits = 0 if any(char.isdigit() for char in key) else min(len(key) // 5, 2)
    if not edits:
        return []
    entries = _entries()
    texts = [entry.key[:length] for entry in entries]
    found = process.extract(key, texts, scorer=OSA.distance, score_cutoff=edits, limit=None)
    return [entries[index] for _, _, index in sorted(found, key=lambda hit: hit[1:])]


def _iana_key(typed: str) -> str:
    return "_".join(fold(typed).replace("_", " ").split())


def _words(typed: str) -> str:
    return " " + _BETWEEN.sub(" ", fold(typed)).strip()


def _key(typed: str) -> str:
    return _BETWEEN.sub("", fold(typed))


@cache
def _iana_names() -> Mapping[str, str]:
    """Return the names that mean the same zone on every machine, by key; reading them is slow."""
    return {_iana_key(name): name for name in available_timezones() - {"localtime", "Factory"}}


@cache
def _entries() -> Sequence[_Entry]:
    """Return every name to find a zone by, in the order in which equally good matches are offered."""
    order = {zone: place for place, zone in enumerate(PLACES)}
    zones = sorted({*_zones_of_today(), "UTC", "GMT"}, key=lambda zone: (order.get(zone, len(order)), zone))
    called = _names_of_zones()
    # A zone's own city goes before its other names, and "Indianapolis" before whatever lies in "Indian/".
    cities = [(zone, zone, zone.rsplit("/", 1)[-1]) for zone in zones]
    places = [(f"{name}: {zone}", zone, name) for zone in zones for name in called[zone]]
    offsets = [(f"{name}: {zone}", zone, name) for name, zone in _whole_hours()]
    paths = [(zone, zone, zone) for zone in zones]
    rank = {zone: place for place, zone in enumerate(zones)}
    named = sorted((*cities, *places), key=lambda item: rank[item[1]])
    entries: dict[tuple[str, str], _Entry] = {}
    for shown, zone, name in (*named, *offsets, *paths):
        entries.setdefault((_key(name), zone), _Entry(ZoneChoice(shown, zone), _words(name), _key(name)))
    return tuple(entries.values())


@cache
def _zones_by_key() -> Mapping[str, set[str]]:
    zones = defaultdict(set)
    for entry in _entries():
        zones[entry.key].add(entry.choice.value)
    return dict(zones)


def _whole_hours() -> Iterable[tuple[str, str]]:
    """Return offsets as people write them, with their zones, whose names count westwards."""
    for hours in (*range(1, 15), *range(-1, -13, -1)):
        for prefix in ("UTC", "GMT"):
            yield f"{prefix}{hours:+d}", f"Etc/GMT{-hours:+d}"


def _names_of_zones() -> Mapping[str, list[str]]:
    """Return what each zone is called; where no place of ours has a country's name, it means all of its zones."""
    called = defaultdict(list, {zone: names.split(", ") for zone, names in PLACES.items()})
    ours = {_key(name) for names in called.values() for name in names}
    countries = dict(_rows("iso3166.tab"))
    for zone, code in _zones_of_today().items():
        if _key(countries[code]) not in ours:
            called[zone].append(countries[code])
    return called


def _zones_of_today() -> Mapping[str, str]:
    """Return the zones that are places, not old names of others, with the codes of their countries."""
    return {zone: code for code, _, zone, *_ in _rows("zone.tab")}


def _rows(name: str) -> Iterator[list[str]]:
    text = (files("tzdata.zoneinfo") / name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
