"""MLServer with a runtime that runs an ONNX file.

    onnx_mlserver.py NAME VERSION GRAPH HTTP_PORT GRPC_PORT METRICS_PORT
"""

import asyncio
import sys

from mlserver import MLModel, MLServer
from mlserver.codecs import NumpyCodec
from mlserver.settings import ModelParameters, ModelSettings, Settings
from mlserver.types import InferenceRequest, InferenceResponse, MetadataTensor

from onnx_graph import described, open_session


class OnnxModel(MLModel):
    async def load(self) -> bool:
        self.session = open_session(self.settings.parameters.uri)
        self.inputs = [MetadataTensor(**described(tensor)) for tensor in self.session.get_inputs()]
        self.outputs = [MetadataTensor(**described(tensor)) for tensor in self.session.get_outputs()]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
        names = [one.name for one in self.session.get_outputs()]
        outputs = [NumpyCodec.encode_output(name, value) for name, value in zip(names, self.session.run(names, feeds))]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)


if __name__ == "__main__":
    name, version, graph, http, grpc, metrics = sys.argv[1:]
    server = Settings(
        host="127.0.0.1", http_port=int(http), grpc_port=int(grpc), metrics_port=int(metrics), parallel_workers=0
    )
    model = ModelSettings(
        name=name, implementation=OnnxModel, parameters=ModelParameters(uri=graph, version=version)
    )
    asyncio.run(MLServer(server).start([model]))
