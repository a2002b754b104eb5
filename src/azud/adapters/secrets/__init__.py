"""Encryption of secrets."""
