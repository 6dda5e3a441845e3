"""Floor 1: who - places, people, roles, boxes, audit."""
