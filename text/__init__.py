"""What a text is made of: cleaned once at the door, folded for every comparison. Pure functions, no Django."""
