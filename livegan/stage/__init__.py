"""Where pictures are shown or kept: one file per kind, one class per file, found by its name."""
