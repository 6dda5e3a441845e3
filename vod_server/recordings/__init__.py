"""A channel's segments on disk: written, read, rebuilt, expired."""
