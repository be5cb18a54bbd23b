"""Between messages of the API and records of the domain, by subject."""
