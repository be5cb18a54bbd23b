"""The use cases; they know neither gRPC nor models nor tables."""
