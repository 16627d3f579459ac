"""Facts: how claims and their sources are typed, and what people do with them."""
