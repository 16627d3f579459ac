"""The organisations of the French lobby register, with their clients, years and sheets."""
