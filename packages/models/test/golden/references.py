"""Builds the reference networks. None of their code is here: packages and checked-out repositories are imported."""

import contextlib
import importlib
import importlib.util
import os
import pathlib
import sys
import types
from collections import namedtuple

import timm
import torch
from torch import nn

SOURCES = pathlib.Path(os.environ.get("REFERENCES", "references"))

# `inference` and `training` are (batch, size); `gradient` is (batch, size, names looked at beside ten at even distances).
Variant = namedtuple("Variant", "name build inference training gradient", defaults=(None, None, None))


class Reference:
    """A model, the modules whose outputs are looked at, and the beginning of the names that a network leaves out."""

    absent = ()  # names of a classifier that is not built, for its size

    def __init__(self, model, taps, classifier=(), inside=(), shape=None):
        self.model = model
        self.taps = taps
        self.classifier = tuple(classifier)
        self.inside = inside
        self.shape = shape or nhwc

    def levels(self, images):
        outputs, handles = {}, []

        def keep(name):
            def hook(_module, _inputs, output):
                outputs[name] = (output[-1] if isinstance(output, tuple) else output).clone()
                if name == self.taps[-1] and not self.inside:
                    raise Done

            return hook

        for name in (*self.taps, *self.inside):
            handles.append(self.model.get_submodule(name).register_forward_hook(keep(name)))
        with contextlib.suppress(Done):
            self.model(images)
        for handle in handles:
            handle.remove()
        shaped = {name: self.shape(tensor) for name, tensor in outputs.items()}
        return [shaped[name] for name in self.taps], {name: shaped[name] for name in self.inside}


class Done(Exception):
    """Ends a forward pass after the last map, before a classifier that small images do not fit."""


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor


@contextlib.contextmanager
def importing_from(*folders):
    """Folders of a repository before all others, and none of its modules left behind."""
    before, modules = list(sys.path), set(sys.modules)
    sys.path[:0] = [str(SOURCES / folder) for folder in folders]
    try:
        yield
    finally:
        sys.path[:] = before
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(SOURCES)):
                del sys.modules[name]


def module_from(folder, name):
    with importing_from(folder):
        return importlib.import_module(name)


# ---------------------------------------------------------------------------------------------------------------- ResNets

STAGES = ("layer1", "layer2", "layer3", "layer4")


def resnets(build, classifier=("fc.",)):
    return lambda: Reference(build(), STAGES, classifier)


def torchvision_resnet(name):
    from torchvision.models import resnet

    return resnets(lambda: getattr(resnet, name)(weights=None))


def ibn(name):
    return resnets(lambda: getattr(module_from("IBN-Net", "ibnnet"), name)())


def pretrained_models(name):
    import pretrainedmodels

    return resnets(lambda: getattr(pretrainedmodels, name)(pretrained=None), ("last_linear.",))


SECOND_2021 = "Google_Landmark_Retrieval_2021_2nd_Place_Solution/model"


def second_2021(module, name, **options):
    def build():
        reference = resnets(lambda: getattr(module_from(SECOND_2021, f"backbones.{module}"), name)(**options))()
        if not hasattr(reference.model, "fc"):
            reference.absent = ("fc.weight", "fc.bias")
        return reference

    return build


def resnet_family():
    small, train, deep_train = (1, 64), (4, 64), (8, 64)
    yield Variant("resnet18", torchvision_resnet("resnet18"), small, train)
    yield Variant("resnet34", torchvision_resnet("resnet34"), small, train)
    yield Variant("resnet50", torchvision_resnet("resnet50"), small, train, (1, 32, ["bn1.weight", "layer2.0.downsample.0.weight"]))
    for name in ("resnet101", "resnet152"):
        yield Variant(name, torchvision_resnet(name), small, deep_train)
    yield Variant("resnet18_ibn_a", ibn("resnet18_ibn_a"), small, train,
                  (1, 32, ["layer1.0.bn1.IN.weight", "layer1.0.bn1.BN.bias"]))
    for name in ("resnet34_ibn_a", "resnet50_ibn_a", "resnet101_ibn_a", "resnet152_ibn_a"):
        yield Variant(name, ibn(name), small, train if name == "resnet50_ibn_a" else deep_train)
    yield Variant("resnext101_32x4d", resnets(lambda: timm.create_model("resnext101_32x4d")), small, deep_train)
    yield Variant("resnext101_32x8d", torchvision_resnet("resnext101_32x8d"), small, deep_train)
    yield Variant("resnext101_ibn_a", ibn("resnext101_ibn_a"), small, deep_train)
    yield Variant("se_resnet101_ibn_a", ibn("se_resnet101_ibn_a"), small, deep_train)
    yield Variant("se_resnext101_32x4d", pretrained_models("se_resnext101_32x4d"), small, deep_train)
    yield Variant("resnet50 averageShortcut lastStride1", second_2021("resnet", "ResNet", last_stride=1), small, train)
    yield Variant("se_resnet101_ibn_a lastStride1",
                  second_2021("se_resnet_ibn_a", "se_resnet101_ibn_a", last_stride=1), small, deep_train)


class Gem(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.full((1,), 3.0))

    def forward(self, x):
        return x.clamp(min=1e-6).pow(self.p).mean((2, 3)).pow(1 / self.p)


class Narrow(nn.Module):
    """torchvision's blocks at a width of 8, under torchvision's names, with a GeM pooling and a neck."""

    def __init__(self, block, depths, width=8, dimension=16):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, depth in enumerate(depths):
            base, stride, blocks = width * 2**stage, 2 if stage else 1, []
            for index in range(depth):
                step = stride if index == 0 else 1
                outputs = base * block.expansion
                shortcut = None
                if step != 1 or inputs != outputs:
                    shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, step, bias=False), nn.BatchNorm2d(outputs))
                blocks.append(block(inputs, base, step, shortcut))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.pooling = Gem()
        self.neck = nn.Sequential()
        self.neck.add_module("fc", nn.Linear(inputs, dimension))
        self.neck.add_module("bn", nn.BatchNorm1d(dimension))

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = nn.functional.max_pool2d(x, 3, 2, 1)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.neck(self.pooling(x))


def embedding_family():
    from torchvision.models import resnet

    class Embedding(Reference):
        absent = ("fc.weight", "fc.bias")

    def narrow(block, depths):
        return lambda: Embedding(Narrow(block, depths), ["neck"])

    more = ["pooling.p", "neck.fc.weight", "neck.bn.bias"]
    yield Variant("resnet18", narrow(resnet.BasicBlock, [2, 2, 2, 2]), (2, 64), (16, 64), (2, 64, more))
    yield Variant("resnet50", narrow(resnet.Bottleneck, [3, 4, 6, 3]), (2, 64), (16, 64))


def resnest_family():
    for name in ("resnest50", "resnest101", "resnest200", "resnest269"):
        build = resnets(lambda name=name: getattr(module_from("ResNeSt", "resnest.torch.models.resnest"), name)())
        more = (1, 32, ["layer1.0.conv2.fc2.bias", "layer2.0.downsample.1.weight"]) if name == "resnest50" else None
        yield Variant(name, build, (1, 64), (8, 64), more)
    yield Variant("resnest101 lastStride1", second_2021("resnest", "resnest101", last_stride=1), (1, 64), (8, 64))


# ---------------------------------------------------------------------------------------------------------------- FishNet


class Fish(Reference):
    """FishNet keeps every stage's output in a list that it is given."""

    def levels(self, images):
        model = self.model
        maps = [None] * (model.fish.depth + 1)
        maps[0] = model.pool1(model.conv3(model.conv2(model.conv1(images))))
        model.fish._fish_forward(maps)
        return [nhwc(m) for m in maps[7:11]], {}


def fishnet_family():
    for name in ("fishnet99", "fishnet150", "fishnet201"):
        build = lambda name=name: Fish(getattr(module_from("FishNet", "models.net_factory"), name)(), (),
                                       ("fish.fish.9.3.", "fish.fish.9.4."))
        yield Variant(name, build, (1, 64), (8, 64), (2, 32, ["fish.fish.3.3.0.3.bias"]) if name == "fishnet99" else None)


# ------------------------------------------------------------------------------------------ EfficientNet, MobileNetV3, ReXNet


def timm_network(name, head):
    def build():
        model = timm.create_model(name)
        # Activations sit in the norm modules of this timm.
        taps = ["bn1" if info["module"] == "act1" else info["module"] for info in model.feature_info]
        if head:
            return Reference(model, [*taps, "bn2"], ("classifier.",))
        return Reference(model, taps, ("conv_head.", "classifier."))

    return build


def efficientnet_family():
    for index in range(8):
        name = f"tf_efficientnet_b{index}_ns"
        more = (2, 32, ["blocks.0.0.se.conv_reduce.bias", "blocks.6.0.bn3.bias"]) if index == 0 else None
        yield Variant(name, timm_network(name, True), (1, 64), (8, 64), more)
    for index in range(5):
        name = f"tf_efficientnet_lite{index}"
        yield Variant(name, timm_network(name, True), (1, 64), (8, 64))
    for index in range(8):
        name = f"efficientnet_b{index}"
        yield Variant(name, timm_network(name, True), (1, 64), (8, 64))


def mobilenet_v3_family():
    for name in ("mobilenetv3_small_050", "mobilenetv3_small_075", "mobilenetv3_small_100",
                 "mobilenetv3_large_075", "mobilenetv3_large_100"):
        more = (2, 32, ["blocks.0.0.se.conv_expand.bias"]) if name == "mobilenetv3_small_050" else None
        yield Variant(name, timm_network(name, False), (1, 64), (8, 64), more)


def rexnet_family():
    for width in (1.0, 1.3, 1.5, 2.0, 3.0):
        def build(width=width):
            model = module_from("rexnet", "rexnetv1").ReXNetV1(width_mult=width)
            taps = [f"features.{i}" for i in (3, 5, 7, 13, 18, 21)]
            return Reference(model, taps, ("output.",))

        more = (2, 32, ["features.6.out.5.fc.0.weight", "features.6.out.5.fc.3.bias"]) if width == 1 else None
        yield Variant(f"rexnet_{100 * width:.0f}", build, (1, 64), (8, 64), more)


# ------------------------------------------------------------------------------------------------------------------- Swin

SWIN = {
    "tiny": {"embed_dim": 96, "depths": (2, 2, 6, 2), "num_heads": (3, 6, 12, 24)},
    "small": {"embed_dim": 96, "depths": (2, 2, 18, 2), "num_heads": (3, 6, 12, 24)},
    "base": {"embed_dim": 128, "depths": (2, 2, 18, 2), "num_heads": (4, 8, 16, 32)},
}


def square_tokens(tensor):
    side = round(tensor.shape[1] ** 0.5)
    return tensor.reshape(tensor.shape[0], side, side, -1)


def swin(kind, size, window):
    def build():
        from timm.models.swin_transformer import SwinTransformer

        model = SwinTransformer(img_size=size, window_size=window, **SWIN[kind])
        depths = SWIN[kind]["depths"]
        taps = [*(f"layers.{i}.blocks.{depths[i] - 1}" for i in range(3)), "norm"]
        return Reference(model, taps, ("head.",), shape=square_tokens)

    return build


def swin_family():
    yield Variant("swin_tiny_patch4_window7_224 size 64 window 2", swin("tiny", 64, 2), (1, 64), (2, 64),
                  (1, 64, ["layers.0.blocks.1.attn.relative_position_bias_table", "layers.1.blocks.1.attn.qkv.bias",
                           "layers.0.downsample.reduction.weight", "patch_embed.proj.weight", "norm.weight"]))
    for kind in ("tiny", "small", "base"):
        yield Variant(f"swin_{kind}_patch4_window7_224", swin(kind, 224, 7), (1, 224), (1, 224))
    for kind in ("tiny", "small"):
        name = f"swin_{kind}_patch4_window7_224 size 384 window 12"
        yield Variant(name, swin(kind, 384, 12), (1, 384), (1, 384))
    yield Variant("swin_base_patch4_window12_384", swin("base", 384, 12), (1, 384), (1, 384))


# -------------------------------------------------------------------------------------------- DOLG and Hybrid-Swin of 2021

FIRST_2021 = "kaggle-landmark-2021-1st-place/models"


class Squared(nn.Module):
    """Orthogonal fusion as the paper has it: the projection divides by the squared norm."""

    def forward(self, local, whole):
        axis = whole[:, :, None, None]
        along = (local * axis).sum(1, keepdim=True) / axis.square().sum(1, keepdim=True)
        return torch.cat([local - along * axis, axis.expand_as(local)], dim=1)


class Embedder(Reference):
    """Networks of this repository take and give dictionaries."""

    def __init__(self, net, taps, classifier, inside):
        net.head = nn.Linear(512, 1, bias=False)  # Checkpoints have one; without it a network can run without labels.
        super().__init__(net, taps, classifier, inside)

    def levels(self, images):
        class Call:
            model = self.model

        forward = self.model.forward
        self.model.forward = lambda x: forward({"input": x, "target": None})
        try:
            return super().levels(images)
        finally:
            self.model.forward = forward


def config(**options):
    return types.SimpleNamespace(
        pretrained=False, in_channels=3, n_classes=1, headless=True, loss=None, pool="gem", gem_p_trainable=True,
        embedding_size=512, neck="option-D", freeze_backbone_head=False, unfreeze_layers=(), **options)


def require_timm_of_2021():
    if timm.__version__ != "0.4.12":
        raise SystemExit(f"dolg and hybrid-swin want timm 0.4.12, got {timm.__version__}: see README.md")


def dolg(encoder, stride=None, dilations=(6, 12, 18), change=None):
    def build():
        require_timm_of_2021()
        module = module_from(FIRST_2021, "ch_mdl_dolg_efficientnet")
        net = module.Net(config(backbone=encoder, stride=stride, dilations=list(dilations)), None)
        if change == "fusion":
            net.fusion = Squared()
        if change == "order":
            power = net.global_pool
            net.conv_g.register_forward_pre_hook(lambda _conv, inputs: (module.gem(inputs[0], p=power.p, eps=power.eps),))
            power.forward = lambda x: x
        return Embedder(net, ["neck"], ("head.",), ("mam", "attention2d", "global_pool", "fusion_pool"))

    return build


def dolg_family():
    encoder = "tf_efficientnet_b{}_ns".format
    yield Variant("b3", dolg(encoder(3)), (1, 320), (8, 128),
                  (1, 64, ["mam.d1.weight", "mam.conv1.bias", "attention2d.conv2.weight", "global_pool.p",
                           "bn_g.weight", "neck.0.weight", "neck.2.weight"]))
    yield Variant("b5", dolg(encoder(5)), (1, 320), (8, 128))
    yield Variant("b6 dilations 3 6 9", dolg(encoder(6), dilations=(3, 6, 9)), (1, 160), (8, 128))
    yield Variant("b7 dilations 3 6 9", dolg(encoder(7), dilations=(3, 6, 9)), (1, 160), (8, 128))
    yield Variant("b5 stemStride 1", dolg(encoder(5), stride=(1, 1)), (1, 160), (8, 64))
    yield Variant("b3 fusion l2_squared", dolg(encoder(3), change="fusion"), (1, 128), (8, 128))
    yield Variant("b3 order gem-then-project", dolg(encoder(3), change="order"), (1, 128), (8, 128))


def hybrid(kind, encoder, tap, transformer, size, stride=(2, 2), small=None):
    """`small` is the (image size, window) of a smaller Swin-T that takes the transformer's place."""

    def build():
        require_timm_of_2021()
        module = module_from(FIRST_2021, f"ch_mdl_hybrid_transformer{kind}")
        options = config(backbone=transformer, embedder=encoder, stride=stride, img_size=(size, size))
        create = timm.create_model
        if small:
            from timm.models.swin_transformer import SwinTransformer

            def created(name, **arguments):
                if not name.startswith("swin"):
                    return create(name, **arguments)
                return SwinTransformer(img_size=small[0], window_size=small[1], num_classes=0, **SWIN["tiny"])

            module.timm = types.SimpleNamespace(create_model=created)
        net = module.Net(options, None)
        embedder = net.backbone.patch_embed.backbone
        used = [stage for stage in embedder._stage_out_idx]
        after = range(max(used), len(embedder.blocks))
        unused = [f"backbone.patch_embed.backbone.blocks.{i}." for i in after]
        return Embedder(net, ["neck"], ("head.", "global_pool.", *unused), ("backbone.patch_embed", "backbone"))

    return build


def hybrid_swin_family():
    b, swin224, swin384 = "tf_efficientnet_b{}_ns".format, "swin_base_patch4_window7_224", "swin_base_patch4_window12_384"
    yield Variant("b0 tap 1 swin_tiny size 64 window 2", hybrid("", b(0), 1, swin224, 64, small=(64, 2)), (2, 64), (8, 64),
                  (1, 64, ["backbone.patch_embed.proj.weight", "backbone.norm.bias", "neck.0.weight", "neck.2.weight"]))
    yield Variant("b3 tap 3", hybrid("_3x", b(3), 3, swin224, 896), (1, 896), (4, 896))
    yield Variant("b5 tap 3 stemStride 1", hybrid("_2x", b(5), 3, swin224, 448, stride=(1, 1)), (1, 448), (4, 448))
    yield Variant("b6 tap 1", hybrid("", b(6), 1, swin384, 384), (1, 384), (4, 384))


# ------------------------------------------------------------------------------------------------------------------- ALIKE

ALIKE = {
    "alike-t": {"c1": 8, "c2": 16, "c3": 32, "c4": 64, "dim": 64, "single_head": True},
    "alike-s": {"c1": 8, "c2": 16, "c3": 48, "c4": 96, "dim": 96, "single_head": True},
    "alike-n": {"c1": 16, "c2": 32, "c3": 64, "c4": 128, "dim": 128, "single_head": True},
    "alike-l": {"c1": 32, "c2": 64, "c3": 128, "c4": 128, "dim": 128, "single_head": False},
}


class Alike(Reference):
    """Scores and descriptors, which the network gives as a pair."""

    def levels(self, images):
        return [nhwc(m) for m in self.model(images)], {}


def alike_family():
    for name, options in ALIKE.items():
        build = lambda options=options: Alike(module_from("ALIKE", "alnet").ALNet(**options), ())
        more = (2, 32, ["block2.downsample.bias", "convhead2.weight"]) if name == "alike-t" else None
        yield Variant(name, build, (1, 64), (2, 64), more)


def families():
    return {
        "resnet": resnet_family(),
        "embedding": embedding_family(),
        "resnest": resnest_family(),
        "fishnet": fishnet_family(),
        "efficientnet": efficientnet_family(),
        "mobilenet-v3": mobilenet_v3_family(),
        "rexnet": rexnet_family(),
        "swin": swin_family(),
        "alike": alike_family(),
        "dolg": dolg_family(),
        "hybrid-swin": hybrid_swin_family(),
    }
