"""Where a key result will land, and how sure that is: pure functions of one value a day, computed for many at once."""
