"""Serving: a mapping answers each row of inputs by OSC, one reply per message, with no picture."""
