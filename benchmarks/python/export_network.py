"""Exports one reference network with given weights as an ONNX file of opset 17.

Standard input: a line of JSON with `network`, `batch`, `size`, `path` and `parameters` (names and shapes, PyTorch's
layout), then the float32 values of the parameters as raw bytes. Standard output: a line of JSON with what the
reference's file needs to be compared: versions.

The graph takes `images` (N, 3, H, W) and gives `embedding` (N, D): the mean of the last map, or what DOLG's neck gives.
LMK_REFERENCES is a folder with the authors' repository of DOLG.
"""

import json
import os
import sys
import types
import warnings

warnings.filterwarnings("ignore")

import numpy
import timm
import torch
import torchvision

settings = json.loads(sys.stdin.buffer.readline())


class Dolg(torch.nn.Module):
    """The authors' network, from an image to its embedding."""

    def __init__(self, backbone):
        super().__init__()
        sys.path.insert(0, os.path.join(os.environ["LMK_REFERENCES"], "kaggle-landmark-2021-1st-place", "models"))
        from ch_mdl_dolg_efficientnet import Net

        create_model = timm.create_model

        def create_exportable(name, num_classes, global_pool, **options):
            return create_model(name, exportable=True, **options)

        timm.create_model = create_exportable
        options = dict(pretrained=False, in_channels=3, stride=None, pool="gem", gem_p_trainable=True, headless=True)
        self.net = Net(
            types.SimpleNamespace(
                backbone=backbone, embedding_size=512, n_classes=2, loss="", dilations=[6, 12, 18], **options
            ),
            None,
        )
        timm.create_model = create_model
        # The exporter knows no padding by name; of an odd filter at stride 1 it is the dilation.
        for layer in (self.net.mam.d0, self.net.mam.d1, self.net.mam.d2):
            layer.padding = layer.dilation
        # Nor average pooling over a window as large as the map.
        pool = self.net.global_pool
        pool.forward = lambda x: x.clamp(min=pool.eps).pow(pool.p).mean((2, 3), keepdim=True).pow(1.0 / pool.p)

    def forward(self, images):
        return self.net({"input": images, "target": None})["embeddings"]


def create(network):
    if network == "resnet50":
        model = torchvision.models.resnet50()
        model.fc = torch.nn.Identity()
        return model, model
    if network == "dolg_tf_efficientnet_b5_ns":
        model = Dolg("tf_efficientnet_b5_ns")
        return model, model.net
    model = timm.create_model(network, num_classes=0, exportable=True)
    return model, model


model, holder = create(settings["network"])
given = {}
for name, shape in settings["parameters"]:
    count = int(numpy.prod(shape, dtype=numpy.int64))
    data = numpy.frombuffer(sys.stdin.buffer.read(4 * count), dtype=numpy.float32)
    given[name] = torch.from_numpy(data.reshape(shape).copy())
absent = holder.load_state_dict(given, strict=False)
derived = ("num_batches_tracked", "relative_position_index", "attn_mask")
missing = [name for name in absent.missing_keys if not name.endswith(derived) and not name.startswith("head.")]
if missing or absent.unexpected_keys:
    sys.exit(f"parameters do not fit: missing {missing}, unexpected {absent.unexpected_keys}")
model.eval()
images = torch.zeros(settings["batch"], 3, settings["size"], settings["size"])
torch.onnx.export(
    model,
    (images,),
    settings["path"],
    opset_version=17,
    input_names=["images"],
    output_names=["embedding"],
)
print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__}))
