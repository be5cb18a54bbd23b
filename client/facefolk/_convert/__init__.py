"""Between messages and dataclasses: one function for each type and direction."""
