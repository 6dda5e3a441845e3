"""The TV app, apart from the server: hand-written ES5 and the script that bundles it."""
