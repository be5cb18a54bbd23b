"""The contact sheet: one self-contained page that shows who was found."""
