"""Triton, as nvidia-pytriton ships it, with a model of its Python backend that runs an ONNX file.

Triton joins requests only if all tensors have a dimension beside that of the rows. So an output [n] is [n, 1] here, and a
graph with an input [n] is served without joining.

    onnx_triton.py NAME VERSION GRAPH HTTP_PORT GRPC_PORT METRICS_PORT
"""

import os
import sys
import sysconfig

from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig
from tritonclient.utils import triton_to_np_dtype

from onnx_graph import described, open_session

HOST = "127.0.0.1"
name, version, graph, http, grpc, metrics = sys.argv[1:]

# The process that runs the backend loads the library of this Python, which need not be where the system looks.
libraries = [sysconfig.get_config_var("LIBDIR"), os.environ.get("LD_LIBRARY_PATH")]
os.environ["LD_LIBRARY_PATH"] = ":".join(filter(None, libraries))

session = open_session(graph)
inputs = [described(tensor) for tensor in session.get_inputs()]
outputs = [described(tensor) for tensor in session.get_outputs()]
joins = all(len(one["shape"]) > 1 for one in inputs)


def declared(one: dict) -> Tensor:
    shape = one["shape"][1:] or [1] if joins else one["shape"]
    return Tensor(name=one["name"], dtype=triton_to_np_dtype(one["datatype"]), shape=tuple(shape))


@batch
def run_joined(**feeds):
    return [values[:, None] if values.ndim == 1 else values for values in session.run(None, feeds)]


def run_each(requests):
    names = [one["name"] for one in outputs]
    return [dict(zip(names, session.run(names, dict(request.data)))) for request in requests]


config = TritonConfig(
    http_address=HOST, http_port=int(http), grpc_address=HOST, grpc_port=int(grpc), metrics_port=int(metrics)
)
with Triton(config=config) as triton:
    triton.bind(
        model_name=name,
        model_version=int(version),
        infer_func=run_joined if joins else run_each,
        inputs=[declared(one) for one in inputs],
        outputs=[declared(one) for one in outputs],
        config=ModelConfig(max_batch_size=4096, batcher=DynamicBatcher()) if joins else ModelConfig(batching=False),
    )
    triton.serve()
