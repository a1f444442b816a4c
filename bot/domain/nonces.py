"""Discord's memory of what was sent, by which a repeated send with the same nonce doubles nothing."""

from datetime import timedelta

# How long Discord surely knows a repeated send by its nonce: "for a few minutes", it says.
NONCE_FRESH = timedelta(minutes=2)
