"""Search: documents of any kind, found by their names while they are typed with a remote."""
