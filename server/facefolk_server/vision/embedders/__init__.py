"""Face recognizers: networks that turn an aligned crop into an embedding."""
