"""The dump of the EU register, and its entries."""
