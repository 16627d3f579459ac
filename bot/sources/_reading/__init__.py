"""How every source reads what came: strict formats, one entry at a time, the parts of a notice."""
