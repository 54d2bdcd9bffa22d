#!/usr/bin/env python3
"""A run task for HCP Terraform and Terraform Enterprise: keytrail judges the plan of every run, after it is made.

    KEYTRAIL_HMAC_KEY=... python3 run-task.py [PORT]

Behind your HTTPS endpoint; `keytrail` is on PATH, and reads a keytrail.toml of this folder. Create the run task with the endpoint's URL, the
same HMAC key and the stage `post-plan`; make it mandatory to have a gate. Only Python's standard library is used.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = os.environ.get("KEYTRAIL_HMAC_KEY", "").encode()
# Where payloads may send the token that they bring; Terraform Enterprise has its own.
HOST = os.environ.get("KEYTRAIL_TERRAFORM_URL", "https://app.terraform.io").rstrip("/") + "/"
LARGEST_PAYLOAD = 1 << 20
STATUS = {0: "passed", 1: "failed"}


def call(url, token, body=None):
    """GET, or PATCH with a body; the answer's bytes."""
    if not url.startswith(HOST):
        raise ValueError(f"{url} is not under {HOST}")
    request = urllib.request.Request(url, data=body, method="PATCH" if body else "GET")
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/vnd.api+json")
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


def judge(plan):
    """The status, one line, and the report in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plan.json")
        with open(path, "wb") as file:
            file.write(plan)
        report = os.path.join(folder, "report.md")
        command = ["keytrail", "check", path, "--format", "counts", "--format", f"markdown={report}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        counts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        page = ""
        if os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                page = file.read()
    if done.returncode not in STATUS:
        return "failed", "keytrail could not judge this plan", done.stderr or page
    line = ", ".join(f"{counts.get(name, '?')} {name}" for name in ("errors", "warnings", "notes", "undecided"))
    return STATUS[done.returncode], line, page


def work(payload):
    token, callback = payload["access_token"], payload["task_result_callback_url"]
    try:
        status, message, page = judge(call(payload["plan_json_api_url"], token))
    except Exception as error:  # whatever happens, the run must not wait for an answer that never comes
        status, message, page = "failed", f"keytrail could not read the plan: {type(error).__name__}", ""
    outcome = {
        "type": "task-result-outcomes",
        "attributes": {
            "outcome-id": "keytrail",
            "description": message,
            "body": page,
            "tags": {"Status": [{"label": status, "level": "none" if status == "passed" else "error"}]},
        },
    }
    result = {
        "data": {
            "type": "task-results",
            "attributes": {"status": status, "message": message},
            "relationships": {"outcomes": {"data": [outcome]}},
        }
    }
    call(callback, token, json.dumps(result).encode())


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LARGEST_PAYLOAD:
            return self.answer(413)
        body = self.rfile.read(length)
        signature = hmac.new(KEY, body, hashlib.sha512).hexdigest()
        if not hmac.compare_digest(signature, self.headers.get("X-TFC-Task-Signature") or ""):
            return self.answer(401)
        payload = json.loads(body)
        self.answer(200)
        # The request that is sent when a run task is created has a stage `test` and no plan.
        if payload.get("stage") == "post_plan":
            threading.Thread(target=work, args=(payload,), daemon=True).start()

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nothing: payloads carry tokens."""


if __name__ == "__main__":
    if not KEY:
        sys.exit("KEYTRAIL_HMAC_KEY is not set: anybody could have plans judged")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
