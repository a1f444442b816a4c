"""Embeds, buttons and forms: what a person sees. A button calls a service, as a command does."""
