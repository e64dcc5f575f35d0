"""A port of its own for deliveries, and a public URL with a path."""
import os

from check import case, check, need, same
from node import ask, free_port, sha256

CONTENT = os.urandom(50_000)


def trade(w, name, *flags):
    """A node with these flags that has sold something to another; its node, the transfer at the consumer."""
    allow = ("--allow-net", "127.0.0.0/8,::1/128")
    sell = w.node(name, *allow, *flags)
    sell.party("a")
    sell.publish("a", "urn:p", CONTENT)
    if "buy" not in w.mine:
        w.mine["buy"] = w.node("buy", *allow)
        w.mine["buy"].party("b")
    return sell


@case
def a_gate(w):
    port = free_port()
    sell = trade(w, "gate", "--gate-listen", f"127.0.0.1:{port}")
    buy = w.mine["buy"]
    deal = buy.negotiate("b", sell.base("a"), "urn:p")
    need("an agreement", deal.json.get("state") == "FINALIZED", deal)
    started = buy.transfer("b", deal.json["agreement"])
    need("a transfer", started.json.get("state") == "STARTED", started)
    address = started.json["dataAddress"]
    check("the data address has the gate's port and the public host", address["endpoint"].startswith(f"http://localhost:{port}/p/a/data/"), address)
    got = ask("GET", address["endpoint"], address["authorization"])
    check("the data", got.status == 200 and got.body == CONTENT, got.status)
    gate = f"http://127.0.0.1:{port}"
    for method, path in (("GET", "/health"), ("GET", "/api/v1/self"), ("GET", "/metrics"), ("GET", "/p/a/did.json"), ("GET", "/p/a/dsp/.well-known/dspace-version"),
                         ("POST", "/p/a/dsp/2025-1/catalog/request"), ("POST", "/api/v1/uploads"), ("GET", "/")):
        same(f"{method} {path} at the gate", ask(method, gate + path, sell.operator, b"{}" if method == "POST" else None).status, 404)
    same("data without a token", ask("GET", address["endpoint"]).status, 401)
    got = buy.run("consumer:b", "get", sell.base("a"), "urn:p", "--yes", "-o", w.path("gate.bin"))
    same("get", got.code, 0)


@case
def a_gate_with_a_url(w):
    port = free_port()
    sell = trade(w, "gate-url", "--gate-listen", f"127.0.0.1:{port}", "--gate-url", f"http://localhost:{port}/")
    buy = w.mine["buy"]
    deal = buy.negotiate("b", sell.base("a"), "urn:p")
    started = buy.transfer("b", deal.json["agreement"])
    address = started.json["dataAddress"]
    check("the data address has that URL", address["endpoint"].startswith(f"http://localhost:{port}/p/a/data/"), address)
    same("the data", ask("GET", address["endpoint"], address["authorization"]).body == CONTENT, True)


@case
def a_public_url_with_a_path(w):
    for slash in ("", "/"):
        port = free_port()
        sell = trade(w, "path" + slash.replace("/", "-slash"), "--public-url", f"http://localhost:{port}/city/hutong{slash}", "--listen", f"127.0.0.1:{port}")
        buy = w.mine["buy"]
        did = f"did:web:localhost%3A{port}:city:hutong:p:a"
        base = f"http://localhost:{port}/city/hutong/p/a/dsp/2025-1"
        same("DID", sell.did("a"), did)
        same("document below the path", ask("GET", f"http://127.0.0.1:{port}/city/hutong/p/a/did.json").json.get("id"), did)
        same("also where a proxy has stripped it", ask("GET", f"http://127.0.0.1:{port}/p/a/did.json").json.get("id"), did)
        version = ask("GET", f"http://127.0.0.1:{port}/city/hutong/p/a/dsp/.well-known/dspace-version").json
        same("version document", [(v["version"], v["path"]) for v in version["protocolVersions"]], [("2025-1", "/2025-1")])
        same("health", ask("GET", f"http://127.0.0.1:{port}/city/hutong/health").status, 200)
        same("another path", ask("GET", f"http://127.0.0.1:{port}/city/hutongx/health").status, 404)
        got = buy.run("consumer:b", "get", base, "urn:p", "--yes", "-o", w.path("path.bin"), "--force")
        same("get", got.code, 0)
        with open(w.path("path.bin"), "rb") as f:
            same("the bytes", sha256(f.read()), sha256(CONTENT))
        sell.stop()
