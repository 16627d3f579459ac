"""The filings of the US lobbying register, and how their pages are read."""
