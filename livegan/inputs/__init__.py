"""What sees the world: one file per kind, one class per file, found by its name."""
