"""How long to wait before something that failed is tried again."""

from collections.abc import Iterator


def growing_pauses(first: float, longest: float) -> Iterator[float]:
    """Yield how many seconds to wait before each next try: each time twice as long, up to the longest."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)
