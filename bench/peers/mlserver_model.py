"""MLServer: a runtime of one's own behind the Open Inference Protocol, requests that wait together in one `run`.

Inputs are the question's variables, a row a request: `n`, `s` and `m`. Outputs are the ids of the page and its values,
a row a request; those of one batch have the same `n`. Parameters in model-settings.json: root, endpoint, version.
"""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from questions import open_question, run_together


class Question(MLModel):
    async def load(self):
        extra = self.settings.parameters.extra
        self.question = open_question(extra["root"], extra["endpoint"], extra["version"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        columns = [payload_input.data.root for payload_input in payload.inputs]
        names = [payload_input.name for payload_input in payload.inputs]
        rows = [self.question.rows(dict(zip(names, values))) for values in zip(*columns)]
        values = run_together(self.question, [feeds for _, feeds in rows])
        return InferenceResponse(
            model_name=self.name,
            outputs=[
                NumpyCodec.encode_output("id", np.array([ids for ids, _ in rows], dtype=np.int32)),
                NumpyCodec.encode_output("value", np.stack(values)),
            ],
        )
