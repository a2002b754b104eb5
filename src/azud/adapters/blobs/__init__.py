"""Content-addressed stores of bytes."""
