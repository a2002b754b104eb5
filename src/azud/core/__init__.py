"""What everything else stands on: errors, digests, ids, time, paths and durable operations.

Standard library only, CPython 3.9 and later, because these modules travel into users' jobs.
"""
