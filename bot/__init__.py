"""Vigie: everything that would survive leaving Discord."""
