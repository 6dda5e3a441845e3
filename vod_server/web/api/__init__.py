"""The API of the boxes, /api/v1 (docs/architecture.md)."""
