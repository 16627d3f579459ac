"""What happens to the log itself: its audit, its exports, what was erased of it, and its copies."""
