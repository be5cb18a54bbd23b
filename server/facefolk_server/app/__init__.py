"""The composition root: the only place where the layers are put together."""
