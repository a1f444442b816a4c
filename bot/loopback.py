"""Points the client at a stand-in for Discord on this machine, to test the whole bot over real sockets."""

import discord
from yarl import URL


def use_loopback(address: str) -> None:
    """Let everything this process sends to Discord go to an address of this machine, such as `http://127.0.0.1:8200`.

    Settings take no other address: the token must never be sent to a stranger.
    """
    base = address.rstrip("/")
    discord.http.Route.BASE = f"{base}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(base.replace("http", "ws", 1)) / "gateway/"
    discord.asset.Asset.BASE = f"{base}/cdn"
