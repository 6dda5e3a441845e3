"""Job handlers: they put the catalogue, media and streams together."""
