"""The word for places that are no datastore's."""

WEB = "web:"
"""In the place of a datastore's name: the path is a web address."""
