"""`facefolk suggestions`: questions whose answers settle faces."""

from facefolk.cli.suggestions.command import app

__all__ = ["app"]
