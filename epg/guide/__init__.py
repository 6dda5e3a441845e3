"""The guide: feeds, programmes, corrections, now and next."""
