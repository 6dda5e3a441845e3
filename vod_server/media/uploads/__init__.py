"""Uploads: files that come in over the network, resumable at the byte."""
