"""Checks every .onnx file of a folder: the format in full, and strict shape inference with data propagation."""

import sys
from pathlib import Path

import onnx


def complaint(model: onnx.ModelProto) -> str | None:
    try:
        onnx.checker.check_model(model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:  # onnx raises several unrelated classes
        return f"{type(error).__name__}: {error}"
    produced = {name for node in inferred.graph.node for name in node.output if name}
    typed = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    if untyped := sorted(produced - typed):
        return f"shape inference found no type for {', '.join(untyped)}"
    return None


def main() -> int:
    files = sorted(Path(sys.argv[1]).glob("*.onnx"))
    failed = 0
    for file in files:
        reason = complaint(onnx.load(file))
        if reason is not None:
            failed += 1
            print(f"{file.stem}: {reason}")
    print(f"onnx {onnx.__version__}: {len(files) - failed} of {len(files)} graphs pass")
    return 0 if files and failed == 0 else 1


sys.exit(main())
