"""What interpreters and environments hold."""
