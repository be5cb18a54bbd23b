"""Previews: what is sent to the server in place of photos and films. Extra [preview]."""
