"""Bad input of a peer or a user, and peers that answer badly: refused quickly, nothing is changed, and the node goes on."""
import json
import re
import sys
import time
import urllib.parse

from check import case, check, need, same, soon
from node import ask, quote
from peer import CONTEXT, Peer, Seller, dsp, pid, routes

NODES, DEEP = 10_000, 1_000
QUICK_S = 2.0
TIMEOUT_S = 0.5   # --answer-timeout of the node that asks
USE = {"action": "use"}
sys.setrecursionlimit(20 * DEEP)  # for what is written here


def nested(n, leaf, wrap):
    for _ in range(n):
        leaf = wrap(leaf)
    return leaf


LIMIT = {"leftOperand": "dateTime", "operator": "lt", "rightOperand": "2030-01-01T00:00:00Z"}
POLICIES = (
    ("10,000 rules", {"permission": [USE] * NODES}),
    ("10,000 limits", {"permission": [{"action": "use", "constraint": [LIMIT] * NODES}]}),
    ("10,000 short values", {"permission": [1] * NODES}),
    ("1,000 deep", {"permission": [{"action": "use", "constraint": [nested(DEEP, LIMIT, lambda x: {"and": [x]})]}]}),
    ("1,000 deep, arrays", {"permission": nested(DEEP, USE, lambda x: [x])}),
)


@case
def begin(w):
    node = w.mine["node"] = w.node("node", "--retry-first", "50ms", "--retry-most", "200ms", "--answer-timeout", f"{int(1000 * TIMEOUT_S)}ms")
    node.party("a", "c")
    w.mine["product"] = node.publish("a", "urn:p", b"bytes")
    w.mine["second"] = node.publish("a", "urn:q", b"others", policy={"permission": [{"action": "use", "constraint": [LIMIT]}]})
    w.mine["peer"] = Peer(w, "peer")
    w.mine["did"], w.mine["base"] = node.did("a"), node.url + "/p/a/dsp/2025-1"


def say(w, path, message, who="peer"):
    return w.mine[who].post(w.mine["base"] + path, w.mine["did"], message)


def still(w):
    soon(lambda: not w.mine["node"].rows("SELECT count(*) FROM letter WHERE due_us < 9223372036854775807")[0][0])
    return w.mine["node"].state()


def quickly(row, act):
    began = time.monotonic()
    got = act()
    check(f"{row}: quickly", time.monotonic() - began < QUICK_S, time.monotonic() - began)
    return got


def asked(w, seller, product="urn:s"):
    """Our negotiation with a provider that says nothing more; its ids."""
    seller.refuses_to_agree = True
    seller.sell(product, b"x")
    got = w.mine["node"].negotiate("a", seller.base, product, wait=1)
    need("a negotiation", got.json.get("state") == "REQUESTED" and got.json["peerId"], got)
    return got.json["id"], {"providerPid": got.json["peerId"], "consumerPid": got.json["id"]}


@case
def policies_that_are_too_much(w):
    node, peer = w.mine["node"], w.mine["peer"]
    seller = w.mine["seller"] = Seller(w, "seller")
    mine, ids = asked(w, seller)
    by_hand = node.publish("a", "urn:hand", b"by hand", manual=True)
    theirs = say(w, "/negotiations/request", peer.request(by_hand)).json
    need("one that waits for us", theirs.get("providerPid"), theirs)
    counter = {"providerPid": theirs["providerPid"], "consumerPid": theirs["consumerPid"]}
    consumer, provider = "consumer:a", "provider:a"
    agreement = {"@id": pid(), "@type": "Agreement", "target": "urn:s", "assigner": seller.did, "assignee": w.mine["did"], "timestamp": "2026-01-01T00:00:00Z"}
    offer = lambda policy, target: {"@id": pid(), "@type": "Offer", "target": target, **policy}
    api = lambda path, role, **body: node.post(path, role, body)
    upload = {"party": "a", "id": "urn:big", "file": "f", "sha256": w.mine["product"]["sha256"]}
    ways = (
        ("a request", lambda p: say(w, "/negotiations/request", dsp("ContractRequestMessage", consumerPid=pid(), callbackAddress=peer.base,
                                                                    offer={**offer(p, "urn:p"), "@id": w.mine["product"]["offer"]}))),
        ("a counter-request", lambda p: say(w, f"/negotiations/{quote(counter['providerPid'])}/request", dsp("ContractRequestMessage", offer=offer(p, "urn:hand"), **counter))),
        ("an offer that begins", lambda p: say(w, "/negotiations/offers", dsp("ContractOfferMessage", providerPid=pid(), callbackAddress=peer.base, offer=offer(p, "urn:x")))),
        ("an offer", lambda p: say(w, f"/negotiations/{quote(mine)}/offers", dsp("ContractOfferMessage", offer=offer(p, "urn:s"), callbackAddress=seller.base, **ids), "seller")),
        ("an agreement", lambda p: say(w, f"/negotiations/{quote(mine)}/agreement", dsp("ContractAgreementMessage", agreement={**agreement, **p}, **ids), "seller")),
        ("publish", lambda p: api("/products", provider, **upload, policy=p)),
        ("negotiate", lambda p: api("/negotiations", consumer, base=seller.base, product="urn:s", policy=p)),
        ("negotiate, the offer", lambda p: api("/negotiations", consumer, base=seller.base, product="urn:s", offer=offer(p, "urn:s"))),
        ("an offer by hand", lambda p: api(f"/negotiations/{quote(counter['providerPid'])}/offer", provider, policy=p)),
        ("a counter-request by hand", lambda p: api(f"/negotiations/{quote(mine)}/counter", consumer, policy=p)),
    )
    before = still(w)
    for way, act in ways:
        for name, policy in POLICIES:
            row = f"{way}, {name}"
            got = quickly(row, lambda: act(policy))
            large = len(json.dumps(policy)) > (256 << 10 if "@type" in got.json else 64 << 10)
            check(f"{row}: status", got.status == 400 or (got.status == 413 and large), got)
            check(f"{row}: a code", got.code in ("too_many", "too_deep", "too_large"), got)
        after = still(w)
        same(f"{way}: what is changed", [t for t in before if after[t] != before[t]], [])
    same("none of it came to the provider", len(seller.came("/negotiations/")), 1)


@case
def policies_of_a_catalog(w):
    """What a provider shows is read as far as it can be, and nothing is begun on the rest."""
    node = w.mine["node"]
    for name, policy in POLICIES:
        peer = Peer(w, "shows" + str(len(w.ends)))
        peer.offers(peer.dataset("urn:s", b"x", policy))
        got = quickly(f"{name}: catalog", lambda: node.get("/catalog?base=" + quote(peer.base), "consumer:a"))
        check(f"{name}: a catalog", got.status == 200 or (got.status, got.code) == (502, "peer_answer"), (got.status, got.body[:200]))
        got = quickly(f"{name}: negotiate", lambda: node.post("/negotiations", "consumer:a", {"base": peer.base, "product": "urn:s"}))
        check(f"{name}: nothing is begun", got.status in (400, 422, 502) and not peer.came("/negotiations/"), (got.status, got.body[:200]))


@case
def offers_of_another_product(w):
    peer, one, two = w.mine["peer"], w.mine["product"], w.mine["second"]
    good = peer.request(one)
    before = still(w)
    rows = (("the offer of another product", {**good["offer"], "@id": two["offer"]}), ("another product under this offer", {**good["offer"], "target": two["id"]}),
            ("both of another, with these terms and that target", {**good["offer"], "@id": two["offer"], "target": "urn:none"}))
    for row, offer in rows:
        got = say(w, "/negotiations/request", {**good, "offer": offer})
        same(row, (got.status, got.json.get("code")), (400, "offer_unknown"))
    after = still(w)
    same("nothing is changed", [t for t in before if after[t] != before[t]], [])


@case
def callbacks_of_offers(w):
    """The first message of a provider names its address too; a later one does not move it."""
    node, peer = w.mine["node"], w.mine["peer"]
    good = dsp("ContractOfferMessage", providerPid=pid(), callbackAddress=peer.base,
               offer={"@id": "urn:offer:x", "@type": "Offer", "target": "urn:x", "permission": [USE]})
    before = still(w)
    rows = [(url, "address_forbidden") for url in ("http://10.1.2.3", "http://172.16.0.1", "http://192.168.1.1", "http://169.254.169.254", "http://[fe80::1]",
                                                   "http://[fd00::1]", "http://[::ffff:10.0.0.1]", "http://0.0.0.0", "http://100.100.100.200")]
    rows += [(url, "member_value") for url in ("nowhere", "ftp://localhost", "http://u@localhost", "file:///etc/passwd")]
    for url, code in rows:
        got = say(w, "/negotiations/offers", {**good, "callbackAddress": url + "/x"})
        same(url, (got.status, got.json.get("code")), (400, code))
    same("without one", say(w, "/negotiations/offers", {k: v for k, v in good.items() if k != "callbackAddress"}).json.get("code"), "member_missing")
    after = still(w)
    same("nothing is changed", [t for t in before if after[t] != before[t]], [])
    got = say(w, "/negotiations/offers", good)
    need("a good one", got.status == 201, got)
    ids = {k: got.json[k] for k in ("providerPid", "consumerPid")}
    again = {**good, **ids, "@id": pid(), "callbackAddress": "http://10.1.2.3/x", "offer": {**good["offer"], "@id": "urn:offer:y"}}
    say(w, f"/negotiations/{quote(ids['consumerPid'])}/offers", again)
    same("a later one does not move it", node.rows("SELECT base FROM process WHERE pid = ?", ids["consumerPid"]), [(peer.base,)])


@case
def a_callback_that_redirects(w):
    """A letter goes where the callback says and nowhere else; it goes again until the peer takes it."""
    peer, node = w.mine["peer"], w.mine["node"]
    target = Peer(w, "target")
    for status in (301, 302, 303, 307, 308):
        peer.on("POST", ".*/negotiations/[^/]+/agreement", (status, {"Location": target.base + "/x"}, b""))
        message = peer.request(w.mine["product"])
        ids = say(w, "/negotiations/request", message).json
        mine = lambda: [r for r in peer.came("/agreement$") if r.json["consumerPid"] == message["consumerPid"]]
        show = lambda: node.get("/negotiations/" + quote(ids["providerPid"]), "provider:a").json
        need(f"{status}: it comes, again too", soon(lambda: len(mine()) >= 2))
        same(f"{status}: it is not taken for delivered", (show()["state"], show()["pending"]), ("REQUESTED", "agree"))
        peer.on("POST", ".*/negotiations/[^/]+/agreement", (200, {}, {}))
        check(f"{status}: it goes on", soon(lambda: show()["state"] == "AGREED"), show())
    same("nobody went to the target", target.got, [])


def drip(out):
    for _ in range(300):
        out.write(b" ")
        time.sleep(0.1)


def endless(out):
    while True:
        out.write(b" " * 65536)


def late(content):
    def run(out):
        time.sleep(3 * TIMEOUT_S)
        out.write(content)
    return run


MANNERS = (
    ("slowly", (200, {}, drip)), ("late", (200, {}, late(b"{}"))), ("never", lambda r: time.sleep(3 * TIMEOUT_S) or (None, {}, b"")), ("endlessly", (200, {}, endless)),
    ("with 5 MB", (200, {}, b'{"x":"' + b"x" * (5 << 20) + b'"}')), ("with HTML", (200, {"Content-Type": "text/html"}, b"<html>hello</html>")),
    ("with an error in HTML", (502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>")), ("with nothing", (200, {}, b"")),
)
PATIENCE_S = TIMEOUT_S + 3   # of one question: the document may be asked for, too


def healthy(w, row):
    same(f"{row}: the node goes on", quickly(row, lambda: ask("GET", w.mine["node"].url + "/health")).status, 200)


@case
def how_a_peer_answers_questions(w):
    """A document, a dataset, a page of a catalog: the API answers in time, with the peer's fault, and nothing is begun."""
    node = w.mine["node"]
    before = still(w)
    for n, (row, answer) in enumerate(MANNERS):
        peer = Peer(w, f"asked{n}")
        questions = (
            ("catalog", "POST", ".*/catalog/request", lambda: node.get("/catalog?base=" + quote(peer.base), "consumer:a")),
            ("page", "POST", ".*/catalog/request\\?continuationToken=2", lambda: node.get(f"/catalog?base={quote(peer.base)}&page={quote('continuationToken=2')}", "consumer:a")),
            ("dataset", "GET", ".*/catalog/datasets/.*", lambda: node.get(f"/catalog?base={quote(peer.base)}&product=urn:s", "consumer:a")),
            ("dataset of a negotiation", "GET", ".*/catalog/datasets/.*", lambda: node.post("/negotiations", "consumer:a", {"base": peer.base, "product": "urn:s"})),
        )
        for what, method, pattern, act in questions:
            peer.on(method, pattern, answer)
            began = time.monotonic()
            got = act()
            where = f"{what}, {row}"
            check(f"{where}: in time", time.monotonic() - began < PATIENCE_S, time.monotonic() - began)
            if row == "with 5 MB" and what in ("catalog", "page", "dataset"):  # a JSON object, if a large one: a catalog without datasets
                same(f"{where}: nothing in it", (got.status, got.json.get("datasets")), (200, []))
            else:
                check(f"{where}: the peer's fault", (got.status, got.code) in ((502, "peer_answer"), (502, "peer_unreachable"), (504, "peer_unreachable")), got)
            check(f"{where}: it was asked", [r for r in peer.got if r.method == method and re.fullmatch(pattern, urllib.parse.unquote(r.path))], peer.got)
        unknown = Peer(w, f"unknown{n}")
        unknown.on("GET", f"/p/unknown{n}/did\\.json", answer)
        began = time.monotonic()
        got = node.get("/catalog?base=" + quote(unknown.base), "consumer:a")
        check(f"document, {row}: in time", time.monotonic() - began < PATIENCE_S, time.monotonic() - began)
        check(f"document, {row}: the peer's fault", got.status == 502 and got.code in ("peer_answer", "peer_unreachable", "peer_document"), got)
        same(f"document, {row}: nothing else was asked", [r.path for r in unknown.got if "did.json" not in r.path], [])
        healthy(w, row)
    after = still(w)
    same("nothing is begun", [t for t in before if after[t] != before[t]], [])


@case
def how_an_issuers_document_comes(w):
    """A message of a peer whose document does not come well is refused, or later."""
    for n, (row, answer) in enumerate(MANNERS):
        peer = Peer(w, f"issuer{n}")
        peer.on("GET", f"/p/issuer{n}/did\\.json", answer)
        began = time.monotonic()
        got = peer.post(w.mine["base"] + "/negotiations/request", w.mine["did"], peer.request(w.mine["product"]))
        check(f"{row}: in time", time.monotonic() - began < PATIENCE_S, time.monotonic() - began)
        check(f"{row}: no message of it counts", got.status in (401, 404, 503), got)
        check(f"{row}: it was asked for", peer.came("did.json"))


@case
def how_a_peer_answers_letters(w):
    """An answer that says nothing is no answer: the letter goes again as it was, and the trade goes on when the peer does."""
    node = w.mine["node"]
    for n, (row, answer) in enumerate(MANNERS):
        seller = Seller(w, f"letters{n}")
        seller.sell("urn:s", b"x")
        first = (f"/p/letters{n}/dsp/2025-1/negotiations/request", seller.on_request)
        seller.on("POST", first[0], answer)
        got = node.post("/negotiations", "consumer:a", {"base": seller.base, "product": "urn:s"})
        need(f"{row}: it begins", got.status == 201, got)
        mine = got.json["id"]
        need(f"{row}: it goes again", soon(lambda: len(seller.came("/negotiations/request")) >= 2))
        show = lambda: node.get("/negotiations/" + quote(mine), "consumer:a").json
        same(f"{row}: nothing is taken for an answer", (show()["state"], show()["pending"], show()["peerId"]), ("REQUESTED", "request", None))
        healthy(w, row)
        seller.on("POST", *first)
        check(f"{row}: it goes on", soon(lambda: show()["state"] == "FINALIZED"), show())
        same(f"{row}: each attempt was the same", len({r.body for r in seller.came("/negotiations/request")}), 1)


@case
def how_a_peer_answers_looks(w):
    """After a refusal the peer is asked for the state; an answer that does not say it is none."""
    node = w.mine["node"]
    for n, (row, answer) in enumerate(MANNERS):
        seller = Seller(w, f"looks{n}")
        seller.sell("urn:s", b"x")
        path = f"/p/looks{n}/dsp/2025-1/negotiations/"
        seller.on("POST", path + "[^/]+/agreement/verification", (400, {}, {"@type": "ContractNegotiationError", "code": "no", "reason": ["no"]}))
        seller.on("GET", path + "[^/]+", answer)
        mine = node.post("/negotiations", "consumer:a", {"base": seller.base, "product": "urn:s"}).json["id"]
        looks = lambda: [r for r in seller.got if r.method == "GET" and r.path.startswith(path)]
        need(f"{row}: it is asked, again too", soon(lambda: len(looks()) >= 2))
        show = lambda: node.get("/negotiations/" + quote(mine), "consumer:a").json
        same(f"{row}: nothing is learnt", (show()["state"], show()["pending"]), ("AGREED", "verify"))
        healthy(w, row)
        ids = {"providerPid": show()["peerId"], "consumerPid": mine}
        seller.on("POST", path + "[^/]+/agreement/verification", seller.on_verification)
        seller.on("GET", path + "[^/]+", (200, {}, {"@context": CONTEXT, "@type": "ContractNegotiation", "state": "AGREED", **ids}))
        check(f"{row}: it goes on", soon(lambda: show()["state"] == "FINALIZED"), show())


@case
def pids_of_another_partys_processes(w):
    """Each route with the pid of a process of a: at the address of c, said by a's peer; with the tokens of c; and by a peer that it is not with."""
    node, peer, stranger = w.mine["node"], w.mine["peer"], Peer(w, "stranger")
    seller = Seller(w, "sold")
    seller.sell("urn:s", b"x")
    bought = node.negotiate("a", seller.base, "urn:s").json
    need("bought", bought.get("state") == "FINALIZED", bought)
    took = node.transfer("a", bought["agreement"]).json
    first = peer.request(w.mine["product"])
    sold = say(w, "/negotiations/request", first).json
    need("sold", soon(lambda: peer.came("/agreement$")))
    ids = {"negotiations": ({"providerPid": bought["peerId"], "consumerPid": bought["id"]}, {"providerPid": sold["providerPid"], "consumerPid": first["consumerPid"]}),
           "transfers": ({"providerPid": took["peerId"], "consumerPid": took["id"]},) * 2}
    pids = {"negotiations": (bought["id"], sold["providerPid"]), "transfers": (took["id"], took["id"])}
    offer = {"@id": "urn:o", "@type": "Offer", "target": "urn:s", "permission": [USE]}
    agreement = {**offer, "@type": "Agreement", "assigner": seller.did, "assignee": w.mine["did"], "timestamp": "2026-01-01T00:00:00Z"}
    kinds = {"request": ("ContractRequestMessage", {"offer": offer}), "offers": ("ContractOfferMessage", {"offer": offer}), "agreement": ("ContractAgreementMessage", {"agreement": agreement}),
             "events": ("ContractNegotiationEventMessage", {"eventType": "FINALIZED"}), "verification": ("ContractAgreementVerificationMessage", {}),
             "start": ("TransferStartMessage", {}), "suspension": ("TransferSuspensionMessage", {}), "completion": ("TransferCompletionMessage", {})}
    bodies = {"counter": {"policy": {"permission": [USE]}}, "terminate": {"reason": "x"}, "suspend": {"reason": "x"}}
    for role in ("consumer:c", "provider:c"):
        node.token(role)
    before, seen = still(w), 0
    for method, pattern in routes():
        if ":id" not in pattern or "/tokens/" in pattern or "/datasets/" in pattern:
            continue
        seen += 1
        parts = pattern.split("/")
        of = "transfers" if "transfers" in parts or "data" in parts[1:4] or "push" in parts else "negotiations"
        last = parts[-1]
        for side in (0, 1):
            path = pattern.replace(":party", "c").replace(":id", quote(pids[of][side]))
            row = f"{method} {pattern}, {'consumer' if side == 0 else 'provider'}'s"
            if pattern.startswith("/api/"):
                path = path.replace(quote(pids[of][side]), quote(bought["agreement"])) if "/agreements/" in path else path
                statuses = [node.call(method, path.removeprefix("/api/v1"), role + ":c", None if method == "GET" or last == "retry" else bodies.get(last, {})).status
                            for role in ("consumer", "provider")]
                check(row, set(statuses) <= {403, 404} and 404 in statuses, statuses)
            elif "/dsp/" in pattern:
                kind, more = kinds.get(last, ("TransferTerminationMessage" if of == "transfers" else "ContractNegotiationTerminationMessage", {}))
                message = None if method == "GET" else json.dumps(dsp(kind, **ids[of][side], **more)).encode()
                for who, party, asks in (("at c, by the peer", "c", seller if side == 0 else peer), ("at a, by a stranger", "a", stranger)):
                    token = asks.key.token(node.did(party), message or b"")
                    got = ask(method, node.url + path.replace("/p/c/", f"/p/{party}/"), token, message)
                    same(f"{row} {who}", got.status, 404)
            else:
                got = ask(method, node.url + path, "raw:" + "x" * 43, b"x" if method == "POST" else None)
                same(row, got.status, 404)
    check("all routes of a process", seen >= 30, seen)
    after = still(w)
    same("nothing is changed", [t for t in before if after[t] != before[t] and t != "seen"], [])
