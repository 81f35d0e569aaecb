"""What `livegan doctor` looks at, one file for each part of a machine."""
