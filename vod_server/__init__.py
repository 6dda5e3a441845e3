"""Floor 4: bytes and HTTP - media, streams, web, worker and command line."""
