"""Import sheets: a table and a folder of files become titles."""
