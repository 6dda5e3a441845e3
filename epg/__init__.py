"""Floor 3: when - channels, guide and timeline arrive with the live issue."""
