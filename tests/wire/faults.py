"""What may go wrong between the bot and Discord, to be injected into the next requests that fit."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TYPE = {"Content-Type": "application/json"}
PAGE = "<html>\n<head><title>Bad Gateway</title></head>\n<body>cloudflare</body>\n</html>"
VIA = {"Via": "1.1 google"}  # without it, discord.py takes a 429 for a ban


def as_json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a response as Discord sends it: discord.py parses no other content type, nor one with a charset."""
    more = headers or {}
    return web.Response(body=json.dumps(document).encode(), status=status, headers=TYPE | more)


def refusal(status: int, code: int = 0, message: str = "refused", **more: Any) -> web.Response:
    """Return an error as Discord words it."""
    return as_json({"message": message, "code": code} | more, status)


@dataclass(slots=True)
class Fault:
    """What happens to requests whose method and path fit a pattern, so many times.

    Attributes:
        pattern: A regular expression for the method and the path, such as `POST /channels/.*`.
        times: How many requests it befalls.
        answer: Makes the response in place of the right one.
        delay: Seconds that pass before the request is looked at.
        late: Seconds that pass after it was carried out, before the answer.
        lost: Whether the connection is cut in place of the answer, after the request was carried out.
        cut: Whether the connection is cut at once, so that nothing was carried out.
        blank: Whether it's carried out, and answered with nothing.
        seen: How many it has befallen.
    """

    pattern: str
    times: int = 1
    answer: Callable[[], web.Response] | None = None
    delay: float = 0.0
    late: float = 0.0
    lost: bool = False
    cut: bool = False
    blank: bool = False
    seen: int = 0

    def befalls(self, method: str, path: str) -> bool:
        """Return whether it happens to a request, and count it."""
        if self.seen >= self.times or not re.fullmatch(self.pattern, f"{method} {path}"):
            return False
        self.seen += 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults that are still to come."""

    planned: list[Fault] = field(default_factory=list)

    def plan(self, pattern: str, **how: Any) -> Fault:
        """Let a fault befall the next requests that fit a pattern, and return it."""
        fault = Fault(pattern, **how)
        self.planned.append(fault)
        return fault

    def refuse(self, pattern: str, status: int, code: int = 0, message: str = "refused", times: int = 1) -> Fault:
        """Answer the next requests that fit a pattern with an error of Discord's."""
        return self.plan(pattern, times=times, answer=lambda: refusal(status, code, message))

    def page(self, pattern: str, status: int, times: int = 1) -> Fault:
        """Answer the next requests that fit with a page of HTML, as what stands before Discord does."""
        headers = VIA | {"Content-Type": "text/html"}
        return self.plan(pattern, times=times, answer=lambda: web.Response(status=status, text=PAGE, headers=headers))

    def empty(self, pattern: str) -> Fault:
        """Carry out the next request that fits, and answer with nothing, which is a 204."""
        return self.plan(pattern, blank=True)

    def limit(
        self, pattern: str, retry_after: float, *, everywhere: bool = False, banned: bool = False, times: int = 1
    ) -> Fault:
        """Answer the next requests that fit with 429: for their route, for all, or from what stands before Discord."""
        document = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
        headers = ({} if banned else VIA) | {"Retry-After": str(retry_after)}
        return self.plan(pattern, times=times, answer=lambda: as_json(document, 429, headers))

    def of(self, method: str, path: str) -> Fault | None:
        """Return what befalls a request, if anything does."""
        return next((fault for fault in self.planned if fault.befalls(method, path)), None)
