"""Processes of azud are killed at every point where something durable happens, and at random moments.

`python -m tests.crash` is `make crash`; what it checks is in `check`, what it runs in `scenario`.
"""
