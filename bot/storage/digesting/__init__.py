"""Digests: when each is made, how far it has told, and what it tells."""
