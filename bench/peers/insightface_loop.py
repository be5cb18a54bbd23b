"""The insightface library in a loop: `insightface_loop.py THREADS SECONDS FILE…`.

Runs in an environment of its own. MODELS names a folder with det_500m.onnx and
MobileFaceNet.onnx. Prints one JSON line with images a second.
"""

import json
import os
import sys
import threading
import time
import warnings
from pathlib import Path

import cv2
import numpy as np
from insightface.model_zoo.arcface_onnx import ArcFaceONNX
from insightface.model_zoo.scrfd import SCRFD

warnings.simplefilter("ignore", FutureWarning)


class Found:
    """What the recognizer reads of a face."""

    def __init__(self, kps):
        self.kps = kps
        self.embedding = None


def main(threads, seconds, files):
    models = Path(os.environ["MODELS"])
    detector = SCRFD(str(models / "det_500m.onnx"))
    detector.prepare(-1, input_size=(640, 640), det_thresh=0.5)
    recognizer = ArcFaceONNX(str(models / "MobileFaceNet.onnx"))
    recognizer.prepare(-1)
    images = [Path(name).read_bytes() for name in files]

    def one(index):
        image = cv2.imdecode(np.frombuffer(images[index % len(images)], np.uint8), 1)
        _, points = detector.detect(image, max_num=0)
        for kps in points:
            recognizer.get(image, Found(kps))
        return len(points)

    faces = sum(one(index) for index in range(len(images)))
    began, end = time.process_time(), time.perf_counter() + seconds
    counts = [0] * threads

    def work(number):
        while time.perf_counter() < end:
            one(number + counts[number])
            counts[number] += 1

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spent = time.process_time() - began
    told = {"rate": sum(counts) / seconds, "faces": faces, "cpu_seconds": spent}
    print(json.dumps(told))


main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
