"""Fireside: a Discord bot that turns an interview into a conversation."""

from importlib.metadata import version

__version__ = version("fireside")
