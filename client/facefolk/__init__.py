"""Facefolk: a thin client of the face-recognition service."""
