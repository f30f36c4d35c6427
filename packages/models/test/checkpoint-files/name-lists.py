"""Makes golden/name-lists.json: names and shapes of real networks, without counters, as their checkpoints hold them.

Run in two environments, each time with the folders of the sources that it has:
  python name-lists.py timm-0.6 REXNET_FOLDER   with timm 0.6.13, efficientnet_pytorch 0.7 and efficientnet_lite_pytorch
  python name-lists.py timm-1.0                 with timm 1.0
"""

import json
import pathlib
import sys

import timm

path = pathlib.Path(__file__).parent / "golden" / "name-lists.json"
lists = json.loads(path.read_text()) if path.exists() else {}


def note(name, network):
    shapes = {key: list(value.shape) for key, value in network.state_dict().items()}
    lists[name] = {key: shape for key, shape in shapes.items() if not key.endswith("num_batches_tracked")}


if sys.argv[1] == "timm-1.0":
    assert timm.__version__.startswith("1.0")
    note("timm 1.0 swin_tiny", timm.create_model("swin_tiny_patch4_window7_224"))
else:
    assert timm.__version__.startswith("0.6")
    sys.path.insert(0, sys.argv[2])
    from efficientnet_lite_pytorch import EfficientNet as EfficientNetLite
    from efficientnet_pytorch import EfficientNet
    from rexnetv1 import ReXNetV1

    note("timm 0.6 swin_tiny", timm.create_model("swin_tiny_patch4_window7_224"))
    for name in ("rexnet_100", "gluon_seresnext50_32x4d", "legacy_seresnext50_32x4d", "tf_efficientnet_lite0",
                 "tf_efficientnet_b0"):
        note(f"timm 0.6 {name}", timm.create_model(name))
    note("clovaai rexnet 1.0", ReXNetV1(width_mult=1.0))
    note("lukemelas efficientnet_lite0", EfficientNetLite.from_name("efficientnet-lite0"))
    note("lukemelas efficientnet-b0", EfficientNet.from_name("efficientnet-b0"))

path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in lists.items())
                + "\n}\n")
