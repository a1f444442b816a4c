"""What the demo's page does, without the browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp


@dataclass
class PageOverHttp:
    """An open page: it acts, and looks again at what it shows."""

    http: aiohttp.ClientSession
    base: str
    state: dict[str, Any]
    sequence: int = 0

    async def act(self, kind: str, **body: Any) -> dict[str, Any]:
        self.sequence += 1
        sent = {
            "protocol_version": 3,
            "sequence": self.sequence,
            "request_id": f"request-{self.sequence}",
            "generation": self.state["context"]["generation"],
            "bot_generation": self.state["botGeneration"],
            "published_revision": self.state["publishedRevision"],
            "kind": kind,
        }
        headers = {"X-Simcord-Context": self.state["context"]["id"]}
        async with self.http.post(f"{self.base}/api/action", json=sent | body, headers=headers) as response:
            assert response.status == 200
            result: dict[str, Any] = await response.json()
            return result

    async def run(self, name: str, **options: str) -> dict[str, Any]:
        """Run a command, named without its slash."""
        return await self.use(await self.command(name), **options)

    async def command(self, name: str) -> dict[str, Any]:
        """Return what the page knows of a command."""
        headers = {"X-Simcord-Context": self.state["context"]["id"]}
        async with self.http.get(f"{self.base}/api/commands", headers=headers) as response:
            entries = (await response.json())["entries"]
        found: dict[str, Any] = next(entry for entry in entries if entry["invocation"] == name)
        return found

    async def use(self, found: dict[str, Any], **options: str) -> dict[str, Any]:
        """Run a command that `command` returned."""
        return await self.act(
            "run_command",
            command_id=found["commandId"],
            path=found["path"],
            schema_fingerprint=found["schemaFingerprint"],
            options=options,
        )

    async def look(self) -> str:
        """Look again, as the page does twice a second, and return all that it shows."""
        headers = {"X-Simcord-Context": self.state["context"]["id"]}
        async with self.http.get(f"{self.base}/api/state", headers=headers) as response:
            self.state = await response.json()
        return str(self.state["messages"])


@asynccontextmanager
async def open_page(url: str) -> AsyncIterator[PageOverHttp]:
    """Open the address that a demo announced."""
    parts = urlsplit(url)
    base = f"http://{parts.netloc}"
    async with (
        aiohttp.ClientSession(headers={"X-Simcord-Capability": parts.fragment}) as http,
        http.post(f"{base}/api/pages", json={}) as response,
    ):
        yield PageOverHttp(http, base, await response.json())
