"""What any server has to do for a picture, with nothing around it: decode it, run sessions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from facefolk_server.vision.images import ImageLimits, decode
from facefolk_server.vision.network import Network
from facefolk_server.vision.ops import letterbox, plan_letterbox
from facefolk_server.vision.specs import Pack

from bench.quality.packs import load_pack, model_files, own_sessions

MIN_SCORE = 0.7


class BareNetworks:
    """The networks of a pack on inputs that are prepared, as many crops as there are faces."""

    def __init__(self, pack: Pack, name: str, images: list[bytes], *, cache_dir: Path) -> None:
        detector, recognizer = model_files(name, cache_dir=cache_dir)
        build = own_sessions(cache_dir).build
        self.detector = Network(detector, layout=pack.detector.layout, build=build)
        self.recognizer = Network(recognizer, layout=pack.embedder.layout, build=build)
        side = pack.embedder.crop_side
        self.crop = np.random.default_rng(1).integers(0, 256, (1, side, side, 3), np.uint8)
        pipeline = load_pack(name, cache_dir=cache_dir)
        self.inputs: dict[bytes, tuple[np.ndarray, int]] = {}
        for data in images:
            pixels = decode(data, ImageLimits(), least_side=640).pixels
            plan = plan_letterbox(pack.detector, width=pixels.shape[1], height=pixels.shape[0])
            scene = letterbox(pixels, plan, color=pack.detector.letterbox_color)
            faces = len(pipeline.detect(data, min_score=MIN_SCORE).detections)
            self.inputs[data] = (scene, faces)

    def run(self, data: bytes) -> None:
        """Decode a picture and run the networks for it."""
        decode(data, ImageLimits(), least_side=640)
        scene, faces = self.inputs[data]
        self.detector.run(scene)
        for _ in range(faces):
            self.recognizer.run(self.crop)
