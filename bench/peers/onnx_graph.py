"""An ONNX file for model servers: a session, and its tensors in the words of the Open Inference Protocol."""

import onnxruntime

DATATYPES = {
    "tensor(bool)": "BOOL",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
}


def open_session(graph: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # As in Presage: more threads cost CPU time, since they wait in a loop.
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options)


def described(tensor) -> dict:
    """Name, datatype and shape of an input or output; -1 is any size."""
    shape = [size if isinstance(size, int) else -1 for size in tensor.shape]
    return {"name": tensor.name, "datatype": DATATYPES[tensor.type], "shape": shape}
