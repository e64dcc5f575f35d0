"""bench/nodes.py - nodes for the benches: folders, processes, the management API, and probes of the machine."""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROBE_BLOCK = 4096
PROBE_WRITES = 300


def built():
    """The folder of the release build; HT_BENCH_BUILD names another one that is there already."""
    folder = os.environ.get("HT_BENCH_BUILD")
    if not folder:
        folder = os.path.join(ROOT, "build")
        if subprocess.run([os.path.join(ROOT, "tools/build"), "build"]).returncode:
            sys.exit(3)
    return folder


class Folder:
    """A fresh folder for data: below --dir, else below the tree itself, so that it is on a real disk."""

    def __init__(self, where):
        self.path = tempfile.mkdtemp(prefix="build-bench-", dir=where or ROOT)

    def __enter__(self):
        return self.path

    def __exit__(self, *why):
        shutil.rmtree(self.path, ignore_errors=True)


class Node:
    """One process of `hutong serve`. start_ms: from before the fork to its line `ready`."""

    def __init__(self, program, data, *settings):
        os.makedirs(data, mode=0o700, exist_ok=True)
        self.data = data
        self.log = os.path.join(data, "serve.log")
        with open(self.log, "ab") as log:
            begin = time.monotonic()
            self.process = subprocess.Popen([program, "serve", "--data", data, "--listen", "127.0.0.1:0", *settings],
                                            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
            line = self.process.stdout.readline().split()
            self.start_ms = (time.monotonic() - begin) * 1e3
        if len(line) != 2 or line[0] != b"ready":
            self.process.wait()
            with open(self.log, encoding="utf-8") as log:
                sys.exit("the node did not start:\n" + log.read())
        self.url = line[1].decode()
        self.pid = self.process.pid
        with open(os.path.join(data, "operator.token"), encoding="ascii") as f:
            self.operator = f.read().strip()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.stop()

    def stop(self):
        """The exit status; a node that does not stop in time is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.stdout.close()
        return self.process.wait()

    def ask(self, token, method, path, body=None):
        """One request: a JSON value (a text where it is none). Anything but 2xx ends the bench."""
        place = urllib.parse.urlsplit(self.url)
        raw = isinstance(body, bytes)
        data = body if raw or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        headers = {"Authorization": "Bearer " + token}
        if data is not None:
            headers["Content-Type"] = "application/octet-stream" if raw else "application/json"
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if not 200 <= answer.status < 300:
            sys.exit(f"{method} {path}: {answer.status} {text}")
        return json.loads(text) if answer.getheader("Content-Type", "").startswith("application/json") else text

    def party(self, party, role):
        """Adds a party; returns a token of it."""
        self.ask(self.operator, "POST", "/api/v1/parties", {"id": party, "name": party})
        return self.ask(self.operator, "POST", "/api/v1/tokens", {"role": role, "party": party})["token"]

    def base(self, party):
        return self.ask(self.operator, "GET", "/api/v1/self")["publicUrl"] + f"/p/{party}/dsp/2025-1"

    def metrics(self):
        lines = self.ask(self.operator, "GET", "/metrics").splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines if line and line[0] != "#")}

    def memory(self):
        """In KiB: what is resident, its share (what others map too is divided), and what is its own and was written to."""
        rows = {}
        for name in ("status", "smaps_rollup"):
            with open(f"/proc/{self.pid}/{name}", encoding="ascii") as f:
                for line in f:
                    words = line.split()
                    if len(words) == 3 and words[2] == "kB":
                        rows[words[0]] = int(words[1])
        return {"rss_kib": rows["VmRSS:"], "pss_kib": rows["Pss:"], "private_dirty_kib": rows["Private_Dirty:"]}


def percentile(values, percent):
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def probe(folder):
    """What a durable write costs here now: appends of 4 KiB, each with fdatasync, in microseconds."""
    path = os.path.join(folder, "probe")
    took = []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for _ in range(PROBE_WRITES):
        begin = time.perf_counter_ns()
        os.write(fd, b"\xa5" * PROBE_BLOCK)
        os.fdatasync(fd)
        took.append((time.perf_counter_ns() - begin) / 1e3)
    os.close(fd)
    os.unlink(path)
    return {"fsync_p50_us": round(percentile(took, 50)), "fsync_p99_us": round(percentile(took, 99))}


class Foreign:
    """What the machine does besides this program and the nodes that it has started and stopped meanwhile."""

    def __init__(self):
        self.begin_s, self.foreign_s = time.monotonic(), self.used_s()

    @staticmethod
    def used_s():
        with open("/proc/stat", encoding="ascii") as f:
            columns = [int(c) for c in f.readline().split()[1:9]]
        return (sum(columns) - columns[3] - columns[4]) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])

    def percent(self):
        """In percent of one core, since it was made."""
        return round((self.used_s() - self.foreign_s) * 100 / (time.monotonic() - self.begin_s))


def table(rows, columns):
    """Prints rows (dictionaries) under their columns (key, heading)."""
    cells = [[heading for _, heading in columns]] + [[str(row[key]) for key, _ in columns] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)).rstrip())
