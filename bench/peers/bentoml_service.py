"""BentoML: requests that wait together are one call of the endpoint (adaptive batching), and one `run`.

The argument that is batched must be a list, and so is the answer: a request is a list of one page. Environment:
PEER_ROOT, PEER_ENDPOINT and PEER_VERSION, as the arguments of fastapi_server.py.
"""

import os
from typing import Any

import bentoml

from questions import open_question, run_together


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, traffic={"timeout": 30, "max_concurrency": 1000})
class Question:
    def __init__(self):
        self.question = open_question(*(os.environ[f"PEER_{name}"] for name in ("ROOT", "ENDPOINT", "VERSION")))

    @bentoml.api(route="/predict", batchable=True, max_batch_size=16, max_latency_ms=1000)
    async def predict(self, pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = [self.question.rows(page) for page in pages]
        values = run_together(self.question, [feeds for _, feeds in rows])
        return [self.question.answer(ids, own) for (ids, _), own in zip(rows, values)]
