"""A receiver of Airfleet's webhooks: checks the signature, drops what it has had before and what comes late, and acts.

    pip install standardwebhooks
    WEBHOOK_KEY=whsec_… PORT=8080 python receiver.py
"""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

VERIFIER = Webhook(os.environ["WEBHOOK_KEY"])

# In a real receiver both are columns of the database that the message changes, in the same transaction.
SEEN: set[str] = set()
NEWEST: dict[str, int] = {}


def act(message_id: str, message: dict[str, Any]) -> str:
    """Acts on a message, and says what it did."""
    # At least once: a message whose answer was lost comes again, under the same id.
    if message_id in SEEN:
        return "repeated"
    SEEN.add(message_id)
    # In no promised order: of one run, a message with a lower sequence than the last one is old news.
    data = message["data"]
    run, sequence = data.get("id", ""), data.get("sequence", 0)
    if sequence and sequence < NEWEST.get(run, 0):
        return "late"
    NEWEST[run] = sequence
    return f"{message['type']} {run} {data.get('state_word', '')}".strip()


class Receiver(BaseHTTPRequestHandler):
    """Takes one message per request."""

    def do_POST(self) -> None:
        """Answers 204 for what was acted on, now or before, and 400 for what is none of Airfleet's."""
        # The bytes as they came: text that was parsed and printed again has another signature.
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            message = VERIFIER.verify(body.decode(), dict(self.headers.items()))
        except WebhookVerificationError:
            self.send_response(400)
        else:
            print(act(self.headers["webhook-id"], message), flush=True)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Says nothing of each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
