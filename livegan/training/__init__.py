"""A generator of your own: pictures prepared, a model trained on them."""
