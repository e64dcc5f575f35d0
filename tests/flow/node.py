"""A node as a real process, its API, its folder, and commands that talk to it."""
import base64
import hashlib
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse

from check import check

HUTONG = os.path.realpath(os.environ["HUTONG"])
BUILD = os.path.realpath(os.environ["HT_BUILD"])
START_S, STOP_S = 60, 60
BAD_LOG = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|Assertion .* failed")
EMPTY = {k: v for k, v in os.environ.items() if not k.startswith(("HUTONG", "LC_", "LANG"))}
EMPTY["TSAN_OPTIONS"] = EMPTY.get("TSAN_OPTIONS", "") + " atexit_sleep_ms=0"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


def ask(method, url, token=None, body=None, headers=None, timeout=60):
    """One HTTP request. body: bytes, or what becomes JSON. token: a bare one, or a whole Authorization value."""
    parts = urllib.parse.urlsplit(url)
    sent = {}
    if token is not None:
        sent["Authorization"] = token if " " in token or token.startswith("raw:") else "Bearer " + token
        sent["Authorization"] = sent["Authorization"].removeprefix("raw:")
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
    if body is not None:
        sent["Content-Type"] = "application/json"
    sent.update(headers or {})
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, sent)
        got = connection.getresponse()
        return Answer(got.status, got.headers, got.read())
    finally:
        connection.close()


def quote(text):
    return urllib.parse.quote(text, safe="")


class Ran:
    """A command that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}, stdout {self.out[:600]!r}, stderr {self.err[:900]!r}"


def command(*args, env=None, cwd=None, timeout=60):
    """hutong ARGS, to its end."""
    got = subprocess.run([HUTONG, *map(str, args)], env={**EMPTY, **(env or {})}, cwd=cwd, capture_output=True, timeout=timeout,
                         stdin=subprocess.DEVNULL)
    err = got.stderr.decode("utf-8", "replace")
    check(f"no sanitizer report of hutong {' '.join(map(str, args))[:80]}", not BAD_LOG.search(err), err)
    return Ran(got.returncode, got.stdout.decode("utf-8", "replace"), err)


class Node:
    """`hutong serve` in a folder. flags: what is given besides --data and --listen. under: the words of a command that runs it."""

    def __init__(self, folder, *flags, env=None, start=True, log=None, under=()):
        self.folder, self.flags, self.env, self.under = folder, list(flags), env or {}, list(under)
        self.process = None
        self.log_path = log or folder.rstrip("/") + ".log"
        self.listen = "127.0.0.1:0"
        self.tokens = {}
        if start:
            self.start()

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([*self.under, HUTONG, "serve", "--data", self.folder, "--listen", self.listen, *self.flags],
                                        stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, env={**EMPTY, **self.env})
        log.close()
        line = b""
        if select.select([self.process.stdout], [], [], START_S)[0]:
            line = self.process.stdout.readline()
        self.ready_line = line.decode()
        if not line.startswith(b"ready "):
            self.kill()
            raise RuntimeError(f"no ready line: {line!r}\n" + self.log()[-3000:])
        self.url = line.decode().split()[1]
        self.listen = self.url.removeprefix("http://")  # the same port after a restart
        self.api = self.url + "/api/v1"
        with open(os.path.join(self.folder, "operator.token"), encoding="ascii") as f:
            self.operator = f.read().strip()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, seconds=STOP_S):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """SIGTERM; the exit status is 0 and the log without a sanitizer's report."""
        if self.process is None:
            return
        if self.alive():
            self.signal()
        status = self.wait()
        if status is None:
            self.kill()
        self.process.stdout.close()
        self.process = None
        check(f"clean stop of {os.path.basename(self.folder)}", status == 0, f"exit {status}: {self.log()[-3000:]}")
        found = BAD_LOG.search(self.log())
        check(f"no sanitizer report of {os.path.basename(self.folder)}", not found, found and self.log()[found.start() - 200:][:6000])

    def kill(self):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def again(self):
        self.stop()
        self.start()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    # The store, read beside the node.

    def rows(self, sql, *args):
        db = sqlite3.connect(f"file:{self.folder}/hutong.db?mode=ro", uri=True, timeout=20)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def state(self):
        """Everything that the store holds."""
        names = [r[0] for r in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")]
        return {name: self.rows(f"SELECT * FROM {name}") for name in names}

    # The API.

    def call(self, method, path, role, body=None, **more):
        """role: "operator", "regulator", or "provider:P" and "consumer:P"."""
        return ask(method, self.api + path, self.token(role), body, **more)

    def get(self, path, role, **more):
        return self.call("GET", path, role, **more)

    def post(self, path, role, body, **more):
        return self.call("POST", path, role, body, **more)

    def token(self, role):
        if role == "operator":
            return self.operator
        if role not in self.tokens:
            name, _, party = role.partition(":")
            got = self.call("POST", "/tokens", "operator", {"role": name, **({"party": party} if party else {})})
            if got.status != 201:
                raise RuntimeError(f"no token for {role}: {got}")
            self.tokens[role] = got.json["token"]
        return self.tokens[role]

    def party(self, *ids):
        for party in ids:
            got = self.call("POST", "/parties", "operator", {"id": party, "name": party.title()})
            if got.status != 201:
                raise RuntimeError(f"no party {party}: {got}")

    @property
    def public(self):
        return self.get("/self", "operator").json["publicUrl"]

    def did(self, party):
        return self.rows("SELECT did FROM party WHERE id = ?", party)[0][0]

    def base(self, party):
        return f"{self.public}/p/{party}/dsp/2025-1"

    def publish(self, party, product, content=b"twelve bytes", **more):
        """A product by the API."""
        role = "provider:" + party
        got = ask("POST", self.api + "/uploads", self.token(role), content, {"Content-Type": "application/octet-stream"})
        if got.status != 201:
            raise RuntimeError(f"upload: {got}")
        got = self.post("/products", role, {"party": party, "id": product, "file": "f.bin", "sha256": got.json["sha256"], **more})
        if got.status != 201:
            raise RuntimeError(f"publish: {got}")
        return got.json

    def negotiate(self, consumer, base, product, wait=60):
        return self.post("/negotiations", "consumer:" + consumer, {"base": base, "product": product, "wait": wait}, timeout=wait + 30)

    def transfer(self, consumer, agreement, wait=60):
        return self.post("/transfers", "consumer:" + consumer, {"agreement": agreement, "wait": wait}, timeout=wait + 30)

    def run(self, role, *args, env=None, **more):
        """A client command with the token of a role."""
        return command(*args, env={"HUTONG_URL": self.url, "HUTONG_TOKEN": self.token(role), **(env or {})}, **more)

    def seed(self, party):
        """The private key of a party, in hex, and its kid."""
        kid = self.rows("SELECT kid FROM party_key JOIN party ON party = row WHERE id = ? AND retired_us IS NULL", party)[0][0]
        with open(f"{self.folder}/keys/{kid.rpartition('#')[2]}.key", encoding="ascii") as f:
            return f.read().split()[1], kid


class World:
    """The folder and the processes of one subject."""

    def __init__(self, subject):
        self.folder = tempfile.mkdtemp(prefix=f"flow-{subject}-")
        self.ends = []
        self.mine = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def node(self, name, *flags, **more):
        node = Node(self.path(name), *flags, **more)
        self.ends.append(node)
        return node

    def file(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def close(self):
        """Everything stops, and whether it stopped as it should is a case of its own."""
        for end in reversed(self.ends):
            end.stop()

    def remove(self):
        for end in self.ends:
            end.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Background(threading.Thread):
    """A call in a thread of its own; .value when it is done."""

    def __init__(self, function, *args, **more):
        super().__init__(daemon=True)
        self.call = (function, args, more)
        self.value = None
        self.start()

    def run(self):
        function, args, more = self.call
        try:
            self.value = function(*args, **more)
        except Exception as error:
            self.value = error

    def result(self, seconds=90):
        self.join(seconds)
        return self.value


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def now_s():
    return int(time.time())
