"""What becomes of the faces of a frame that is submitted again."""
