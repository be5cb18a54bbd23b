"""How well faces are found, told apart and gathered, on albums with labels."""
