"""Titles: what can be watched on demand."""
