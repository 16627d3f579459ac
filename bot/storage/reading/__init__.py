"""How far each source was read, what its polls gave, and what of its register the next dump is compared with."""
