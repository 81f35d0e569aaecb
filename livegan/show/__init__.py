"""The show: one tick per picture, at a constant, known latency."""
