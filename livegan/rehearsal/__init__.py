"""Choosing looks, teaching, correcting: what a performer does with a running show."""
