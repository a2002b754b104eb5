"""What processes that a script starts import."""


def square(number):
    """Return the square."""
    return number * number
