"""Loop channels: what plays when, computed from the catalogue."""
