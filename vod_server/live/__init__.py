"""Signals in: one supervised ffmpeg per wanted channel."""
