"""`facefolk demo`: from a folder of photos to a page of people, on a server of its own."""

from facefolk.cli.demo.command import demo

__all__ = ["demo"]
