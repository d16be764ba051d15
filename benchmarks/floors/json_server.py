"""A bare loopback server: answers the last page that was posted, through `json`. Prints its address when ready."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

pages = {"/": b"{}"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one write an answer: two would wait for each other

    def do_POST(self) -> None:
        pages["/"] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b"{}")

    def do_GET(self) -> None:
        self.answer(json.dumps(json.loads(pages["/"])).encode())

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *given: object) -> None: ...


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
