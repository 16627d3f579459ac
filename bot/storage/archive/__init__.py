"""The notices as they are stored, revision by revision: shared by all newsrooms, found by their words."""
