"""HttpData-PUSH: a foreign provider pushes a file to the consumer's node, and the consumer fetches it there."""
import os
import re
import socket
import threading
import time

from check import case, check, need, same, say, soon
from get import SmallDisk
from node import ask, quote, sha256
from peer import Seller, dsp, pid, process

PUSH = "HttpData-PUSH"
CONTENT = os.urandom(200_000)
DAY_S = 86400
MAX = 1 << 20   # --upload-max


class Pusher(Seller):
    """Takes transfers by push; .then(transfer) does what the case wants, after the answer to the request."""

    def __init__(self, w, name="pusher"):
        super().__init__(w, name)
        self.then = None
        self.last = None

    def on_transfer(self, request):
        m = request.json
        t = self.last = Transfer(self, m, self.audience(request))
        if self.then:
            threading.Thread(target=self.then, args=(t,), daemon=True).start()
        return 201, {}, process("TransferProcess", m, "REQUESTED", t.ids["providerPid"])


class Transfer:
    def __init__(self, peer, message, audience):
        self.peer, self.message, self.audience = peer, message, audience
        self.ids = {"providerPid": pid(), "consumerPid": message["consumerPid"]}
        address = message["dataAddress"]
        properties = {p["name"].rpartition("/")[2]: p["value"] for p in address["endpointProperties"]}
        self.url, self.token = address["endpoint"], properties["authorization"]
        self.edc = {k: properties.get(k) for k in ("type", "baseUrl", "authKey", "authCode")}

    def says(self, kind, path, **members):
        """A message of the provider; 503 is said again, as the answer to the request may not have come yet."""
        message = dsp(kind, **self.ids, **members)
        url = f"{self.message['callbackAddress']}/transfers/{quote(self.ids['consumerPid'])}/{path}"
        return soon(lambda: (lambda got: got if got.status != 503 else None)(self.peer.post(url, self.audience, message)))

    def start(self):
        return self.says("TransferStartMessage", "start")

    def push(self, content, token=None, url=None):
        return ask("POST", url or self.url, token or "raw:" + self.token, content, {"Content-Type": "application/octet-stream"})


def transfers(w):
    return w.mine["buy"].get("/transfers?most=1000", "consumer:fleet").json["transfers"]


def last(w):
    """The newest transfer when nothing of it is on its way."""
    return soon(lambda: (lambda t: t if not t["pending"] else None)(transfers(w)[-1])) or transfers(w)[-1]


def files(w):
    """What is kept for the party."""
    try:
        return sorted(os.listdir(w.mine["buy"].folder + "/products/fleet"))
    except FileNotFoundError:
        return []


def fetch(w, product, name, *more, **env):
    return w.mine["buy"].run("consumer:fleet", "get", w.mine["seller"].base, product, "--yes", "--format", PUSH, "-o", w.path(name), *more, **env)


@case
def begin(w):
    buy = w.mine["buy"] = w.node("buy", "--retry-most", "200ms", "--upload-max", str(MAX))
    buy.party("fleet", "other")
    seller = w.mine["seller"] = Pusher(w)
    dataset = seller.dataset("urn:pushed", CONTENT)
    dataset["distribution"].append({**dataset["distribution"][0], "format": PUSH})
    seller.sell("urn:pushed", CONTENT, dataset=dataset)


def begin_transfer(w, **more):
    """A transfer by push, REQUESTED; what the API says of it, and the provider's side."""
    buy, seller = w.mine["buy"], w.mine["seller"]
    seller.then = None
    agreement = w.mine.get("agreement")
    if not agreement:
        deal = buy.negotiate("fleet", seller.base, "urn:pushed")
        need("an agreement", deal.json.get("state") == "FINALIZED", deal)
        agreement = w.mine["agreement"] = deal.json["agreement"]
    got = buy.post("/transfers", "consumer:fleet", {"agreement": agreement, "format": PUSH, **more})
    need("a transfer", got.status == 201, got)
    need("it is acknowledged", soon(lambda: not show(w, got.json["id"])["pending"]))
    return got.json["id"], seller.last


def show(w, transfer):
    return w.mine["buy"].get("/transfers/" + quote(transfer), "consumer:fleet").json


def data(w, transfer, who="consumer:fleet"):
    return w.mine["buy"].get(f"/transfers/{quote(transfer)}/data", who)


@case
def what_a_provider_pushes(w):
    """`hutong get`: the same checks as for what is fetched, and the same ends."""
    seller = w.mine["seller"]
    other = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    ends = lambda t, kind, path: t.says(f"Transfer{kind}Message", path)
    rows = (
        # row, what the provider does, exit status, a word of stderr, the transfer
        ("good", lambda t: (t.start(), t.push(CONTENT)), 0, "as described", "COMPLETED"),
        ("before START", lambda t: (t.push(CONTENT), time.sleep(0.5), t.start()), 0, "as described", "COMPLETED"),
        ("completed by the provider", lambda t: (t.start(), t.push(CONTENT), ends(t, "Completion", "completion")), 0, "as described", "COMPLETED"),
        ("the good one last", lambda t: (t.start(), t.push(CONTENT), t.push(CONTENT)), 0, "as described", "COMPLETED"),
        ("one bit", lambda t: (t.start(), t.push(other)), 4, "WRONG CONTENT", "TERMINATED"),
        ("one bit, completed by the provider", lambda t: (t.start(), t.push(other), ends(t, "Completion", "completion")), 4, "WRONG CONTENT", ""),
        ("shorter", lambda t: (t.start(), t.push(CONTENT[:-1])), 4, "WRONG LENGTH", "TERMINATED"),
        ("nothing", lambda t: (t.start(), t.push(b"")), 4, "WRONG LENGTH", "TERMINATED"),
        ("never, terminated", lambda t: (t.start(), ends(t, "Termination", "termination")), 1, "TERMINATED", "TERMINATED"),
        ("never, completed", lambda t: (t.start(), ends(t, "Completion", "completion")), 1, "COMPLETED", "COMPLETED"),
    )
    for n, (row, then, want, word, state) in enumerate(rows):
        seller.then = then
        began = time.monotonic()
        got = fetch(w, "urn:pushed", f"file{n}")
        same(f"{row}: exit status", got.code, want)
        check(f"{row}: says {word}", word in got.err, got.err)
        same(f"{row}: one line of an error", got.err.count("hutong get:"), int(want != 0))
        check(f"{row}: says nothing of an end that came twice", "(state)" not in got.err, got.err)
        check(f"{row}: at once", time.monotonic() - began < 20)
        path = w.path(f"file{n}")
        same(f"{row}: the file and its sidecar are there", (os.path.exists(path), os.path.exists(path + ".hutong.json")), (want == 0, want == 0))
        if want == 0:
            with open(path, "rb") as f:
                check(f"{row}: the bytes", f.read() == CONTENT)
        check(f"{row}: nothing is left", not [f for f in os.listdir(w.folder) if f.startswith(".hutong")])
        soon(lambda: last(w)["state"] == state or not state)
        check(f"{row}: the transfer", last(w)["state"] in ([state] if state else ["COMPLETED", "TERMINATED"]), last(w))
    leaves = [leaf for leaf in w.mine["buy"].get("/history?most=1000", "consumer:fleet").json["leaves"] if leaf["kind"] == "pushed"]
    same("each file is in the history", len(leaves), 9)
    edc = seller.last.edc
    same("EDC's names of the address", edc, {"type": "HttpData", "baseUrl": seller.last.url, "authKey": "Authorization", "authCode": seller.last.token})
    check("the token is in no log", seller.last.token not in w.mine["buy"].log())


@case
def in_each_state(w):
    buy, seller = w.mine["buy"], w.mine["seller"]
    transfer, t = begin_transfer(w)
    same("nothing there yet", (show(w, transfer)["pushed"], data(w, transfer).status), (None, 404))
    before, kept = buy.state(), files(w)
    wrong = t.url.replace("/p/fleet/", "/p/other/")
    rows = (("no token", lambda: ask("POST", t.url, None, b"x"), 401), ("another token", lambda: t.push(b"x", "raw:" + "x" * 43), 404),
            ("a token of the API", lambda: t.push(b"x", buy.token("consumer:fleet")), 404), ("at another party", lambda: t.push(b"x", url=wrong), 404),
            ("for no transfer", lambda: t.push(b"x", url=t.url.rpartition("/")[0] + "/" + quote(pid())), 404),
            ("with GET", lambda: ask("GET", t.url, "raw:" + t.token), 405), ("too large", lambda: t.push(bytes(MAX + 1)), 413))
    for row, act, want in rows:
        got = act()
        same(f"{row}: status", got.status, want)
        same(f"{row}: nothing is changed", (buy.state() == before, files(w)), (True, kept))
    same("before START", t.push(b"first").status, 200)
    same("it is shown", show(w, transfer)["pushed"], {"sha256": sha256(b"first"), "size": 5})
    same("START", t.start().status, 200)
    same("again, the same", t.push(b"first", "Bearer " + t.token).status, 200)
    same("again, another", t.push(b"second").status, 200)
    same("the last one counts", (show(w, transfer)["pushed"]["sha256"], data(w, transfer).body), (sha256(b"second"), b"second"))
    for who, want in (("provider:fleet", 403), ("consumer:other", 404), ("operator", 403), ("regulator", 403)):
        same(f"the file for {who}", data(w, transfer, who).status, want)
    same("suspension", t.says("TransferSuspensionMessage", "suspension").status, 200)
    same("while it is suspended", t.push(b"third").status, 404)
    same("what came before is there", data(w, transfer).body, b"second")
    same("it goes on", t.start().status, 200)
    same("and takes files again", t.push(b"third").status, 200)
    same("completion", t.says("TransferCompletionMessage", "completion").status, 200)
    same("after it", t.push(b"fourth").status, 404)
    same("what came before is there", data(w, transfer).body, b"third")
    transfer, t = begin_transfer(w)
    t.start()
    same("a file", t.push(b"fifth").status, 200)
    same("termination", t.says("TransferTerminationMessage", "termination").status, 200)
    same("after it", t.push(b"sixth").status, 404)
    got = data(w, transfer)
    same("a transfer that was terminated gives no data", (got.status, got.code), (409, "state"))
    same("what came is still said", show(w, transfer)["pushed"]["size"], 5)
    transfer, _ = begin_transfer(w)
    same("the token of another transfer", t.push(b"x", url=w.mine["seller"].last.url).status, 404)
    check("a transfer that is fetched takes none", not show(w, transfer)["pushed"])


def half_a_push(t, chunked):
    """Sends a part of a file and breaks the connection."""
    host, port, path = re.fullmatch(r"http://([^:/]+):(\d+)(/.*)", t.url).groups()
    with socket.create_connection((host, int(port)), timeout=20) as s:
        length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100000"
        s.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n%s\r\n\r\n" % (path.encode(), t.token.encode(), length))
        s.sendall(b"c350\r\n" * chunked + bytes(50_000))
        time.sleep(0.2)


@case
def cut_in_the_middle(w):
    transfer, t = begin_transfer(w)
    t.start()
    kept = files(w)
    for chunked in (False, True):
        half_a_push(t, chunked)
        check("no file of it stays", soon(lambda: files(w) == kept), files(w))
        same("nothing was pushed", (show(w, transfer)["pushed"], show(w, transfer)["state"]), (None, "STARTED"))
    same("it can be pushed again", t.push(b"whole").status, 200)
    same("and is there", data(w, transfer).body, b"whole")


@case
def two_of_the_same_content(w):
    """One file, which stays while a transfer that is not terminated brought it; a restart takes what nobody has any more."""
    buy = w.mine["buy"]
    content = os.urandom(1000)
    name = sha256(content)
    first, one = begin_transfer(w)
    second, two = begin_transfer(w)
    for t in (one, two):
        t.start()
        same("pushed", t.push(content).status, 200)
    same("kept once", files(w).count(name), 1)
    path = f"{buy.folder}/products/fleet/{name}"
    for t, transfer, there in ((one, first, True), (two, second, False)):
        same("a restart in between: the file", (buy.again(), os.path.exists(path))[1], True)
        same("its data", [data(w, x).body for x in (first, second) if show(w, x)["state"] == "STARTED"][-1], content)
        same("terminated", t.says("TransferTerminationMessage", "termination").status, 200)
        long_ago = time.time() - 2 * DAY_S
        os.utime(path, (long_ago, long_ago))
        buy.again()
        same("after a restart: the file", os.path.exists(path), there)
        same("of the one that was terminated", data(w, transfer).status, 409)


@case
def restarted_between_push_and_fetch(w):
    buy, seller = w.mine["buy"], w.mine["seller"]
    transfer, t = begin_transfer(w)
    same("pushed before START", t.push(CONTENT).status, 200)
    buy.kill()
    buy.start()
    same("the file", data(w, transfer).body == CONTENT, True)
    same("START after it", t.start().status, 200)
    got = buy.run("consumer:fleet", "transfer", "complete", transfer)
    same("complete", got.code, 0)
    check("the provider hears it", soon(lambda: [r for r in seller.came("/completion$") if r.json["consumerPid"] == transfer]))


@case
def a_full_disk(w):
    with SmallDisk(w.path("tight"), "6m") as tight:
        if not tight:
            say("  skipped: no small disk can be mounted here")
            return
        seller, own = w.mine["seller"], w.mine["buy"]
        node = w.mine["buy"] = w.node("tight/data", "--retry-most", "200ms", log=w.path("tight.log"))
        agreement = w.mine.pop("agreement")
        try:
            node.party("fleet")
            transfer, t = begin_transfer(w)
            t.start()
            same("larger than the disk", t.push(os.urandom(8 << 20)).status, 507)
            check("no temporary file is left", soon(lambda: files(w) == []), files(w))
            same("nothing was pushed", (show(w, transfer)["pushed"], show(w, transfer)["state"]), (None, "STARTED"))
            same("one that has room", t.push(b"small").status, 200)
            node.stop()
        finally:
            w.mine["buy"], w.mine["agreement"] = own, agreement
