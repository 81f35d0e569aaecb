"""What turns a look into a picture: one file per kind, one class per file, found by its name."""
