"""Databases as datastores, through SQLAlchemy Core: PostgreSQL, MySQL and MariaDB, SQL Server."""
