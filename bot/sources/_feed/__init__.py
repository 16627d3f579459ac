"""The items of feeds, in each of their forms."""
