"""Find an official by the parts of a name (matching.md section 4)."""
