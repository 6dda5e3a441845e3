"""Bytes in: uploads, probe, ladder, transcode, pictures."""
