"""Read the query language of a keyword (DESIGN.md section 8)."""
