"""A runtime for MLServer that runs ONNX files, for tests."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from mlserver.utils import get_model_uri


class OnnxModel(MLModel):
    async def load(self) -> bool:
        self.session = onnxruntime.InferenceSession(await get_model_uri(self.settings))
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
        names = [one.name for one in self.session.get_outputs()]
        outputs = [
            NumpyCodec.encode_output(name, value) for name, value in zip(names, self.session.run(names, feeds))
        ]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
