"""How a person or a program tells the show what to do."""
