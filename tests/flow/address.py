"""Addresses that a peer or a user names: what points at loopback, private or link-local ranges is refused, and redirects are not followed."""
import json
import socket
import subprocess
import threading

from check import case, check, same, say, soon
from node import ask, quote
from peer import Key, Peer, dsp, pid

# PORT is the port of a listener on 127.0.0.1 and ::1 that must never see a connection.
FORBIDDEN = ("http://127.0.0.1:PORT", "http://localhost:PORT", "http://LOCALHOST:PORT", "http://x.localhost:PORT", "http://[::1]:PORT",
             "http://[::ffff:127.0.0.1]:PORT", "http://[::ffff:7f00:1]:PORT", "http://0.0.0.0:PORT", "http://[::]:PORT", "http://127.1:PORT",
             "http://2130706433:PORT", "http://0x7f000001:PORT", "http://0177.0.0.1:PORT", "http://127.0.0.1.:PORT", "http://10.0.0.1", "http://172.16.0.1",
             "http://192.168.0.1", "http://169.254.169.254", "http://100.100.100.200", "http://[fe80::1]", "http://[fd00::1]", "http://[64:ff9b::7f00:1]",
             "http://224.0.0.1", "http://255.255.255.255")
WRONG = ("http://user@127.0.0.1:PORT", "http://user:word@peer.example", "ftp://127.0.0.1:PORT", "file:///etc/passwd", "gopher://127.0.0.1:PORT",
         "//127.0.0.1:PORT", "http://", "http:///x", "http://peer.example:0", "http://peer.example:99999", "http://peer example", "http://peer.example?x=1",
         "http://peer.example#x", "javascript:x")


class Trap:
    """Listens and counts who comes."""

    def __init__(self):
        self.came = 0
        self.v4 = socket.socket()
        self.v4.bind(("127.0.0.1", 0))
        self.v4.listen()
        self.port = self.v4.getsockname()[1]
        self.sockets = [self.v4]
        try:
            v6 = socket.socket(socket.AF_INET6)
            v6.bind(("::1", self.port))
            v6.listen()
            self.sockets.append(v6)
        except OSError:
            pass
        for s in self.sockets:
            threading.Thread(target=self.run, args=(s,), daemon=True).start()

    def run(self, s):
        while True:
            try:
                connection, _ = s.accept()
            except OSError:
                return
            self.came += 1
            connection.close()

    def stop(self):
        for s in self.sockets:
            s.close()

    kill = stop


@case
def begin(w):
    trap = w.mine["trap"] = Trap()
    w.ends.append(trap)
    node = w.mine["node"] = w.node("node", "--public-url", "http://node.example", "--answer-timeout", "3s")
    node.party("a", "b")
    w.mine["product"] = node.publish("a", "urn:p", b"bytes")
    same("nothing is allowed", node.get("/self", "operator").json["allowNet"], "")


def urls(w, which):
    return [u.replace("PORT", str(w.mine["trap"].port)) for u in which]


@case
def callbacks_of_peers(w):
    node = w.mine["node"]
    key = Key(node.did("b"), *node.seed("b"))
    before, taken = node.state(), []
    for url in urls(w, FORBIDDEN) + urls(w, WRONG):
        message = dsp("ContractRequestMessage", consumerPid=pid(), callbackAddress=url + "/p/b/dsp/2025-1",
                      offer={"@id": w.mine["product"]["offer"], "@type": "Offer", "target": "urn:p", "permission": [{"action": "use"}]})
        body = json.dumps(message).encode()
        got = ask("POST", node.url + "/p/a/dsp/2025-1/negotiations/request", key.token(node.did("a"), body), body)
        if got.status == 201:  # a name or a form that only resolution shows: then the letter must not go out
            taken.append(url)
            continue
        same(f"{url}", got.status, 400)
        check(f"{url}: code", got.json.get("code") in ("address_forbidden", "member_value"), got)
    say("  only resolution shows what these are: " + " ".join(taken))
    same("no process of the others", node.rows("SELECT count(*) FROM process")[0][0], len(before["process"]) + len(taken))
    check("each letter was tried", soon(lambda: node.rows("SELECT count(*) FROM letter WHERE attempts > 0")[0][0] >= len(taken)))
    same("nobody came to the trap", w.mine["trap"].came, 0)


@case
def bases_of_the_api(w):
    node = w.mine["node"]
    for url in urls(w, FORBIDDEN) + urls(w, WRONG):
        base = url + "/p/x/dsp/2025-1"
        for row, got in (("catalog", node.get("/catalog?base=" + quote(base), "consumer:a")),
                         ("negotiation", node.post("/negotiations", "consumer:a", {"base": base, "product": "urn:p"}))):
            check(f"{row} of {url}", got.status in (400, 422, 502), got)
            check(f"{row} of {url}: a code", got.code in ("address_forbidden", "member_value", "base", "peer_unreachable"), got)
    same("nobody came to the trap", w.mine["trap"].came, 0)
    same("none is begun", [n for n in node.get("/negotiations", "consumer:a").json["negotiations"] if n["role"] == "consumer"], [])
    got = node.run("consumer:a", "catalog", urls(w, FORBIDDEN)[0] + "/p/x/dsp/2025-1")
    same("the command: exit status", got.code, 1)
    check("the command: what to do", "--allow-net" in got.err, got.err)


@case
def documents_of_issuers(w):
    """A token whose issuer lives on this machine: its document is not fetched."""
    node = w.mine["node"]
    peer = Peer(w, "local")
    body = json.dumps(dsp("CatalogRequestMessage")).encode()
    got = ask("POST", node.url + "/p/a/dsp/2025-1/catalog/request", peer.key.token(node.did("a"), body), body)
    check("refused, or later", got.status in (401, 503), got)
    same("it was not asked", peer.came("did.json"), [])


@case
def redirects(w):
    node = w.node("open", "--allow-net", "127.0.0.0/8,::1/128", "--retry-most", "100ms")
    node.party("a")
    peer, target = Peer(w, "peer"), Peer(w, "target")
    for status in (301, 302, 303, 307, 308):
        peer.on("POST", ".*/catalog/request", (status, {"Location": target.base + "/catalog/request"}, b""))
        got = node.get("/catalog?base=" + quote(peer.base), "consumer:a")
        same(f"{status}: status", (got.status, got.code), (502, "peer_answer"))
    dataset = peer.dataset("urn:p", b"x")
    peer.offers(dataset)
    peer.on("POST", ".*/negotiations/request", (307, {"Location": target.base + "/negotiations/request"}, b""))
    got = node.post("/negotiations", "consumer:a", {"base": peer.base, "product": "urn:p"})
    same("a negotiation with it begins", got.status, 201)
    check("the letter comes to the peer", soon(lambda: peer.came("/negotiations/request")))
    same("nobody went to the target", target.got, [])
    for row, url in (("the proxy of the environment", "http_proxy"), ("in capitals", "HTTP_PROXY"), ("for all", "ALL_PROXY")):
        trap = w.mine["trap"]
        other = w.node("proxy-" + url, env={url: f"http://127.0.0.1:{trap.port}"})
        other.party("a")
        peer.offers(dataset)
        same(f"{row} is not used", (other.get("/catalog?base=" + quote(peer.base), "consumer:a").status, trap.came), (200, 0))
        other.stop()


@case
def a_name_of_two_addresses(w):
    """One is allowed, the other is not: only the first is ever connected to, by letters to a callback and by questions."""
    hosts = w.file("hosts", "127.0.0.1 localhost\n127.0.0.2 two.example\n127.0.0.1 two.example\n127.0.0.2 none.example\n127.0.0.3 none.example\n")
    under = ["unshare", "-m", "sh", "-c", f"mount --bind {hosts} /etc/hosts && exec \"$@\"", "sh"]
    if subprocess.run([*under, "true"], capture_output=True, check=False).returncode:
        say("  skipped: no file of hosts can be put here")
        return
    peer = Peer(w, "two")
    trap = socket.socket()
    trap.bind(("127.0.0.2", peer.port))
    trap.listen()
    trap.settimeout(0.5)
    at = {name: f"http://{name}:{peer.port}/p/two/dsp/2025-1" for name in ("two.example", "none.example")}
    entries = [{"id": name, "base": base, "send": "header:ours", "accept": "header:" + name} for name, base in at.items()]
    node = w.node("names-of-two", "--allow-net", "127.0.0.1/32", "--retry-most", "100ms", "--peers", w.file("two.json", json.dumps(entries)), under=under)
    node.party("a")
    product = node.publish("a", "urn:p", b"bytes")
    peer.offers(peer.dataset("urn:s", b"x"))
    same("a question", (node.get("/catalog?base=" + quote(at["two.example"]), "consumer:a").status, len(peer.came("/catalog/request"))), (200, 1))
    got = node.get("/catalog?base=" + quote(at["none.example"]), "consumer:a")
    same("both forbidden", (got.status, got.code), (422, "address_forbidden"))
    for name, base in at.items():
        message = {**peer.request(product), "callbackAddress": base}
        got = ask("POST", node.url + "/p/a/dsp/2025-1/negotiations/request", "raw:" + name, message)
        same(f"{name}: only resolution shows what it is", got.status, 201)
        mine = got.json["providerPid"]
        show = lambda: node.get("/negotiations/" + quote(mine), "provider:a").json
        if name == "two.example":
            check(f"{name}: the letter comes", soon(lambda: peer.came("/agreement$")))
            check(f"{name}: and is answered", soon(lambda: show()["state"] == "AGREED"), show())
            continue
        check(f"{name}: the letter is tried", soon(lambda: node.rows("SELECT attempts FROM letter")[0][0] > 1))
        same(f"{name}: it does not come", ([r for r in peer.came("/agreement$") if r.json["providerPid"] == mine], show()["pending"]), ([], "agree"))
    try:
        trap.accept()
        check("nobody came to the other address", False)
    except TimeoutError:
        check("nobody came to the other address", True)
    trap.close()


@case
def a_base_that_is_somebody_elses(w):
    """The document of a base must name the base as its service."""
    node = w.node("names", "--allow-net", "127.0.0.0/8,::1/128")
    node.party("a")
    rows = (("another service", lambda d: d["service"][0].update(serviceEndpoint="http://localhost:1/p/x/dsp/2025-1")), ("no service", lambda d: d.pop("service")),
            ("another id", lambda d: d.update(id="did:web:other.example")))
    for n, (row, change) in enumerate(rows):
        peer = Peer(w, f"base{n}")
        document = peer.document()
        change(document)
        peer.on("GET", f"/p/base{n}/did\\.json", (200, {}, document))
        peer.offers(peer.dataset("urn:p", b"x"))
        got = node.get("/catalog?base=" + quote(peer.base), "consumer:a")
        same(f"{row}", got.status, 502)
        check(f"{row}: no token of ours went there", not peer.came("/catalog/"), peer.got)
    rows = (("no JSON", b"<html>", 502), ("no catalog", b"[]", 502), ("large", b'{"x":"' + b"x" * (9 << 20) + b'"}', 502), ("deep", b"[" * 100 + b"]" * 100, 502))
    peer = Peer(w, "answers")
    for row, content, want in rows:
        peer.on("POST", ".*/catalog/request", (200, {}, content))
        got = node.get("/catalog?base=" + quote(peer.base), "consumer:a")
        same(f"a catalog that is {row}", got.status, want)
    peer.on("POST", ".*/catalog/request", (403, {}, {"@type": "CatalogError", "code": "no", "reason": ["不可以", "x\u001b[2J"]}))
    got = node.run("consumer:a", "catalog", peer.base)
    check("a refusal of the peer is said, and harmless", got.code == 1 and "不可以" in got.err and "\x1b" not in got.err, got)
    hostile = peer.dataset("urn:x\u001b[31m\u202e", b"x")
    peer.offers(hostile)
    got = node.run("consumer:a", "catalog", peer.base)
    check("a hostile catalog is printed harmless", got.code == 0 and "\x1b" not in got.out, got)
