"""Strangers' checkpoints become livegan's own model files; nothing in them is ever run."""
