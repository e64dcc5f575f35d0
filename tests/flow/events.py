"""Live events: a party's own, in order, whole, from any number on; over restarts and kills; many and slow readers; `hutong watch`."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from check import case, check, need, same, soon
from node import EMPTY, HUTONG, Background, ask, quote

HEAD = b"GET /api/v1/events%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n"


LARGE = ["did:web:" + "x" * 900 + f"{n}.example" for n in range(50)]  # an audience that makes a large event


class Stream:
    """A reader of /events in a thread of its own: every field by itself, so that nothing of the program under test reads it."""

    def __init__(self, node, role, query="", last=None, token=None):
        port = int(node.url.rpartition(":")[2])
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": "Bearer " + (token or node.token(role))}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection.request("GET", "/api/v1/events" + query, None, headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.events, self.comments, self.began, self.ended = [], 0, None, None
        if self.status == 200:
            self.thread = threading.Thread(target=self.read, daemon=True)
            self.thread.start()
        else:
            self.body = self.answer.read()

    def read(self):
        event = {}
        try:
            while line := self.answer.fp and self.answer.readline():
                line = line.decode().rstrip("\n")
                name, _, value = line.partition(": ")
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    event[name] = value
                elif "data" in event:
                    self.events.append((int(event["id"]), event["event"], json.loads(event["data"])))
                    event = {}
                elif "id" in event:
                    self.began = int(event["id"])
                    event = {}
            self.ended = "end"
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.ended = repr(error)

    def numbers(self):
        return [e[0] for e in self.events]

    def close(self):
        try:
            self.connection.sock and self.connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def history(node, role):
    """All leaves that the party sees."""
    leaves, after = [], ""
    while True:
        got = node.get("/history?most=100" + after, role).json
        leaves += got["leaves"]
        if "next" not in got:
            return leaves
        after = f"&after={got['next']}"


def last_of(node, role):
    return history(node, role)[-1]["event"]


def whole(row, stream, node, role, after=0):
    """What the stream brought is what the history has behind a number."""
    def known():
        return [leaf for leaf in history(node, role) if leaf["event"] > after]
    def settled():  # nothing more comes between the two looks
        want = known()
        return len(stream.events) == len(want) and want == known() and [want]
    found = soon(settled)
    want = found[0] if found else known()
    same(f"{row}: the numbers", stream.numbers(), [leaf["event"] for leaf in want])
    same(f"{row}: the leaves", [e[2] for e in stream.events], want)
    same(f"{row}: the kinds", [e[1] for e in stream.events], [leaf["kind"] for leaf in want])


def trade(node, product="urn:p"):
    deal = node.negotiate("b", node.base("a"), product)
    need("an agreement", deal.json.get("state") == "FINALIZED", deal)
    return deal.json["agreement"]


@case
def begin(w):
    node = w.mine["node"] = w.node("node", "--retry-most", "100ms")
    node.party("a", "b", "c")
    node.publish("a", "urn:p", b"bytes")
    w.mine["beat"] = Stream(node, "consumer:c")
    w.mine["beat_from"] = time.monotonic()


@case
def who_and_how(w):
    node = w.mine["node"]
    for role, want in (("operator", 403), ("regulator", 403)):
        same(f"{role}", node.get("/events", role, timeout=5).status, want)
    same("nobody", ask("GET", node.api + "/events").status, 401)
    for query, headers in (("?after=x", {}), ("?after=-1", {}), ("?after=1.0", {}), ("?after=9223372036854775808", {}), ("?most=1", {}), ("?x=1", {}),
                           ("", {"Last-Event-ID": "x"}), ("?after=1", {"Last-Event-ID": "-3"}), ("?after=x", {"Last-Event-ID": "1"})):
        same(f"{query} {headers}", node.get("/events" + query, "provider:a", headers=headers, timeout=5).status, 400)
    same("POST", node.post("/events", "provider:a", {}).status, 405)
    head = ask("HEAD", node.api + "/events", node.token("provider:a"))
    same("HEAD", (head.status, head.headers["Content-Type"], head.body), (200, "text/event-stream; charset=utf-8", b""))
    s = Stream(node, "provider:a")
    same("head", (s.status, s.answer.headers["Content-Type"], s.answer.headers["Cache-Control"]), (200, "text/event-stream; charset=utf-8", "no-store"))
    check("a comment and the number at once", soon(lambda: s.comments == 1 and s.began == last_of(node, "provider:a")), (s.comments, s.began))
    s.close()


@case
def one_partys_own(w):
    node = w.mine["node"]
    streams = {role: Stream(node, role, "?after=0") for role in ("provider:a", "consumer:b", "consumer:c")}
    now = {role: Stream(node, role) for role in streams}
    before = {role: last_of(node, role) for role in streams}
    soon(lambda: all(s.began is not None for s in now.values()))
    agreement = trade(node)
    same("a transfer", node.transfer("b", agreement).json.get("state"), "STARTED")
    for role, s in streams.items():
        whole(f"{role} from the beginning", s, node, role)
        whole(f"{role} from now on", now[role], node, role, before[role])
        did = node.did(role.rpartition(":")[2])
        same(f"{role}: nobody else's", {e[2]["party"] for e in s.events}, {did})
    same("who has no part in it hears nothing", now["consumer:c"].events, [])
    said = json.dumps([e[2] for s in streams.values() for e in s.events])
    check("no access token", "uthorization" not in said and "access" not in said, said[:300])
    for s in [*streams.values(), *now.values()]:
        s.close()


@case
def resumes_anywhere(w):
    node = w.mine["node"]
    def rests():  # what the trade before has left to say is said
        before = last_of(node, "provider:a")
        time.sleep(0.2)
        return before == last_of(node, "provider:a") and before
    last = soon(rests)
    for given in (0, 1, last - 1, last, last + 5):
        after = min(given, last)  # a number that was never given: from now on
        for row, s in ((f"after {given}", Stream(node, "provider:a", f"?after={given}")), (f"Last-Event-ID {given}", Stream(node, "provider:a", last=given)),
                       (f"both {given}", Stream(node, "provider:a", "?after=0", last=given))):
            soon(lambda s=s: s.began is not None)
            same(f"{row}: begins there", s.began, after)
            whole(row, s, node, "provider:a", after)
            s.close()


@case
def over_a_restart(w):
    node = w.mine["node"]
    first = Stream(node, "consumer:b", "?after=0")
    trade(node)
    soon(lambda: len(first.events) >= last_of(node, "consumer:b"))
    began = time.monotonic()
    node.stop()
    check("the stop is quick with open streams", time.monotonic() - began < 5, time.monotonic() - began)
    check("they end as they should", soon(lambda: first.ended == "end"), first.ended)
    node.start()
    second = Stream(node, "consumer:b", last=first.numbers()[-1])
    trade(node)
    want = [leaf["event"] for leaf in history(node, "consumer:b")]
    soon(lambda: len(first.events) + len(second.events) >= len(want))
    same("both together", first.numbers() + second.numbers(), want)
    second.close()
    w.mine["beat"] = Stream(node, "consumer:c")
    w.mine["beat_from"] = time.monotonic()


@case
def over_kills(w):
    """kill -9 in the middle of trades; two readers that come back. What was heard is in the history, each once."""
    node = w.node("killed", "--retry-most", "100ms")
    node.party("a", "b")
    node.publish("a", "urn:p", b"bytes")
    heard = {"provider:a": [], "consumer:b": []}
    for turn in range(4):
        streams = {role: Stream(node, role, last=events[-1][0] if events else 0) for role, events in heard.items()}
        tries = [Background(ask, "POST", node.api + "/negotiations", node.token("consumer:b"), {"base": node.base("a"), "product": "urn:p", "wait": 5})
                 for _ in range(8)]
        time.sleep(0.03 * (turn + 1))
        node.kill()
        for t in tries:
            try:
                t.result(30)
            except Exception:  # the node was killed
                pass
        for role, s in streams.items():
            check("the stream breaks off", soon(lambda s=s: s.ended is not None))
            heard[role] += s.events
        node.start()
    for role, events in heard.items():
        s = Stream(node, role, last=events[-1][0] if events else 0)
        soon(lambda: {r[0] for r in node.rows("SELECT state FROM process WHERE machine = 0")} <= {6, 10})
        want = history(node, role)
        soon(lambda s=s, want=want, events=events: len(events) + len(s.events) >= len(want))
        same(f"{role}: all of it, each once", [e[2] for e in events + s.events], want)
        s.close()
    node.stop()


@case
def a_token_that_is_revoked(w):
    node = w.mine["node"]
    made = node.post("/tokens", "operator", {"role": "provider", "party": "a"}).json
    s = Stream(node, "provider:a", token=made["token"])
    other = Stream(node, "provider:a")
    soon(lambda: s.began is not None and other.began is not None)
    same("revoked", node.call("DELETE", f"/tokens/{made['id']}", "operator").status, 200)
    check("its stream ends with the next event", soon(lambda: s.ended == "end"), s.ended)
    check("and does not bring that", all(e[1] != "token_revoked" for e in s.events), s.events)
    check("others go on", soon(lambda: other.events) and other.ended is None, other.ended)
    same("it is not taken again", Stream(node, "", token=made["token"]).status, 401)
    other.close()


@case
def a_slow_reader(w):
    """It reads nothing while megabytes happen; others are not held up; then it gets all of it."""
    node = w.mine["node"]
    start = last_of(node, "provider:a")
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(60)
    s.connect(("127.0.0.1", int(node.url.rpartition(":")[2])))
    s.sendall(HEAD % (b"?after=%d" % start, node.token("provider:a").encode(), b""))
    quick = Stream(node, "provider:a", f"?after={start}")
    for i in range(250):
        node.publish("a", "urn:large", b"x", audience=LARGE)
    want = history(node, "provider:a")
    size = sum(len(json.dumps(leaf)) for leaf in want)
    check("more than sockets hold", size > 4 << 20, size)
    whole("a quick one", quick, node, "provider:a", start)
    quick.close()
    answer, numbers = http.client.HTTPResponse(s), []
    answer.begin()
    while not numbers or numbers[-1] < want[-1]["event"]:
        line = answer.readline()
        if line.startswith(b"data: "):
            numbers.append(json.loads(line[6:])["event"])
    same("the slow one", numbers, [leaf["event"] for leaf in want if leaf["event"] > start])
    s.close()


def metric(node, name):
    return int(re.search(rf"^{name} (\d+)$", ask("GET", node.url + "/metrics", node.operator).body.decode(), re.M)[1])


@case
def many_streams(w):
    node = w.node("many", "--streams-max", "300", "--connections-max", "600")
    node.party("a")
    token = node.token("provider:a").encode()
    node.publish("a", "urn:p", b"1")
    port = int(node.url.rpartition(":")[2])
    sockets = []
    for _ in range(300):
        s = socket.create_connection(("127.0.0.1", port), timeout=60)
        s.sendall(HEAD % (b"", token, b""))
        sockets.append(s)
    got = [b""] * 300
    for i, s in enumerate(sockets):
        while b"id: " not in got[i]:
            got[i] += s.recv(4096)
    same("the gauge", metric(node, "hutong_streams"), 300)
    over = node.get("/events", "provider:a")
    same("one more", (over.status, over.code, bool(over.headers["Retry-After"])), (503, "busy", True))
    before = metric(node, "hutong_events_total")
    node.publish("a", "urn:p", b"2")
    for i, s in enumerate(sockets):
        while b"event: published" not in got[i]:
            got[i] += s.recv(4096)
    same("each gets it", sum(g.count(b"event: published") for g in got), 300)
    same("the counter", metric(node, "hutong_events_total") - before, 300)
    for s in sockets[:200]:
        s.close()
    node.publish("a", "urn:p", b"3")
    node.publish("a", "urn:p", b"4")
    check("who has left is forgotten", soon(lambda: metric(node, "hutong_streams") == 100), metric(node, "hutong_streams"))
    same("there is room again", Stream(node, "provider:a").status, 200)
    began = time.monotonic()
    node.stop()
    check("SIGTERM ends a hundred", time.monotonic() - began < 10, time.monotonic() - began)
    ends = 0
    for s in sockets[200:]:
        rest = b""
        while piece := s.recv(65536):
            rest += piece
        ends += rest.endswith(b"0\r\n\r\n")
        s.close()
    same("all to their end", ends, 100)


@case
def a_stop_with_one_that_does_not_read(w):
    node = w.node("stands", "--stop-timeout", "1s")
    node.party("a")
    for _ in range(250):
        node.publish("a", "urn:p", b"x", audience=LARGE)
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", int(node.url.rpartition(":")[2])))
    s.sendall(HEAD % (b"?after=0", node.token("provider:a").encode(), b""))
    time.sleep(0.5)
    began = time.monotonic()
    node.stop()
    check("in time", time.monotonic() - began < 10, time.monotonic() - began)
    s.close()


class Watch:
    """`hutong watch` as a process."""

    def __init__(self, node, role, *args, env=None):
        self.process = subprocess.Popen([HUTONG, "watch", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env={**EMPTY, "HUTONG_URL": node.url, "HUTONG_TOKEN": node.token(role), **(env or {})})
        self.out, self.err = [], []
        self.threads = [threading.Thread(target=self.read, args=(pipe, lines), daemon=True)
                        for pipe, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))]
        for t in self.threads:
            t.start()

    @staticmethod
    def read(pipe, lines):
        for line in pipe:
            lines.append(line.decode())

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(20)
        for t in self.threads:
            t.join()
        return status


@case
def watch_in_words(w):
    node = w.mine["node"]
    for lang, kind, hello in (("zh_CN.UTF-8", "已收到消息", "正在监视"), ("en_US.UTF-8", "message received", "watching")):
        one = Watch(node, "provider:a", env={"LANG": lang})
        check(f"{lang}: it says so", soon(lambda: one.err and hello in one.err[0]), one.err)
        trade(node)
        check(f"{lang}: a line", soon(lambda: any(kind in line and "request" in line for line in one.out)), one.out)
        line = next(line for line in one.out if kind in line)
        check(f"{lang}: number, time, peer and process", re.match(r"\d+  \d{4}-\d\d-\d\dT", line) and node.did("b") in line and re.search(r"  [0-9a-f]{12}\n$", line), line)
        before = int(one.out[-1].split()[0])
        same(f"{lang}: Ctrl-C", one.end(), 0)
        goes_on = re.search(r"hutong watch --after (\d+)", one.err[-1])
        check(f"{lang}: says where to go on", goes_on and int(goes_on[1]) >= before, one.err)


@case
def watch_says_what_waits(w):
    node = w.mine["node"]
    manual = node.publish("a", "urn:by-hand", b"bytes", manual=True)
    need("published", manual.get("manual"), manual)
    one, zh, plain = Watch(node, "provider:a"), Watch(node, "provider:a", env={"LANG": "zh_CN.UTF-8"}), Watch(node, "provider:a", "--json")
    soon(lambda: one.err and zh.err and plain.err)
    deal = node.post("/negotiations", "consumer:b", {"base": node.base("a"), "product": "urn:by-hand"}).json
    check("a line", soon(lambda: any("waits for you" in line for line in one.out)), one.out)
    line = next(line for line in one.out if "waits for you" in line)
    same("process, product, command", re.sub("[0-9a-f]{12}", "ID", line), "ID  urn:by-hand  waits for you: hutong negotiation show ID\n")
    check("Chinese", soon(lambda: any("待您处理：hutong negotiation show" in line for line in zh.out)), zh.out)
    got = node.run("provider:a", *line.split("hutong ")[1].split())
    check("that command works", got.code == 0 and "urn:by-hand" in got.out, got)
    mine = node.get("/negotiations", "provider:a").json["negotiations"]
    mine = next(n for n in mine if n["peerId"] == deal["id"])
    same("a verb without a body", ask("POST", f"{node.api}/negotiations/{quote(mine['id'])}/agree", node.token("provider:a")).status, 200)
    soon(lambda: node.get("/negotiations/" + quote(mine["id"]), "provider:a").json["state"] == "VERIFIED")
    soon(lambda: sum("waits for you" in line for line in one.out) >= 2)
    same("terminated", node.post(f"/negotiations/{quote(mine['id'])}/terminate", "provider:a", {"reason": "changed my mind"}).status, 200)
    check("the reason is in the line", soon(lambda: any("terminate" in line and "reason=changed my mind" in line for line in one.out)), one.out)
    theirs = soon(lambda: (got := node.get("/negotiations/" + quote(deal["id"]), "consumer:b").json)["state"] == "TERMINATED" and got)
    same("what the peer reads", theirs and theirs["reason"], "changed my mind")
    check("one event, one object", all("kind" in json.loads(line) for line in plain.out), plain.out)
    got = node.run("consumer:b", "history", deal["id"])
    check("in the history too", "reason=changed my mind" in got.out and "by_hand" not in got.out, got.out)
    for each in (one, zh, plain):
        same("ends", each.end(), 0)


@case
def watch_in_json(w):
    node = w.mine["node"]
    one, two = Watch(node, "consumer:b", "--after", "0", "--json"), Watch(node, "consumer:b", "--json")
    soon(lambda: one.err and two.err)
    first = last_of(node, "consumer:b")
    trade(node)
    soon(lambda: len(one.out) >= last_of(node, "consumer:b"))
    node.stop()
    check("the loss is said", soon(lambda: any("lost" in line for line in one.err)), one.err)
    time.sleep(0.5)
    node.start()
    trade(node)
    want = history(node, "consumer:b")
    soon(lambda: len(one.out) >= len(want) and len(two.out) >= len(want) - first, 60)
    same("all of it, over a restart", [json.loads(line) for line in one.out], want)
    same("from now on, over a restart", [json.loads(line) for line in two.out], [leaf for leaf in want if leaf["event"] > first])
    check("it says that it is there again", any("again" in line for line in one.err), one.err)
    node.kill()
    node.start()
    trade(node)
    want = history(node, "consumer:b")
    soon(lambda: len(one.out) >= len(want), 60)
    same("and over a kill", [json.loads(line) for line in one.out], want)
    same("SIGTERM", (one.end(signal.SIGTERM), two.end()), (0, 0))
    w.mine["beat"] = Stream(node, "consumer:c")
    w.mine["beat_from"] = time.monotonic()


@case
def watch_that_cannot(w):
    node = w.mine["node"]
    got = node.run("operator", "watch")
    same("an operator has no party", (got.code, got.out), (1, ""))
    got = node.run("operator", "watch", env={"HUTONG_TOKEN": "ht_nothing"})
    same("a token that nobody knows", got.code, 1)
    got = node.run("consumer:b", "watch", "--after", "x")
    same("no number", got.code, 2)
    got = node.run("consumer:b", "watch", env={"HUTONG_URL": "http://127.0.0.1:1"})
    same("no node", got.code, 3)


@case
def a_comment_while_nothing_happens(w):
    s = w.mine["beat"]
    check("within its 15 s", soon(lambda: s.comments >= 2, 25), s.comments)
    took = time.monotonic() - w.mine["beat_from"]
    check("not before", took > 14, took)
    same("nothing else", (s.events, s.ended), ([], None))
    s.close()
