"""Builds a pipeline from a pack's specs and model files."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from facefolk_server.vision.detectors import detector as detectors
from facefolk_server.vision.embedders import embedder as embedders
from facefolk_server.vision.guard import Disagreement, GuardedNetwork, GuardOptions
from facefolk_server.vision.network import ModelFile, Network
from facefolk_server.vision.pipeline import Pipeline, PipelineOptions
from facefolk_server.vision.selftest import reference_crop, reference_scene
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.specs import InputLayout, Pack

_BATCH_SIZES = {False: (1,), True: (1, 2)}
"""By whether the recognizer is in 8 bits."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a pipeline is built.

    `batch_sizes` are the numbers of crops that the recognizer takes at once. None means two or
    one in 8 bits, where two at once take a seventh less, and else one: in float batches gain
    nothing on the CPU. `watch` says whether the device is compared with the CPU; None means
    where it is not the CPU at full precision.
    """

    pipeline: PipelineOptions = field(default_factory=PipelineOptions)
    guard: GuardOptions = field(default_factory=GuardOptions)
    batch_sizes: tuple[int, ...] | None = None
    watch: bool | None = None


def load_pipeline(
    pack: Pack,
    detector_model: ModelFile,
    embedder_model: ModelFile,
    *,
    sessions: SessionFactory,
    options: LoadOptions | None = None,
) -> Pipeline:
    """Return a pipeline whose networks run, self-tested where the device is watched.

    Raises:
        ModelUnavailableError: a model cannot be run, or not on the device that is required.
    """
    # OpenCV would cut each picture up for threads of its own, which are waited for and wait for
    # work by spinning: a tenth of what a picture takes, and in the way of our own threads.
    cv2.setNumThreads(1)
    options = options or LoadOptions()
    guarded = partial(_guarded, sessions=sessions, options=options)
    detector_network = guarded(
        "detector",
        detector_model,
        layout=pack.detector.layout,
        disagreement=partial(detectors.disagreement, spec=pack.detector),
    )
    embedder_network = guarded(
        "recognizer",
        embedder_model,
        layout=pack.embedder.layout,
        disagreement=embedders.disagreement,
    )
    # Where nothing is compared, other shapes are compiled at their first use: each takes a
    # fifth of a second and 15 MB, and an album uses two or three of them.
    shapes = pack.detector.shapes
    for height, width in shapes if _is_watched(sessions, options) else shapes[-1:]:
        detector_network.self_test(reference_scene(height=height, width=width)[None])
    crop = reference_crop(pack.embedder)
    batch_sizes = options.batch_sizes or _BATCH_SIZES[pack.embedder.quantized]
    for size in sorted({1, *batch_sizes}):
        embedder_network.self_test(np.repeat(crop[None], size, axis=0))
    return Pipeline(
        pack,
        detector=detectors.NetworkDetector(pack.detector, network=detector_network),
        embedder=embedders.NetworkEmbedder(
            pack.embedder, network=embedder_network, batch_sizes=batch_sizes
        ),
        options=options.pipeline,
        devices=(detector_network, embedder_network),
    )


def _guarded(
    name: str,
    model: ModelFile,
    *,
    layout: InputLayout,
    disagreement: Disagreement,
    sessions: SessionFactory,
    options: LoadOptions,
) -> GuardedNetwork:
    return GuardedNetwork(
        name,
        device=sessions.place,
        primary=Network(model, layout=layout, build=sessions.build),
        reference=Network(model, layout=layout, build=sessions.build_reference),
        watched=_is_watched(sessions, options),
        disagreement=disagreement,
        options=options.guard,
    )


def _is_watched(sessions: SessionFactory, options: LoadOptions) -> bool:
    if options.watch is not None:
        return options.watch
    return sessions.device != "CPU" or sessions.precision != "f32"
