"""What each newsroom watches, what hit it, and what people said was not it."""
