"""What krd knows: pure rules on given values and given time. No clock, no input or output, no framework."""
