"""Channels: what they are, where their signal comes from, who may see them."""
