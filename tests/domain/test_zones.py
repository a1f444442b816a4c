import re
from zoneinfo import ZoneInfo, available_timezones

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.text import fold
from bot.domain.zone_names import COMMON_ZONES, LOCALE_ZONES, PLACES
from bot.domain.zones import find_zones, guess_zone, parse_zone
from bot.errors import InvalidInputError

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
PLACE_NAMES = [(name, zone) for zone, names in PLACES.items() for name in names.split(", ")]
# What is like a name but not always one: pieces of names, with a letter too many, too few or in the wrong place.
scraps = st.sampled_from([name for name, _ in PLACE_NAMES] + ZONES).flatmap(
    lambda name: st.builds(
        lambda start, end, extra: name[:start] + extra + name[end:],
        st.integers(0, len(name)),
        st.integers(0, len(name)),
        st.sampled_from(["", "a", "_", " ", "é", "/", "5", "\0"]),
    )
)
typed_texts = st.text(max_size=80) | scraps


def values(typed: str, limit: int = 25, guess: str | None = None) -> list[str]:
    return [choice.value for choice in find_zones(typed, limit, guess)]


class TestTheTable:
    def test_every_zone_is_one(self) -> None:
        assert {*PLACES, *COMMON_ZONES, *LOCALE_ZONES.values()} <= available_timezones()

    def test_no_name_stands_twice_in_a_zone(self) -> None:
        assert len(set(PLACE_NAMES)) == len(PLACE_NAMES)
        assert all(name == name.strip() and name for name, _ in PLACE_NAMES)

    def test_every_name_is_found_again_by_typing_it(self) -> None:
        assert not [(name, zone) for name, zone in PLACE_NAMES if zone not in values(name)]


class TestFinding:
    @pytest.mark.parametrize(
        ("typed", "first"),
        [
            ("berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("Kath", "Asia/Kathmandu"),
            ("UTC", "UTC"),
            ("gmt", "GMT"),
            ("Munich", "Europe/Berlin"),
            ("hamb", "Europe/Berlin"),
            ("Germany", "Europe/Berlin"),
            ("San Francisco", "America/Los_Angeles"),
            ("francisco", "America/Los_Angeles"),
            ("seattle", "America/Los_Angeles"),
            ("Mumbai", "Asia/Kolkata"),
            ("Delhi", "Asia/Kolkata"),
            ("Bangalore", "Asia/Kolkata"),
            ("Beijing", "Asia/Shanghai"),
            ("EST", "America/New_York"),
            ("Eastern time", "America/New_York"),
            ("PST", "America/Los_Angeles"),
            ("CET", "Europe/Berlin"),
            ("Berln", "Europe/Berlin"),
            ("San Fransisco", "America/Los_Angeles"),
            ("San Fransi", "America/Los_Angeles"),
            ("Nwe York", "America/New_York"),
            ("  SÃO_paulo ", "America/Sao_Paulo"),
            ("sao paulo", "America/Sao_Paulo"),
            ("saopaulo", "America/Sao_Paulo"),
            ("Zürich", "Europe/Zurich"),
            ("zurich", "Europe/Zurich"),
            ("東京", "Asia/Tokyo"),
            ("st johns", "America/St_Johns"),
            ("Bhutan", "Asia/Thimphu"),
            ("Cote d'Ivoire", "Africa/Abidjan"),
            ("Calcutta", "Asia/Kolkata"),
            ("UTC+5", "Etc/GMT-5"),
            ("gmt -3", "Etc/GMT+3"),
            ("UTC+5:30", "Asia/Kolkata"),
        ],
    )
    def test_what_people_type_finds_their_zone(self, typed: str, first: str) -> None:
        assert values(typed)[0] == first

    def test_a_name_that_is_no_iana_name_is_shown_with_its_zone(self) -> None:
        assert find_zones("munich", 25)[0].name == "Munich: Europe/Berlin"
        assert find_zones("berlin", 25)[0].name == "Europe/Berlin"

    def test_a_country_of_several_zones_offers_them_all(self) -> None:
        assert {"Asia/Ulaanbaatar", "Asia/Hovd"} <= set(values("Mongolia"))
        assert set(values("IST")[:3]) == {"Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"}

    @pytest.mark.parametrize("typed", ["san", "ber", "in", "new"])
    def test_beginnings_come_before_later_words_and_those_before_the_rest(self, typed: str) -> None:
        def rank(shown: str) -> int:
            name, _, _ = fold(shown).partition(": ")
            words = re.split(r"[\W_]+", name)
            at_start = name.startswith(typed) or name.rsplit("/", 1)[-1].startswith(typed)
            return 0 if at_start else 1 if any(word.startswith(typed) for word in words) else 2

        ranks = [rank(choice.name) for choice in find_zones(typed, 100)]
        assert ranks == sorted(ranks)
        assert len(set(ranks)) > 1

    def test_names_that_match_come_before_those_that_are_alike(self) -> None:
        found = values("roman")  # Romania; Roma, Oman
        assert found.index("Europe/Bucharest") < min(found.index("Europe/Rome"), found.index("Asia/Muscat"))

    def test_old_names_are_not_offered(self) -> None:
        every = {zone for letter in "abcdefghijklmnopqrstuvwxyz" for zone in values(letter, 1000)}
        assert {"Europe/Stockholm", "Asia/Kolkata", "America/Coyhaique"} <= every
        assert not every & {"US/Pacific", "Asia/Calcutta", "Europe/Kiev", "Japan", "EST", "CET", "Etc/UTC"}

    @pytest.mark.parametrize("typed", ["", "  ", "_", "/"])
    def test_with_nothing_typed_the_guess_comes_first(self, typed: str) -> None:
        assert values(typed) == list(COMMON_ZONES)
        guessed = values(typed, guess="Asia/Tokyo")
        assert guessed[0] == "Asia/Tokyo"
        assert set(guessed) == set(COMMON_ZONES)
        assert values(typed, guess="Asia/Nicosia")[:2] == ["Asia/Nicosia", COMMON_ZONES[0]]
        assert values(typed, guess="Middle/Earth") == list(COMMON_ZONES)

    def test_the_guess_leaves_what_was_typed_alone(self) -> None:
        assert values("berlin", guess="Asia/Tokyo") == values("berlin")

    @settings(max_examples=300)
    @given(typed_texts, st.integers(0, 25), st.none() | st.sampled_from(ZONES))
    def test_whatever_is_typed_each_choice_can_be_used(self, typed: str, limit: int, guess: str | None) -> None:
        found = find_zones(typed, limit, guess)
        assert len(found) <= limit
        assert len({choice.value for choice in found}) == len(found)
        for choice in found:
            assert choice.value in choice.name
            assert len(choice.name) <= 100
            assert parse_zone(choice.value).key == choice.value

    @settings(max_examples=200)
    @given(typed_texts)
    def test_every_city_offered_is_found_again_by_typing_it(self, typed: str) -> None:
        for choice in find_zones(typed, 25):
            name = choice.name.split(": ")[0]
            assert choice.value in values(name)


class TestParsing:
    @given(st.sampled_from(ZONES))
    def test_every_name_in_any_case(self, name: str) -> None:
        assert parse_zone(name).key == name
        assert parse_zone(f" {name.upper()} ").key == name
        assert parse_zone(name.lower().replace("_", " ")).key == name

    @pytest.mark.parametrize(
        ("typed", "zone"),
        [
            ("Munich", "Europe/Berlin"),
            ("münchen", "Europe/Berlin"),
            ("berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("Hong Kong", "Asia/Hong_Kong"),
            ("Eastern Time", "America/New_York"),
            ("pst", "America/Los_Angeles"),
            ("Germany", "Europe/Berlin"),
            ("Bhutan", "Asia/Thimphu"),
            ("San Fransisco", "America/Los_Angeles"),
            ("Nwe York", "America/New_York"),
            ("Europe/Brelin", "Europe/Berlin"),
            ("UTC-3", "Etc/GMT+3"),
            ("US/Pacific", "US/Pacific"),
        ],
    )
    def test_a_name_that_means_one_zone(self, typed: str, zone: str) -> None:
        assert parse_zone(typed).key == zone

    @pytest.mark.parametrize(
        ("typed", "nearest"),
        [
            ("IST", ["Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"]),
            ("Portland", ["America/New_York", "America/Los_Angeles"]),
            ("Berln", ["Europe/Berlin", "Europe/Zurich"]),  # Berlin or Bern
            ("San", ["America/Los_Angeles"]),
            ("USA", ["America/New_York", "America/Denver"]),
        ],
    )
    def test_between_two_zones_it_does_not_guess(self, typed: str, nearest: list[str]) -> None:
        with pytest.raises(InvalidInputError) as caught:
            parse_zone(typed)
        assert all(name in str(caught.value) for name in nearest)

    @pytest.mark.parametrize(
        "typed",
        ["", "Atlantis", "../../etc/passwd", "/etc/localtime", "localtime", "Factory", "Europe", "UTC+15", "x" * 3000],
    )
    def test_what_is_none_is_refused_shortly(self, typed: str) -> None:
        with pytest.raises(InvalidInputError) as caught:
            parse_zone(typed)
        assert len(str(caught.value)) < 300
        assert 1 <= sum(name in str(caught.value) for name in values(typed, 5) or COMMON_ZONES) <= 5

    @settings(max_examples=300)
    @given(typed_texts)
    def test_anything_else_is_refused(self, typed: str) -> None:
        try:
            zone = parse_zone(typed)
        except InvalidInputError as error:
            assert len(str(error)) < 300  # noqa: PT017 - some texts are zones
        else:
            assert zone.key in ZONES

    @pytest.mark.parametrize("hours", [*range(-12, 0), *range(1, 15)])
    def test_an_offset_counts_as_people_write_it(self, hours: int) -> None:
        zone = parse_zone(f"UTC{hours:+d}")
        assert zone == parse_zone(f"gmt {hours:+d}")
        offset = discord.utils.utcnow().astimezone(zone).utcoffset()
        assert offset is not None
        assert offset.total_seconds() == hours * 3600


class TestGuessing:
    @pytest.mark.parametrize("locale", [locale.value for locale in discord.Locale])
    def test_every_language_of_discord_is_known(self, locale: str) -> None:
        zone = guess_zone([locale])
        assert zone is not None
        assert ZoneInfo(zone).key == zone

    @pytest.mark.parametrize(
        ("locales", "zone"),
        [
            (["de"], "Europe/Berlin"),
            (["en-GB"], "Europe/London"),
            (["pt-BR"], "America/Sao_Paulo"),
            (["ja", "de"], "Asia/Tokyo"),
            (["en-US"], "America/New_York"),
            (["en-US", "de"], "Europe/Berlin"),
            (["de", "en-US"], "Europe/Berlin"),
            (["tlh", "en-US"], "America/New_York"),
            (["tlh"], None),
            ([], None),
        ],
    )
    def test_the_first_language_that_tells_something_counts(self, locales: list[str], zone: str | None) -> None:
        assert guess_zone(locales) == zone
