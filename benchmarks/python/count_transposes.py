"""Counts the Transpose nodes of an ONNX file, and those that stand between two convolutions.

One stands between convolutions if a convolution is met going backwards from its input, and another going
forwards from its output, through nodes that keep the place of every element or work on it alone: element-wise
and normalizing ones, pooling, padding, joining and cutting. onnxruntime's blocked layout shows as `reorders`.
"""

import json
import sys
from collections import Counter, defaultdict

import onnx

convolutions = {"Conv", "ConvTranspose", "FusedConv"}
reorders = {"ReorderInput", "ReorderOutput"}
passed = set(
    "Abs Add And AveragePool BatchNormalization BiasGelu Cast Ceil Clip Concat Cos Div Elu Equal Erf Exp FastGelu"
    " Floor Gelu Greater GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization"
    " LeakyRelu Less Log Max MaxPool Min Mul Neg Not Or Pad Pow QuickGelu Reciprocal Relu Round Selu Sigmoid Sign Sin"
    " SkipLayerNormalization Slice Softmax Softplus Split Sqrt Sub Sum Tanh Transpose Where".split()
) | reorders


def reaches(start, neighbors, memory):
    if id(start) in memory:
        return memory[id(start)]
    seen, waiting = set(), [start]
    found = False
    while waiting and not found:
        for node in neighbors(waiting.pop()):
            if node.op_type in convolutions:
                found = True
            elif node.op_type in passed and id(node) not in seen:
                seen.add(id(node))
                waiting.append(node)
    memory[id(start)] = found
    return found


graph = onnx.load(sys.argv[1]).graph
maker = {output: node for node in graph.node for output in node.output if output}
takers = defaultdict(list)
for node in graph.node:
    for name in node.input:
        takers[name].append(node)


def before(node):
    return [maker[name] for name in node.input if name in maker]


def after(node):
    return [taker for name in node.output for taker in takers[name]]


backwards, forwards = {}, {}
transposes = [node for node in graph.node if node.op_type == "Transpose"]
between = [node.name for node in transposes if reaches(node, before, backwards) and reaches(node, after, forwards)]
counts = Counter(node.op_type for node in graph.node)
print(
    json.dumps(
        {
            "nodes": len(graph.node),
            "transposes": len(transposes),
            "betweenConvolutions": len(between),
            "reorders": sum(counts[name] for name in reorders),
            "names": between,
        }
    )
)
