"""Measurements against peers and limits: programs that print tables and write JSON."""
