"""Face detectors: one module for each way of decoding a network's outputs."""
