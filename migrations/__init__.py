"""The numbered SQL files that build and upgrade the database, forward only."""
