"""Speaking to a workspace server: HTTP over a Unix socket or TCP, workspace homes, starting a server.

Standard library only, CPython 3.9 and later, and quick to import: `socket`, `subprocess` and `fcntl` are
imported by the calls that need them.
"""
