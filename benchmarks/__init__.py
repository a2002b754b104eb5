"""What azud costs, as ratios to bare processes in the same run: `make bench`, or `python -m benchmarks`."""
