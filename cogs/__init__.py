"""Vigie's face on Discord: one file a command group, found by walking the package."""
