"""KServe's Python server with a model that runs an ONNX file. It has no versions, and its metrics are served over HTTP.

    onnx_kserve.py NAME VERSION GRAPH HTTP_PORT GRPC_PORT METRICS_PORT
"""

import sys

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.utils.utils import generate_uuid

from onnx_graph import described, open_session


class OnnxModel(Model):
    def __init__(self, name: str, graph: str):
        super().__init__(name)
        self.session = open_session(graph)
        self.ready = True

    def get_input_types(self):
        return [described(tensor) for tensor in self.session.get_inputs()]

    def get_output_types(self):
        return [described(tensor) for tensor in self.session.get_outputs()]

    def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        feeds = {tensor.name: tensor.as_numpy() for tensor in payload.inputs}
        outputs = []
        for tensor, values in zip(self.get_output_types(), self.session.run(None, feeds)):
            output = InferOutput(tensor["name"], list(values.shape), tensor["datatype"])
            output.set_data_from_numpy(values, binary_data=payload.from_grpc)
            outputs.append(output)
        return InferResponse(payload.id or generate_uuid(), self.name, outputs)


if __name__ == "__main__":
    name, _, graph, http, grpc, _ = sys.argv[1:]
    ModelServer(http_port=int(http), grpc_port=int(grpc), workers=1).start([OnnxModel(name, graph)])
