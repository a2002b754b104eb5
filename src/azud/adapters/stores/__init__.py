"""Where runs, events and assets are kept: SQLite now, through SQLAlchemy Core and one migration history."""
