"""Notices 通知: what a place tells its people, in words and in scanned pages."""
