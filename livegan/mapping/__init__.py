"""From features to outputs: examples, what is fitted to them, and what plays it."""
