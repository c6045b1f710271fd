"""The Python peer: one FastAPI endpoint that answers one of the bench's questions and nothing else.

uvicorn on uvloop and httptools, orjson both ways, numpy columns, one `run` of ONNX Runtime on the thread that serves
HTTP. Arguments: the package's root, the endpoint (`messages` or `titles`). Prints its port.
"""

import json
import socket
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

GENRES = (
    "Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror IMAX "
    "Musical Mystery Romance Sci-Fi Thriller War Western"
).split(" ")

root = Path(sys.argv[1])
movielens = root / "examples/streaming/movielens"


def read(path):
    return json.loads(path.read_text())


def open_graph(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def messages():
    rows = read(root / "examples/streaming/data/messages.json")["messages"]
    session = open_graph(root / "examples/streaming/models/abuse-score/2/model.onnx")

    def answer(variables):
        start = variables["s"]
        page = rows[start : start + variables["n"]]
        features = np.array(
            [
                row["wordFrequencies"]
                + row["charFrequencies"]
                + [row["capitalRunAverage"], row["capitalRunLongest"], row["capitalRunTotal"]]
                for row in page
            ],
            dtype=np.float32,
        )
        (probability,) = session.run(["probability"], {"features": features})
        values = probability.reshape(-1).tolist()
        return {
            "messages": [
                {"id": str(row["id"]), "abuse": {"probability": value}} for row, value in zip(page, values)
            ]
        }

    return answer


def titles():
    rows = read(movielens / "data/titles.json")["titles"]
    version = movielens / "models/rating-predictor/4"
    session = open_graph(version / "model.onnx")
    members = {str(one): place + 1 for place, one in enumerate(read(version / "members.json"))}
    known = {str(one): place + 1 for place, one in enumerate(read(version / "titles.json"))}
    genre_place = {name: place for place, name in enumerate(GENRES)}

    def answer(variables):
        start, count = variables["s"], variables["n"]
        page = rows[start : start + count]
        member = np.full(count, members.get(variables["m"], 0), dtype=np.int64)
        title = np.array([known.get(str(row["id"]), 0) for row in page], dtype=np.int64)
        content = np.zeros((count, 20), dtype=np.float32)
        for at, row in enumerate(page):
            for name in row["genres"]:
                place = genre_place.get(name)
                if place is not None:
                    content[at, place] = 1
            year = row["year"]
            content[at, 19] = ((1997 if year is None else year) - 1900) / 10
        (rating,) = session.run(["rating"], {"member": member, "title": title, "content": content})
        values = rating.reshape(-1).tolist()
        return {
            "titles": [{"id": str(row["id"]), "predictedRating": value} for row, value in zip(page, values)]
        }

    return answer


app = FastAPI()
answer = {"messages": messages, "titles": titles}[sys.argv[2]]()


@app.post("/")
async def predict(request: Request):
    variables = orjson.loads(await request.body())["variables"]
    return Response(orjson.dumps({"data": answer(variables)}), media_type="application/json")


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)  # from now on nobody is refused, however long uvicorn takes to accept
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
uvicorn.Server(config).run(sockets=[listener])
