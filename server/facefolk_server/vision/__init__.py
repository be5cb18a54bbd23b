"""Image decoding, face detection and face recognition, usable without a server."""
