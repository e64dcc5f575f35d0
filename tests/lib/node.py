"""tests/lib/node.py - a real node under test: its process, its folder, and calls to its API.

A call that gets no whole answer raises NoAnswer: nobody knows then whether the step was taken, and the test must not assume either.
"""
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

START_S = 60  # a sanitized program on a busy machine
STOP_S = 60   # --stop-timeout, and some time for what was accepted


class NoAnswer(Exception):
    """No whole answer came."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent():
    """In a child before it becomes its program: it is ended when the thread that started it is, also by SIGKILL."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Node:
    """One `hutong serve` on 127.0.0.1, always on the same folder and port (0: a free one)."""

    def __init__(self, program, folder, name, settings=(), environment=None, port=0, before=None):
        self.program, self.folder, self.name = program, folder, name
        self.data = os.path.join(folder, name)
        self.log = os.path.join(folder, name + ".log")
        self.settings = list(settings)
        self.environment = dict(os.environ, **(environment or {}))
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.before = before             # called in the child before it becomes the program
        self.process = None
        self.local = threading.local()   # the connection of a thread, and of which start it is
        self.starts = 0

    def spawn(self):
        """Starts the process and does not wait for it."""
        self.starts += 1
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.settings],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=self.environment,
                preexec_fn=self.before)

    def start(self):
        """Starts it and waits until it is ready. Seconds that took; an exit before that is an error."""
        began = time.monotonic()
        timer = threading.Timer(START_S, lambda process: process.kill(), None)
        self.spawn()
        timer.args = (self.process,)
        timer.start()
        line = self.process.stdout.readline().decode()
        timer.cancel()
        if not line.startswith("ready "):
            raise RuntimeError(f"{self.name} does not start (exit {self.process.wait()}): {self.last_words()}")
        return time.monotonic() - began

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """A clean stop; the exit status, None when it does not end."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(STOP_S)

    def wait(self, seconds):
        """The exit status of a process that ends by itself; None: it did not."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.process.stdout.close()
        return status

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return " | ".join(f.read().splitlines()[-5:])

    def operator(self):
        with open(os.path.join(self.data, "operator.token"), encoding="ascii") as f:
            return f.read().strip()

    def base(self, party):
        return f"{self.url}/p/{party}/dsp/2025-1"

    def store(self):
        return os.path.join(self.data, "hutong.db")

    def call(self, method, path, token, body=None, kind="application/json", timeout=30):
        """Status and answer (JSON as a value, else bytes). Each thread has a connection of its own."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        headers = {"Authorization": "Bearer " + token}
        if body is not None:
            headers["Content-Type"] = kind
        if getattr(self.local, "start", 0) != self.starts:
            self.local.link = http.client.HTTPConnection("127.0.0.1", self.port)
            self.local.start = self.starts
        link = self.local.link
        link.timeout = timeout
        try:
            try:
                link.request(method, path, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                if link.sock is None:
                    raise
            answer = link.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            link.close()
            self.local.start = 0
            raise NoAnswer(f"{method} {path}: {error!r}") from error
        if (answer.headers.get("Content-Type") or "").startswith("application/json"):
            content = json.loads(content)
        return answer.status, content

    def api(self, method, path, token, body=None, **more):
        return self.call(method, "/api/v1" + path, token, body, **more)

    def must(self, method, path, token, body=None, **more):
        """An answer that has to be a success."""
        status, content = self.api(method, path, token, body, **more)
        if status // 100 != 2:
            raise RuntimeError(f"{self.name}: {method} {path}: {status} {content}")
        return content
