"""Floor 2: what - titles now; lessons, affairs and search later."""
