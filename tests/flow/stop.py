"""A clean stop finishes what was accepted; full queues and too many connections are said."""
import http.client
import json
import os
import signal
import socket
import threading
import time

from check import case, check, need, same, soon
from node import Background, ask, quote, sha256
from peer import Seller

CONTENT = os.urandom(1 << 20) * 24


def slow_download(url, token):
    """Begins to read a large answer and then stands still; the socket and what came."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    s.settimeout(60)
    s.connect(("127.0.0.1", int(port)))
    s.sendall(f"GET /{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return s, s.recv(4096)


def started(w, node):
    """A transfer of one party from another of the same node."""
    deal = node.negotiate("b", node.base("a"), "urn:big")
    need("an agreement", deal.json.get("state") == "FINALIZED", deal)
    transfer = node.transfer("b", deal.json["agreement"])
    need("a transfer", transfer.json.get("state") == "STARTED", transfer)
    address = transfer.json["dataAddress"]
    return address["endpoint"], address["authorization"].split()[-1]


@case
def a_slow_download(w):
    node = w.mine["node"] = w.node("node", "--retry-most", "100ms", "--stop-timeout", "30s")
    node.party("a", "b")
    node.publish("a", "urn:big", CONTENT)
    url, token = started(w, node)
    idle = socket.create_connection(("127.0.0.1", int(node.url.rpartition(":")[2])))
    s, got = slow_download(url, token)
    check("it begins", got.startswith(b"HTTP/1.1 200"), got[:100])
    node.signal()
    need("no new request is taken", soon(lambda: refuses(node)))
    check("the node is still there", node.alive())
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    pieces = [got]
    while piece := s.recv(1 << 20):
        pieces.append(piece)
    got = b"".join(pieces)
    body = got.partition(b"\r\n\r\n")[2]
    same("all of it came", (len(body), sha256(body)), (len(CONTENT), sha256(CONTENT)))
    same("then it stops", node.wait(20), 0)
    idle.close()
    node.stop()
    node.start()
    leaves = [l for l in node.get("/history?most=1000", "provider:a").json["leaves"] if l["kind"] == "served"]
    check("the delivery is in the history", leaves and json.loads(leaves[-1]["content"]).get("whole") is True, leaves)


def refuses(node):
    try:
        return ask("GET", node.url + "/health", timeout=5).status == 503
    except OSError:
        return True


@case
def a_download_that_stands_still(w):
    node = w.node("still", "--stop-timeout", "1s")
    node.party("a", "b")
    node.publish("a", "urn:big", CONTENT)
    s, _ = slow_download(*started(w, node))
    began = time.monotonic()
    node.signal()
    same("it is waited for as long as --stop-timeout", node.wait(30), 0)
    check("not longer", 0.9 < time.monotonic() - began < 15, time.monotonic() - began)
    s.close()
    node.stop()


@case
def a_parked_wait(w):
    """A call that waits for the end of a negotiation is answered at the stop."""
    node = w.mine["node"]
    seller = Seller(w)
    seller.refuses_to_agree = True
    seller.sell("urn:never", b"x")
    waits = Background(node.negotiate, "b", seller.base, "urn:never", 60)
    need("the request came to the peer", soon(lambda: seller.came("/negotiations/request")))
    began = time.monotonic()
    node.signal()
    got = waits.result(30)
    same("it is answered with what there is", (getattr(got, "status", got), getattr(got, "status", 0) == 201 and got.json["state"]), (201, "REQUESTED"))
    same("the stop", node.wait(30), 0)
    check("at once", time.monotonic() - began < 15, time.monotonic() - began)
    node.stop()
    node.start()
    same("it is there after the start", node.get("/negotiations/" + quote(got.json["id"]), "consumer:b").json["state"], "REQUESTED")


@case
def an_upload_under_way(w):
    node = w.mine["node"]
    content = os.urandom(1 << 20)
    c = http.client.HTTPConnection("127.0.0.1", int(node.url.rpartition(":")[2]), timeout=60)
    c.putrequest("POST", "/api/v1/uploads")
    c.putheader("Authorization", "Bearer " + node.token("provider:a"))
    c.putheader("Content-Length", str(len(content)))
    c.endheaders(content[:1000])
    need("it is under way", soon(lambda: [n for n in os.listdir(node.folder + "/products/a") if n.startswith("new-")]))
    node.signal()
    soon(lambda: refuses(node))
    c.send(content[1000:])
    got = c.getresponse()
    same("it is finished", (got.status, json.loads(got.read()).get("sha256")), (201, sha256(content)))
    c.close()
    same("the stop", node.wait(30), 0)
    node.stop()
    node.start()


@case
def many_signals(w):
    node = w.node("signals")
    node.signal(signal.SIGINT)
    same("SIGINT stops as well", node.wait(30), 0)
    node.stop()
    node.start()
    for _ in range(5):
        node.signal(signal.SIGTERM)
    node.signal(signal.SIGHUP) if node.alive() else None
    check("several at once", node.wait(30) in (0, -1), node.log()[-500:])
    node.kill()


@case
def full_queues(w):
    node = w.node("queue", "--queue-max", "1")
    node.party("a", "b")
    port = int(node.url.rpartition(":")[2])
    answers, lock = [], threading.Lock()

    def fire(turn, n, gun):
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        c.connect()
        gun.wait()
        for i in range(12):
            body = json.dumps({"id": f"p{turn}-{n}-{i}", "name": "n"})
            c.request("POST", "/api/v1/parties", body, {"Authorization": "Bearer " + node.operator, "Content-Type": "application/json"})
            got = c.getresponse()
            text = got.read()
            with lock:
                answers.append((f"p{turn}-{n}-{i}", got.status, got.headers.get("Retry-After"), text))
        c.close()
    for turn in range(20):  # a fast machine may empty the queue in time for all of one turn
        gun = threading.Barrier(24)
        threads = [threading.Thread(target=fire, args=(turn, n, gun)) for n in range(24)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        statuses = {status for _, status, _, _ in answers}
        if 503 in statuses:
            break
    check("201 and 503, nothing else", statuses == {201, 503}, statuses)
    for _, status, later, text in answers:
        if status == 503:
            check("503: Retry-After and a code", later and json.loads(text)["code"] == "busy", (later, text))
    rows = {r[0] for r in node.rows("SELECT id FROM party")}
    same("what was answered 201 is there, what was answered 503 is not", rows, {"a", "b"} | {party for party, status, _, _ in answers if status == 201})
    same("a key for each, no other", len(os.listdir(node.folder + "/keys")), len(rows))
    same("it goes on", node.post("/parties", "operator", {"id": "later", "name": "n"}).status, 201)
    node.publish("a", "urn:p", b"x")
    same("a whole trade through a queue of one", node.negotiate("b", node.base("a"), "urn:p").json["state"], "FINALIZED")


@case
def too_many_connections(w):
    node = w.node("few", "--connections-max", "8", "--idle-timeout", "2s")
    port = int(node.url.rpartition(":")[2])
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    got = ask("GET", node.url + "/health", timeout=5)
    same("one more is told to come later", (got.status, got.headers.get("Retry-After")), (503, "1"))
    held += [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    need("of a flood nobody stays", soon(lambda: not _fails(node), 30))
    for s in held:
        s.close()
    check("it answers again", soon(lambda: not _fails(node), 30))


def _fails(node):
    try:
        return ask("GET", node.url + "/health", timeout=3).status != 200
    except OSError:
        return True
