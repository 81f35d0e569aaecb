"""Painted skies: a set to train on that needs no data and no licence."""
