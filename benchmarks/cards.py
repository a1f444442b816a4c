"""What a quote's card costs: time on the clock and of the processor, and the size of its file.

Run it with: .venv/bin/python -m benchmarks.cards; it takes some seconds.
Beside the cards stands what no card can do without: an empty picture of the same size, made and encoded by Pillow.
"""

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial

from PIL import Image
from rich.table import Table

from benchmarks.ranking import wide_console
from bot.domain.card_contents import Card, Theme
from bot.domain.cards import HEIGHT, WIDTH, draw_card, palette_of
from bot.services.cards import bundled_typeface

ROUNDS = 50
SHORT = Card(
    text="A sentence that stands alone is short.",
    speaker="François Chollet",
    source="Turn 6 of 24 · PyImageSearch, 2018 · An interview with François Chollet",
    accent="#d00000",
)
# Nearly 300 characters, the most that a quote has.
LONG = replace(
    SHORT, text="A long sentence goes on and on until nobody knows any more how it began and where it leads. " * 3
)
CYRILLIC = replace(SHORT, text="Все счастливые семьи похожи друг на друга, каждая несчастливая несчастлива по-своему.")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a picture costs each time: milliseconds on the clock and of the processor, and bytes."""

    median: float
    slowest: float
    cpu: float
    bytes: int


def empty_picture() -> bytes:
    """Return a picture of a card's size with nothing on it, as a PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), palette_of(SHORT.accent, Theme.DARK).ground).save(file, "PNG")
    return file.getvalue()


def cost_of(picture: Callable[[], bytes]) -> Cost:
    """Return what it costs to make a picture, which is made once before it is measured."""
    size, walls, cpus = len(picture()), [], []
    for _ in range(ROUNDS):
        begin, cpu = time.perf_counter(), time.process_time()
        picture()
        cpus.append((time.process_time() - cpu) * 1000)
        walls.append((time.perf_counter() - begin) * 1000)
    return Cost(statistics.median(walls), max(walls), statistics.median(cpus), size)


def drawn(card: Card) -> bytes:
    """Return a card that can be drawn."""
    png = draw_card(card, bundled_typeface())
    assert isinstance(png, bytes)
    return png


def measure() -> dict[str, Cost]:
    """Return the cost of each picture by its name."""
    cards = {"short, dark": SHORT, "long, dark": LONG, "Cyrillic, dark": CYRILLIC}
    cards["long, light"] = replace(LONG, theme=Theme.LIGHT)
    costs = {name: cost_of(partial(drawn, card)) for name, card in cards.items()}
    return {"nothing": cost_of(empty_picture)} | costs


def main() -> None:
    """Measure and print the table."""
    costs = measure()
    table = Table("card", title=f"{ROUNDS} cards of {WIDTH} x {HEIGHT}; milliseconds")
    for column in ("median", "slowest", "CPU", "CPU x", "kB"):
        table.add_column(column, justify="right")
    for name, cost in costs.items():
        times = [f"{value:.1f}" for value in (cost.median, cost.slowest, cost.cpu, cost.cpu / costs["nothing"].cpu)]
        table.add_row(name, *times, f"{cost.bytes / 1000:.0f}")
    wide_console().print(table)
    sys.stdout.write(json.dumps({name: asdict(cost) for name, cost in costs.items()}) + "\n")


if __name__ == "__main__":
    main()
