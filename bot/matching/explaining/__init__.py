"""Say how an item was read, what it is like, and why it is no hit."""
