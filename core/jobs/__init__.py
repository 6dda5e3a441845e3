"""Jobs: rows that say what shall be done, taken up by workers under a lease."""
