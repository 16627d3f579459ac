"""Find a company by its name (matching.md sections 3, 6 and 9)."""
