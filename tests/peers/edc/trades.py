"""EDC and hutong trade with each other: one function a step, one line a step, and a count at the end.

EDC is one process; of hutong there are three nodes, each with the party "lane": one that is reached as it is, one behind a path prefix,
one behind TLS. Both sides are provider and consumer. What a step says at its end is what was done and seen on both sides.
"""
import contextlib
import hashlib
import http.server
import json
import os
import random
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
import urllib.request

import node
from edc import QUICK, Edc, Refused, fetch, load
from front import Authority, Front

HUTONG = os.path.realpath(os.environ.get("HUTONG", "build/hutong"))
NAME = "edc-one"    # of EDC as a participant; "edc" alone is a prefix in its contexts, and no message with it as assignee is readable to it
SIZE = 3 << 20
WAIT_S = 60
PULL, PUSH = "HttpData-PULL", "HttpData-PUSH"
GONE = ("DEPROVISIONING", "DEPROVISIONED")   # EDC's provider goes on to these behind COMPLETED and TERMINATED
LEVELS = [(8, 1), (256, 64)]    # of the load: how many, how many at once
STEPS = []


class Wrong(Exception):
    """What was seen is not what should be."""


def step(words):
    def taken(function):
        STEPS.append((words, function))
        return function
    return taken


def must(what, good, found=""):
    if not good:
        raise Wrong(f"not so: {what}" + (f": {found}" if found != "" else ""))


def quote(text):
    return urllib.parse.quote(text, safe="")


def soon(what, question, limit=30):
    """Waits for a true answer."""
    until = time.monotonic() + limit
    while not (answer := question()):
        must(what, time.monotonic() < until, f"not in {limit} s")
        time.sleep(0.05)
    return answer


class Shelf:
    """A web server that has the bytes that EDC sells."""

    def __init__(self):
        shelf = self
        self.content = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                content = shelf.content.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Type", "application/octet-stream")
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, name, content):
        self.content["/" + name] = content
        return f"http://localhost:{self.server.server_port}/{name}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Lane:
    """A node with one party, that knows EDC by its mock identity."""

    def __init__(self, folder, name, edc, public=None, front=None):
        self.node = node.Node(HUTONG, folder, name)
        public = (public or "http://localhost:{port}").format(port=self.node.port)
        url = urllib.parse.urlsplit(public)
        self.did = "did:web:" + ":".join([url.netloc.replace(":", "%3A"), *filter(None, url.path.split("/")), "p", "lane"])
        self.base = public + "/p/lane/dsp/2025-1"
        peers = os.path.join(folder, name + ".peers.json")
        with open(peers, "w", encoding="utf-8") as f:
            json.dump([{"id": edc.name, "base": edc.base, "send": "edc-mock:" + self.did, "accept": "edc-mock:" + edc.name}], f)
        self.node.settings = ["--public-url", public, "--peers", peers, "--allow-net", "127.0.0.0/8,::1/128"]
        self.front = None
        self.node.start()
        if front:
            self.front = front(self.node.port)
        operator = self.node.operator()
        party = self.call(operator, "/parties", {"id": "lane", "name": "Lane"})
        must("the party's DID", party["did"] == self.did, party)
        self.tokens = {role: self.call(operator, "/tokens", {"role": role, "party": "lane"})["token"] for role in ("provider", "consumer")}

    def stop(self):
        if self.front:
            self.front.stop()
        status = self.node.stop()
        must(f"{self.node.name} stops cleanly", status == 0, status)

    def call(self, token, path, body=None, kind="application/json"):
        """A call of the API on a connection of its own; a body makes it a POST."""
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        return json.loads(fetch(self.node.url + "/api/v1" + path, body, {"Authorization": "Bearer " + token, "Content-Type": kind}, WAIT_S + 30))

    def ask(self, role, path, body=None):
        return self.call(self.tokens[role], path, body)

    def sell(self, product, content, **more):
        upload = self.call(self.tokens["provider"], "/uploads", content, "application/octet-stream")
        self.ask("provider", "/products", {"party": "lane", "id": product, "title": product, "file": "file.bin", "sha256": upload["sha256"], **more})

    def act(self, role, kind, process, verb, **body):
        """One verb of the API on a negotiation or transfer (kind)."""
        return self.ask(role, f"/{kind}/{quote(process)}/{verb}", body)

    def state(self, role, kind, process):
        return self.ask(role, f"/{kind}/{quote(process)}")["state"]

    def await_state(self, role, kind, process, want):
        soon(f"{want} at hutong", lambda: self.state(role, kind, process) == want)

    def of_peer(self, kind, peer_pid):
        """The provider's process here that the peer calls peer_pid."""
        def found():
            return next((p["id"] for p in self.ask("provider", f"/{kind}?most=1000")[kind] if p["peerId"] == peer_pid), None)
        return soon(f"of {kind}, the peer's {peer_pid}", found)

    def command(self, role, *arguments):
        """(exit status, what it said)"""
        done = subprocess.run([HUTONG, *arguments], env={**os.environ, "HUTONG_URL": self.node.url, "HUTONG_TOKEN": self.tokens[role], "LC_ALL": "C.UTF-8"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT_S + 60)
        return done.returncode, done.stdout.decode(errors="replace").strip()


class World:
    def __init__(self, folder, stack):
        self.folder, self.stack, self.count = folder, stack, 0
        self.authority = Authority(os.path.join(folder, "authority"))
        own = ssl.create_default_context(cafile=os.path.join(self.authority.folder, "ca.pem"))
        urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=own)))
        self.edc = Edc(NAME, folder, QUICK, self.authority.properties())
        stack.callback(self.edc.stop)
        self.shelf = Shelf()
        stack.callback(self.shelf.stop)
        self.plain = self.lane("plain")

    def lane(self, name, public=None, front=None):
        lane = Lane(self.folder, name, self.edc, public, front)
        self.stack.callback(lane.stop)
        return lane

    def content(self, size=SIZE):
        """Other bytes each time."""
        self.count += 1
        return random.Random(self.count).randbytes(size + self.count)

    def name(self, what):
        self.count += 1
        return f"urn:trade:{what}:{self.count}"

    def for_sale(self, lane, **more):
        """A product of hutong: (id, bytes)"""
        product, content = self.name("file"), self.content()
        lane.sell(product, content, **more)
        return product, content

    def edc_sells(self):
        """An asset of EDC: (id, bytes)"""
        asset, content = self.name("asset"), self.content()
        self.edc.sell(asset, self.shelf.put(quote(asset), content))
        return asset, content

    def edc_asks(self, lane, product):
        """EDC asks hutong for a product: (EDC's negotiation, hutong's)"""
        theirs = self.edc.negotiate(lane.base, self.edc.offer(lane.base, lane.did, product))
        return theirs, lane.of_peer("negotiations", theirs)

    def edc_has(self, lane):
        """EDC pulls a file of hutong: (EDC's transfer, hutong's, bytes)"""
        product, content = self.for_sale(lane)
        theirs = self.edc.negotiate(lane.base, self.edc.offer(lane.base, lane.did, product))
        agreement = self.edc.await_state("contractnegotiations", theirs, "FINALIZED")["contractAgreementId"]
        theirs = self.edc.transfer(lane.base, agreement, product)
        self.edc.await_state("transferprocesses", theirs, "STARTED")
        return theirs, lane.of_peer("transfers", theirs), content

    def hutong_has(self, lane):
        """hutong pulls an asset of EDC: (EDC's transfer, hutong's, bytes)"""
        asset, content = self.edc_sells()
        got = lane.ask("consumer", "/negotiations", {"base": self.edc.base, "product": asset, "wait": WAIT_S})
        must("FINALIZED at hutong", got["state"] == "FINALIZED", got)
        got = lane.ask("consumer", "/transfers", {"agreement": got["agreement"], "format": PULL, "manual": True, "wait": WAIT_S})
        must("STARTED at hutong", got["state"] == "STARTED", got)
        return self.edc.mine("transferprocesses", got["id"]), got["id"], content

    def hutong_reads(self, lane, transfer):
        """What is at the data address that hutong got."""
        address = lane.ask("consumer", "/transfers/" + quote(transfer))["dataAddress"]
        return fetch(address["endpoint"], headers={"Authorization": address["authorization"]})


def quietly(call):
    """What it answers; None: an error, such as before a new address is there."""
    try:
        return call()
    except (Refused, KeyError):
        return None


def refused(what, call):
    try:
        call()
    except Refused as error:
        must(what + " with a 4xx", 400 <= error.status < 500, error)
        return error.status
    raise Wrong(what + ": it is not refused")


def bought_by_edc(w, lane):
    began = time.monotonic()
    theirs, ours, content = w.edc_has(lane)
    got = w.edc.pull(theirs)
    must("the same bytes", got == content, f"{len(got)} of {len(content)} bytes")
    return f"catalog, FINALIZED, STARTED, {len(got)} bytes equal ({time.monotonic() - began:.1f} s); {ours}"


def got_by_hutong(w, lane, *more):
    began = time.monotonic()
    asset, content = w.edc_sells()
    path = os.path.join(w.folder, f"got{w.count}.bin")
    status, said = lane.command("consumer", "get", w.edc.base, asset, "--yes", "-o", path, *more)
    must("hutong get ends with 0", status == 0, f"{status}: {said}")
    with open(path, "rb") as f:
        got = f.read()
    must("the same bytes", got == content, f"{len(got)} of {len(content)} bytes")
    return asset, f"{len(got)} bytes equal, SHA-256 {hashlib.sha256(got).hexdigest()[:16]}... ({time.monotonic() - began:.1f} s)"


@step("EDC buys a file from hutong by pull")
def edc_buys(w):
    return bought_by_edc(w, w.plain)


@step("hutong buys a file from EDC by pull (hutong get)")
def hutong_buys_by_pull(w):
    asset, said = got_by_hutong(w, w.plain)
    ours = next(t for t in w.plain.ask("consumer", "/transfers?most=1000")["transfers"] if t["product"] == asset)
    w.plain.await_state("consumer", "transfers", ours["id"], "COMPLETED")
    theirs = w.edc.mine("transferprocesses", ours["id"])
    w.edc.await_state("transferprocesses", theirs, "COMPLETED", *GONE)
    return said + ", completed on both sides"


@step("hutong buys a file from EDC by push (hutong get --format HttpData-PUSH)")
def hutong_buys_by_push(w):
    return got_by_hutong(w, w.plain, "--format", PUSH)[1]


@step("an agreement of hutong's with EDC serves a second get")
def agreement_serves_again(w):
    asset, content = w.edc_sells()
    ids = set()
    for n in range(2):
        path = os.path.join(w.folder, f"again{n}.bin")
        status, said = w.plain.command("consumer", "get", w.edc.base, asset, "--yes", "-o", path)
        must("hutong get ends with 0", status == 0, f"{status}: {said}")
        with open(path, "rb") as f:
            must("the same bytes", f.read() == content)
        found = w.plain.ask("consumer", f"/agreements?base={quote(w.edc.base)}&product={quote(asset)}")["agreements"]
        ids |= {a["id"] for a in found}
    must("one agreement", len(ids) == 1, ids)
    return f"two transfers under {ids.pop()}"


# Negotiations by hand.

LATER = {"permission": [{"action": "use", "constraint": [
    {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2099-01-01T00:00:00Z"}]}]}


@step("EDC asks, hutong agrees by hand")
def hutong_agrees_by_hand(w):
    product, _ = w.for_sale(w.plain, manual=True)
    theirs, ours = w.edc_asks(w.plain, product)
    w.plain.await_state("provider", "negotiations", ours, "REQUESTED")
    w.plain.act("provider", "negotiations", ours, "agree")
    w.plain.await_state("provider", "negotiations", ours, "VERIFIED")
    w.plain.act("provider", "negotiations", ours, "finalize")
    w.edc.await_state("contractnegotiations", theirs, "FINALIZED")
    return "REQUESTED until a person agreed, then VERIFIED, FINALIZED on both sides"


@step("EDC asks, hutong offers other terms (counter-offer), and ends it when EDC has no answer")
def hutong_offers_other_terms(w):
    product, _ = w.for_sale(w.plain, manual=True)
    theirs, ours = w.edc_asks(w.plain, product)
    w.plain.act("provider", "negotiations", ours, "offer", policy=LATER)
    w.edc.await_state("contractnegotiations", theirs, "OFFERED")
    w.plain.await_state("provider", "negotiations", ours, "OFFERED")
    w.plain.act("provider", "negotiations", ours, "terminate", reason="no answer")
    w.edc.await_state("contractnegotiations", theirs, "TERMINATED")
    return "OFFERED on both sides, then TERMINATED on both sides"


@step("hutong asks EDC for terms of its own: EDC agrees to those of its catalog, which hutong refuses")
def hutong_asks_other_terms(w):
    asset, _ = w.edc_sells()
    got = w.plain.ask("consumer", "/negotiations", {"base": w.edc.base, "product": asset, "policy": LATER, "wait": WAIT_S})
    must("TERMINATED", got["state"] == "TERMINATED", got)
    must("no agreement", not got["agreement"], got)
    w.edc.await_state("contractnegotiations", w.edc.mine("contractnegotiations", got["id"]), "TERMINATED")
    return "TERMINATED on both sides, no agreement"


def edc_asks_and(w, who):
    """A negotiation that EDC asked for is ended in REQUESTED."""
    product, _ = w.for_sale(w.plain, manual=True)
    theirs, ours = w.edc_asks(w.plain, product)
    w.edc.await_state("contractnegotiations", theirs, "REQUESTED")
    if who == "edc":
        w.edc.ask(f"/contractnegotiations/{theirs}/terminate", {"@type": "TerminateNegotiation", "@id": theirs, "reason": "not any more"})
    else:
        w.plain.act("provider", "negotiations", ours, "terminate", reason="not for sale")
    w.plain.await_state("provider", "negotiations", ours, "TERMINATED")
    w.edc.await_state("contractnegotiations", theirs, "TERMINATED")
    found = w.plain.ask("provider", "/negotiations/" + quote(ours))
    if who == "edc":
        must("EDC's reason is there", "not any more" in (found["reason"] or ""), found)
    return f"TERMINATED on both sides: {found['reason']}"


@step("negotiation: EDC as consumer ends it")
def edc_ends_as_consumer(w):
    return edc_asks_and(w, "edc")


@step("negotiation: hutong as provider ends it")
def hutong_ends_as_provider(w):
    return edc_asks_and(w, "hutong")


def hutong_asks_and(w, who):
    """A negotiation that hutong asked for, and that EDC has agreed to, is ended in AGREED."""
    asset, _ = w.edc_sells()
    got = w.plain.ask("consumer", "/negotiations", {"base": w.edc.base, "product": asset, "manual": True})
    ours = got["id"]
    w.plain.await_state("consumer", "negotiations", ours, "AGREED")
    theirs = w.edc.mine("contractnegotiations", ours)
    if who == "edc":
        w.edc.await_state("contractnegotiations", theirs, "AGREED")
        w.edc.ask(f"/contractnegotiations/{theirs}/terminate", {"@type": "TerminateNegotiation", "@id": theirs, "reason": "sold out"})
    else:
        w.plain.act("consumer", "negotiations", ours, "terminate", reason="too late")
    w.plain.await_state("consumer", "negotiations", ours, "TERMINATED")
    w.edc.await_state("contractnegotiations", theirs, "TERMINATED")
    return f"TERMINATED on both sides: {w.plain.ask('consumer', '/negotiations/' + quote(ours))['reason']}"


@step("negotiation: EDC as provider ends it")
def edc_ends_as_provider(w):
    return hutong_asks_and(w, "edc")


@step("negotiation: hutong as consumer ends it")
def hutong_ends_as_consumer(w):
    return hutong_asks_and(w, "hutong")


# Transfers.

def edc_verb(w, transfer, verb):
    types = {"suspend": "SuspendTransfer", "resume": None, "terminate": "TerminateTransfer"}
    body = {"@type": types[verb], "reason": f"{verb} by edc"} if types[verb] else {}
    w.edc.ask(f"/transferprocesses/{transfer}/{verb}", body)


def verb(w, who, role, theirs, ours, word):
    """who of the two does it; role: hutong's in this transfer."""
    if who == "edc":
        edc_verb(w, theirs, word)
    else:
        w.plain.act(role, "transfers", ours, word, **({} if word == "resume" else {"reason": f"{word} by hutong"}))


def both(w, role, theirs, ours, want):
    w.plain.await_state(role, "transfers", ours, want)
    w.edc.await_state("transferprocesses", theirs, want)


def pauses(w, who, role):
    """A transfer is suspended by one side; its data is not to be had meanwhile. The same side resumes it, but for EDC as consumer: to it a
    consumer's START asks for one of the provider, which the specification does not have, and it stays RESUMED. There hutong resumes."""
    provider = role == "provider"
    theirs, ours, content = w.edc_has(w.plain) if provider else w.hutong_has(w.plain)
    read = (lambda: w.edc.pull(theirs)) if provider else (lambda: w.hutong_reads(w.plain, ours))
    must("the bytes before", read() == content)
    at = w.edc.address(theirs) if provider else None
    verb(w, who, role, theirs, ours, "suspend")
    both(w, role, theirs, ours, "SUSPENDED")
    status = ""
    if provider:
        status = refused("data while suspended", lambda: fetch(at[0], headers={"Authorization": at[1]}))
        status = f" (data {status})"
    verb(w, "hutong" if provider else who, role, theirs, ours, "resume")
    both(w, role, theirs, ours, "STARTED")
    soon("the bytes after", lambda: quietly(read) == content)
    return f"SUSPENDED{status}, STARTED again on both sides, bytes equal"


def ends(w, who, role):
    theirs, ours, _ = w.edc_has(w.plain) if role == "provider" else w.hutong_has(w.plain)
    at = w.edc.address(theirs) if role == "provider" else None
    verb(w, who, role, theirs, ours, "terminate")
    w.plain.await_state(role, "transfers", ours, "TERMINATED")
    w.edc.await_state("transferprocesses", theirs, "TERMINATED", *GONE)
    status = refused("data after the end", lambda: fetch(at[0], headers={"Authorization": at[1]})) if at else ""
    return "TERMINATED on both sides" + (f" (data {status})" if status else "")


def transfer_steps():
    for role, words in (("provider", "of hutong's file"), ("consumer", "of EDC's file")):
        for who in ("edc", "hutong"):
            name = "EDC" if who == "edc" else who
            then = "hutong resumes" if (role, who) == ("provider", "edc") else "resumes"
            step(f"transfer {words}: {name} suspends, {then}")(lambda w, who=who, role=role: pauses(w, who, role))
            step(f"transfer {words}: {name} ends it")(lambda w, who=who, role=role: ends(w, who, role))


transfer_steps()


# Where hutong is reached.

def behind(w, name, scheme, prefix, authority=None):
    port = node.free_port()
    lane = w.lane(name, f"{scheme}://localhost:{port}{prefix}",
                  lambda of: Front(os.path.join(w.folder, name + "-nginx"), port, of, prefix, authority))
    return bought_by_edc(w, lane) + "; the other way: " + got_by_hutong(w, lane)[1]


@step("hutong behind a path prefix: both ways")
def behind_a_prefix(w):
    return behind(w, "prefix", "http", "/data/lane")


@step("hutong behind nginx with TLS: both ways")
def behind_tls(w):
    return behind(w, "tls", "https", "", w.authority)


def taken(w, words, function):
    began = time.monotonic()
    try:
        said = function(w)
    except Exception as error:  # a step that fails does not keep the others from being tried
        print(f"FAIL  {words}: {error}", flush=True)
        if not isinstance(error, Wrong) and os.environ.get("HT_PEERS_TRACE") == "1":
            traceback.print_exc(file=sys.stdout)
        return False
    print(f"ok    {words}: {said} [{time.monotonic() - began:.1f} s]", flush=True)
    return True


def run(names):
    folder = tempfile.mkdtemp(prefix="edc-")
    keep = os.environ.get("HT_PEERS_KEEP") == "1"
    try:
        if names == ["load"]:
            for tuned in (False, True):
                for row in load(folder, LEVELS, tuned):
                    print(json.dumps(row), flush=True)
            return 0
        wanted = [s for s in STEPS if not names or any(n in s[0] for n in names)]
        with contextlib.ExitStack() as stack:
            w = World(folder, stack)
            good = [taken(w, *s) for s in wanted]
        if not all(good):
            keep = True
            print(f"the logs are in {folder}")
        print(f"{sum(good)} passed, {len(good) - sum(good)} failed", flush=True)
        return 0 if wanted and all(good) else 1
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
