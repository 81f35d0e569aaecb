"""livegan: StyleGAN as an instrument. Importing this module pulls in nothing else."""

__version__ = "0.1.0"
