"""Clustering rounds: pure functions from faces to people, NumPy in and out.

`run_round` is one round as section 5 of the design has it:

    faces      faces in the order of their ids      entering, tracks  who enters, for whom
    neighbors  all pairs within E, with products,   gathering         which of them matter
               screens and byte_products
    growth     step 1, with forest, foreseen,       identity          steps 2 and 3
               contest and marks
    deferral   step 4                               pruning           step 5
    settling   steps 2 to 4 together                vetoes            what cannot be
    report     the end in names
    approximate, lists  most pairs within E, where all are too many to look at
    known_counts  what one round leaves for the next, so that it need not count all again
"""

from facefolk_server.clustering.byte_products import ByteProduct
from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.clustering.face_keys import face_keys
from facefolk_server.clustering.lists import SAMPLED_PER_LIST, Lists, make_lists
from facefolk_server.clustering.model import (
    Join,
    KnownCounts,
    Neighbors,
    RoundInput,
    RoundParameters,
    RoundResult,
    RoundStats,
)
from facefolk_server.clustering.quality_gate import QualityGate
from facefolk_server.clustering.rounds import run_round
from facefolk_server.clustering.stand_ins import stand_ins
from facefolk_server.clustering.vetoes import CLEARLY_NEARER

__all__ = [
    "CLEARLY_NEARER",
    "SAMPLED_PER_LIST",
    "ByteProduct",
    "ChainGuard",
    "Join",
    "KnownCounts",
    "Lists",
    "Neighbors",
    "QualityGate",
    "RoundInput",
    "RoundParameters",
    "RoundResult",
    "RoundStats",
    "face_keys",
    "make_lists",
    "run_round",
    "stand_ins",
]
