"""Bytes out: playlists, signed addresses and the delivery of segments. Knows no Flask."""
