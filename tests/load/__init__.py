"""Much at once: many submitters, large pipelines, many metrics, a long log, and an API that answers meanwhile.

`python -m tests.load` prints the figures; the short form is part of `make test`, the full one of `make crash-long`.
"""
