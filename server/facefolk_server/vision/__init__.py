"""Image decoding, face detection and face recognition, usable without a server."""

import os

# OpenCV reads these when it is first imported. The limit on pixels stands behind our own,
# for headers that say one thing and hold another; its log would repeat our errors on stderr.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**28))
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
