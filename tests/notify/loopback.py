"""Services on this machine: one that takes messages over HTTP, one that takes mail."""

import json
import socketserver
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """What an HTTP service was given; `answer` is its status, `location` where it sends the caller, `wait` seconds."""

    def __init__(self):
        self.answer, self.location, self.wait = 200, None, 0.0
        self.took = []


@contextmanager
def webhook():
    """A service and its port."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.took.append((self.path, self.headers.get("Authorization"), json.loads(body)))
            time.sleep(hook.wait)
            self.send_response(hook.answer)
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # a caller that lost its patience

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield hook, server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class Post:
    """Mail as (recipients, text); `refuse` is an address that it does not know."""

    def __init__(self):
        self.took, self.refuse = [], None


@contextmanager
def post():
    """A mail server and its port."""
    kept = Post()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self):
            self.say("220 here")
            to = []
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                if word == "QUIT":
                    self.say("221 bye")
                    return
                if word == "RCPT" and kept.refuse and kept.refuse in line:
                    self.say("550 nobody of that name")
                elif word == "RCPT":
                    to.append(line.partition("<")[2].partition(">")[0])
                    self.say("250 ok")
                elif word == "DATA":
                    self.say("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    kept.took.append((to, text.decode()))
                    self.say("250 ok")
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield kept, server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
