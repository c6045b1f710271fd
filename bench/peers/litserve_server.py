"""LitServe: a process that serves HTTP and one that infers, requests that wait together in one `run`.

Arguments as in fastapi_server.py.
"""

import sys

import litserve as ls

from questions import open_question, run_together


class Question(ls.LitAPI):
    def __init__(self, root, endpoint, version, **options):
        super().__init__(**options)
        self.arguments = (root, endpoint, version)

    def setup(self, device):
        self.question = open_question(*self.arguments)

    def decode_request(self, request):
        return self.question.rows(request["variables"])

    def batch(self, inputs):
        return inputs

    def predict(self, requests):
        values = run_together(self.question, [feeds for _, feeds in requests])
        return [(ids, own) for (ids, _), own in zip(requests, values)]

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        ids, values = output
        return {"data": self.question.answer(ids, values)}


if __name__ == "__main__":
    port, root, endpoint, version = sys.argv[1:]
    api = Question(root, endpoint, version, max_batch_size=16, batch_timeout=0.001, api_path="/predict")
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(port),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )
