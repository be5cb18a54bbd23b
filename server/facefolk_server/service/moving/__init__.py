"""Moving people from one server to another, and in from elsewhere."""
