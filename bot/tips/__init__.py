"""Tips: how they are typed, and what people do with them."""
