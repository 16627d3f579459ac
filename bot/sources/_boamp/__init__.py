"""The records of BOAMP, with the forms in their `donnees`."""
