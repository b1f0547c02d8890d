"""A HubSpot sandbox on a free port, its doors, and a client that has every answer judged by the contract."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import openapi
import requests
import uvicorn

from connector.sandbox.clock import Clock
from connector.sandbox.door import Door
from connector.sandbox.hubspot import control_routes, create_app

TOKEN = "pat-na1-sandbox"
SESSION = requests.Session()


class Server:
    """A running sandbox; `close` stops it."""

    def __init__(self, data=None, **options):
        self.clock = Clock()
        self.app = create_app(data, clock=self.clock, **options)
        door = Door(self.app, clock=self.clock, control=control_routes(self.app))
        self._server = uvicorn.Server(uvicorn.Config(door, port=0, log_level="warning", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.005)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def fresh(self, token=TOKEN):
        """A client of an account that nobody has used yet."""
        client = Client(self.url, token)
        client.door("reset")
        self.clock.set(None)
        return client

    def close(self):
        self._server.should_exit = True
        self._thread.join()
        self.app.state.portal.store.close()


@dataclass
class Client:
    """Calls the sandbox as an app does; an answer that breaks the contract fails the test."""

    url: str
    token: str | None = TOKEN
    judge: bool = True
    session: requests.Session = field(default_factory=lambda: SESSION)

    def call(self, method, path, body=None, **more):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.session.request(method, self.url + path, json=body, headers=headers, timeout=10, **more)
        if self.judge and openapi.available():
            held = answer.json() if answer.content else None
            openapi.validate_response(method, path, answer.status_code, held)
        return answer

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def door(self, name, **order):
        answer = self.session.post(f"{self.url}/_sandbox/{name}", json=order, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def dump(self, name):
        return self.session.get(f"{self.url}/_sandbox/records?object={name}", timeout=10).json()

    def contact(self, **properties):
        return self.post("/crm/objects/2026-03/contacts", {"properties": properties}).json()["id"]

    def company(self, **properties):
        return self.post("/crm/objects/2026-03/companies", {"properties": properties}).json()["id"]

    def deal(self, **properties):
        given = {"dealname": "Deal", "dealstage": "qualifiedtobuy", **properties}
        return self.post("/crm/objects/2026-03/deals", {"properties": given}).json()["id"]

    def shown(self, path, *names):
        return self.get(f"{path}?properties={','.join(names)}").json()["properties"]


@contextmanager
def running(data=None, **options):
    """A sandbox for the length of a block."""
    server = Server(data, **{"enforce_rates": False, **options})
    try:
        yield server
    finally:
        server.close()
