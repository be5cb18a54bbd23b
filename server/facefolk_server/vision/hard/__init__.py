"""Faces that a detector misses at its one scale: too large, too small, or turned."""

from facefolk_server.vision.hard.detector import HardOptions, ThoroughDetector

__all__ = ["HardOptions", "ThoroughDetector"]
