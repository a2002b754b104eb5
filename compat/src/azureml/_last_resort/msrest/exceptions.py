"""`msrest.exceptions`: the classes that programs catch. azud raises none of them."""


class ClientException(Exception):
    """Root of these exceptions."""

    def __init__(self, message: object = "", inner_exception: object = None, *args: object) -> None:
        """Keep the message and what caused it."""
        super().__init__(message, *args)
        self.inner_exception = inner_exception


class SerializationError(ClientException, ValueError):
    """A request could not be written."""


class DeserializationError(ClientException, ValueError):
    """An answer could not be read."""


class ValidationError(ClientException):
    """A value is not one that the service takes."""


class ClientRequestError(ClientException):
    """A request could not be sent."""


class AuthenticationError(ClientException):
    """A request was not allowed."""


class TokenExpiredError(AuthenticationError):
    """A token is too old."""


class HttpOperationError(ClientException):
    """The service answered with an error."""
