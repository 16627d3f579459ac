"""Know words: which are ordinary, which forms they have, which are one edit apart, which stand side by side."""
