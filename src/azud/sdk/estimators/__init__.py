"""v1's estimators: deprecated records that hold a run configuration."""
