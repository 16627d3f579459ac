"""The database: one writer behind `Database.tx()`, and one module of SQL per family of tables."""
