"""Other people's players against a real house, judged by the clock in the picture."""
