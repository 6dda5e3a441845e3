"""Floor 0: plumbing without a noun of the domain."""
