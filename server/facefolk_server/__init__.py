"""The Facefolk server: finds faces, embeds them, and gathers them into people."""
