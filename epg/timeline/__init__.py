"""A channel as a timeline of segments, and the windows on it. Pure."""
