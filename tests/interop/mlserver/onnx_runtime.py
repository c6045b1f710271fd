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
        told = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
        # The settings name the tensors in the graph's order, and may name them otherwise.
        feeds = {
            ours.name: told[theirs.name] for ours, theirs in zip(self.session.get_inputs(), self.settings.inputs)
        }
        names = [one.name for one in self.session.get_outputs()]
        outputs = [
            NumpyCodec.encode_output(theirs.name, value)
            for theirs, value in zip(self.settings.outputs, self.session.run(names, feeds))
        ]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
