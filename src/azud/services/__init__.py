"""The use cases behind the API. Each takes and returns model values; none knows HTTP, SQL or a backend."""
