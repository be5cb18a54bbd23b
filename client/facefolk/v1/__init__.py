"""Generated from `protos/facefolk/v1` by `make protos`; never edited."""
