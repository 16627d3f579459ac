"""The texts of the Journal officiel, and the people they name."""
