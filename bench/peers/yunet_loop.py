"""OpenCV's FaceDetectorYN in a loop: `yunet_loop.py THREADS SECONDS FILE…`.

MODELS names a folder with face_detection_yunet_2023mar.onnx. Pictures are decoded whole and
their longer side brought to 640 pixels. Prints one JSON line with images a second.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np


def main(threads, seconds, files):
    cv2.setNumThreads(1)
    model = str(Path(os.environ["MODELS"]) / "face_detection_yunet_2023mar.onnx")
    images = [Path(name).read_bytes() for name in files]
    counts = [0] * threads

    def work(number):
        detector = cv2.FaceDetectorYN.create(model, "", (640, 640), 0.7)
        while time.perf_counter() < end:
            data = images[(number + counts[number]) % len(images)]
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            scale = 640 / max(image.shape[:2])
            small = cv2.resize(image, None, fx=scale, fy=scale)
            detector.setInputSize((small.shape[1], small.shape[0]))
            detector.detect(small)
            counts[number] += 1

    began, end = time.process_time(), time.perf_counter() + seconds
    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spent = time.process_time() - began
    print(json.dumps({"rate": sum(counts) / seconds, "cpu_seconds": spent}))


main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
