"""Checks exported models in full and runs them.

    python run_models.py FOLDER

FOLDER/cases.json is a list of {"model", "inputs"}; inputs are {"name": {"shape", "dtype", "data"}}. Prints a
list with, for each case, the outputs in the same form, the names of inputs and outputs, and the metadata.
"""

import json
import os
import sys

import numpy
import onnx
import onnxruntime

folder = sys.argv[1]
results = []
with open(os.path.join(folder, "cases.json")) as file:
    cases = json.load(file)
for case in cases:
    path = os.path.join(folder, case["model"])
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path, load_external_data=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = {
        name: numpy.array(array["data"], dtype=array["dtype"]).reshape(array["shape"])
        for name, array in case["inputs"].items()
    }
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, inputs)
    results.append(
        {
            "inputs": [given.name for given in session.get_inputs()],
            "outputs": {
                name: {"shape": list(output.shape), "data": output.ravel().tolist()}
                for name, output in zip(names, outputs)
            },
            "metadata": dict(session.get_modelmeta().custom_metadata_map),
            "documentation": model.doc_string,
            "producer": [model.producer_name, model.producer_version],
            "operators": [[opset.domain, opset.version] for opset in model.opset_import],
            "external": [
                {entry.key: entry.value for entry in tensor.external_data}
                for tensor in model.graph.initializer
                if tensor.data_location == onnx.TensorProto.EXTERNAL
            ],
        }
    )
json.dump(results, sys.stdout)
