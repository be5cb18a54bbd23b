"""The wire: converts messages, calls the use cases, converts what they answer."""
