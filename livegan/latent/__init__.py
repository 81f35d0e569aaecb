"""From mapped numbers to a look."""
