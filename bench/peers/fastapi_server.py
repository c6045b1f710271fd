"""The Python peer without a framework for models: one FastAPI endpoint that answers one of the bench's questions.

uvicorn on uvloop and httptools, orjson both ways, one `run` of ONNX Runtime a request on the thread that serves HTTP.
Arguments: port, the package's root, the endpoint (`messages` or `titles`), the model's version.
"""

import sys

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

from questions import open_question

port, root, endpoint, version = sys.argv[1:]
question = open_question(root, endpoint, version)
app = FastAPI()


@app.post("/")
async def predict(request: Request):
    variables = orjson.loads(await request.body())["variables"]
    ids, feeds = question.rows(variables)
    return Response(orjson.dumps({"data": question.answer(ids, question.run(feeds))}), media_type="application/json")


uvicorn.run(
    app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="warning"
)
