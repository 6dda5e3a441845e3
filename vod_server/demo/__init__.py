"""The demo county: its places, and titles whose pictures and sound are made here."""
