"""Find a company or an association by its legal numbers (matching.md section 5)."""
