"""Read a text: cleaned, folded, cut into words, with the way back to each character."""
