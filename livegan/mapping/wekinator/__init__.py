"""Wekinator projects, in and out; nothing of Wekinator's own formats is known outside this folder."""
