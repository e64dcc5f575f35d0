"""A peer that takes every connection and answers none: its letters wait for it, and nobody else does."""
import threading
import time

from check import case, check, need, same, soon
from peer import Peer

COURIERS, LETTERS = 64, 400
TIMEOUT_S = 5        # how long an attempt there holds its place
QUICK_S = 3.0


@case
def begin(w):
    node = w.mine["node"] = w.node("node", "--courier-max", str(COURIERS), "--answer-timeout", f"{TIMEOUT_S}s", "--retry-first", "50ms", "--retry-most", "1s")
    node.party("a")
    w.mine["product"] = node.publish("a", "urn:p", b"bytes")
    w.mine["opened"] = threading.Event()


def asks(w, peer):
    """It asks for the product; its consumerPid."""
    node, message = w.mine["node"], peer.request(w.mine["product"])
    got = peer.post(node.base("a") + "/negotiations/request", node.did("a"), message)
    need("request", got.status == 201, got)
    return message["consumerPid"]


def agreed(w, peer):
    """How long its agreement takes."""
    began = time.monotonic()
    mine = asks(w, peer)
    need("agreement", soon(lambda: [r for r in peer.came("/agreement$") if r.json["consumerPid"] == mine]))
    return time.monotonic() - began


@case
def nobody_else_waits(w):
    known = Peer(w, "known")
    tarpit = w.mine["tarpit"] = Peer(w, "tarpit")
    agreed(w, known)
    tarpit.on("POST", ".*/agreement", lambda r: w.mine["opened"].wait() and (200, {}, {}))
    w.mine["pids"] = [asks(w, tarpit) for _ in range(LETTERS)]
    need("it has its share", soon(lambda: len(tarpit.came("/agreement$")) >= COURIERS // 4))
    for row in ("known", "known again"):
        took = agreed(w, known)
        check(f"{row}: quickly", took < QUICK_S, took)
    took = agreed(w, Peer(w, "stranger"))
    check("whose document is asked for first: quickly", took < QUICK_S, took)


@case
def and_nothing_is_lost(w):
    """It answers at last: every letter comes, each the same however often."""
    w.mine["opened"].set()
    tarpit, pids = w.mine["tarpit"], w.mine["pids"]
    need("every letter comes", soon(lambda: {r.json["consumerPid"] for r in tarpit.came("/agreement$")} >= set(pids), 30))
    need("and counts", soon(lambda: not w.mine["node"].get("/letters", "provider:a").json["letters"]))
    letters = {}
    for r in tarpit.came("/agreement$"):
        letters.setdefault(r.json["consumerPid"], set()).add(r.body)
    same("each was the same", {len(bodies) for bodies in letters.values()}, {1})
