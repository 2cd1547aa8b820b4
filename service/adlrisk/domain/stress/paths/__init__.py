"""The paths of an exposure to a move of the mark price: in one gap, and walked there in small steps."""
