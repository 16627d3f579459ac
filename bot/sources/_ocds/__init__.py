"""One connector for every publisher of Open Contracting data."""
