"""Bring the files of packs to this machine: cache, mirror, hub, package index, import."""
