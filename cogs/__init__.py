"""The commands: each reads an interaction, calls a service and shows the result."""
