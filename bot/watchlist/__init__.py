"""The watchlist: what people type and change in it, the automaton over it, and its CSV form."""
