"""Parties, roles and tokens: every route with every role, the own party and foreign ones, over HTTP."""
import json

from check import case, check, need, same, show
from node import ask, quote, sha256
from peer import Key, dsp, pid, routes

# One letter for each who asks. a is the party whose things are asked for, b traded with it, c has nothing to do with it.
WHO = {"O": "operator", "R": "regulator", "P": "provider:a", "C": "consumer:a", "q": "provider:b", "d": "consumer:b", "p": "provider:c",
       "c": "consumer:c", ".": None, "x": "not a token of this node"}
READ = 15  # kind of the leaf that a regulator's read leaves


@case
def parties(w):
    node = w.mine["node"] = w.node("node")
    node.party("a", "b", "c")
    rows = (("again", "a", 409), ("capital", "A", 400), ("slash", "a/b", 400), ("dots", "..", 400), ("empty", "", 400), ("dash first", "-a", 400),
            ("too long", "a" * 64, 400), ("longest", "a" * 63, 201), ("Chinese", "局", 400))
    for row, party, want in rows:
        got = node.post("/parties", "operator", {"id": party, "name": "n"})
        same(row, got.status, want)
    got = node.get("/parties", "operator")
    same("the list", [p["id"] for p in got.json["parties"]], ["a", "b", "c", "a" * 63])
    got = node.get("/parties?most=2", "operator")
    same("a page", [p["id"] for p in got.json["parties"]], ["a", "b"])
    got = node.get(f"/parties?most=2&after={got.json['next']}", "operator")
    same("the next page", [p["id"] for p in got.json["parties"]], ["c", "a" * 63])
    document = ask("GET", f"{node.url}/p/a/did.json").json
    same("its DID document", document["id"], node.did("a"))
    method = document["verificationMethod"][0]
    same("its key", (method["type"], method["publicKeyJwk"]["crv"], method["publicKeyJwk"]["x"]), ("JsonWebKey2020", "Ed25519",
                                                                                             Key("x", node.seed("a")[0]).public))
    same("listed", [document[k] for k in ("authentication", "assertionMethod", "capabilityInvocation")], [[method["id"]]] * 3)
    same("its service", document["service"][0]["serviceEndpoint"], node.base("a"))
    same("no such party", ask("GET", f"{node.url}/p/none/did.json").status, 404)


@case
def tokens(w):
    node = w.mine["node"]
    rows = (("party of an operator", {"role": "operator", "party": "a"}, 400), ("no party", {"role": "provider"}, 400),
            ("unknown party", {"role": "provider", "party": "none"}, 404), ("unknown role", {"role": "king"}, 400),
            ("a member more", {"role": "operator", "x": 1}, 400), ("no role", {}, 400), ("role of another type", {"role": 1}, 400))
    for row, body, want in rows:
        same(row, node.post("/tokens", "operator", body).status, want)
    got = node.run("operator", "token", "new", "--party", "a", "--role", "provider")
    same("token new prints the token, nothing else", (got.code, got.err, len(got.out.split())), (0, "", 1))
    token = got.out.strip()
    same("it works", ask("GET", node.api + "/self", token).json.get("party"), "a")
    listed = node.get("/tokens", "operator")
    check("no token in the list", token not in listed.body.decode() and "hash" not in listed.body.decode(), listed)
    with open(node.folder + "/hutong.db", "rb") as f:
        check("no token in the store", token.encode() not in f.read())
    number = listed.json["tokens"][-1]["id"]
    same("revoke", node.run("operator", "token", "revoke", number).code, 0)
    same("a revoked token", ask("GET", node.api + "/self", token).status, 401)
    check("shown as revoked", node.get("/tokens", "operator").json["tokens"][-1]["revoked"])
    check("revoked again", node.run("operator", "token", "revoke", number).code in (0, 1))
    same("an unknown one", node.run("operator", "token", "revoke", 4711).code, 1)
    for row, value in (("another scheme", "Basic " + token), ("no scheme", "raw:" + node.operator), ("two blanks", "Bearer  x y"), ("empty", "Bearer "),
                       ("long", "Bearer " + "x" * 5000), ("lower case scheme of a revoked one", "bearer " + token)):
        same(row, ask("GET", node.api + "/self", value).status, 401)
    node.again()
    same("still revoked after a restart", ask("GET", node.api + "/self", token).status, 401)


@case
def things_to_ask_for(w):
    """Each of a and b has a product, and the other one got it."""
    node = w.mine["node"]
    for provider, consumer in (("a", "b"), ("b", "a")):
        node.publish(provider, "urn:p:" + provider, provider.encode() * 10)
        deal = node.negotiate(consumer, node.base(provider), "urn:p:" + provider)
        need(f"{consumer} agrees with {provider}", deal.status == 201 and deal.json["state"] == "FINALIZED", deal)
        transfer = node.transfer(consumer, deal.json["agreement"])
        need(f"{consumer} gets from {provider}", transfer.status == 201 and transfer.json["state"] == "STARTED", transfer)
        done = node.post(f"/transfers/{transfer.json['id']}/complete", "consumer:" + consumer,
                         {"sha256": sha256(provider.encode() * 10), "size": 10})
        need("completed", done.status == 200, done)
        w.mine[consumer] = {"negotiation": deal.json["id"], "agreement": deal.json["agreement"], "transfer": transfer.json["id"],
                            "provider negotiation": deal.json["peerId"], "provider transfer": transfer.json["peerId"]}


def api_table(w):
    """method, path, body, and the status that each may see, in the order of WHO."""
    own, node = w.mine["a"], w.mine["node"]
    sold = w.mine["b"]
    n, t, g = own["negotiation"], own["transfer"], own["agreement"]
    why, done = {"reason": "x"}, {"sha256": "0" * 64, "size": 1}
    offer = {"party": "a", "id": "urn:p:a", "file": "f", "sha256": sha256(b"a" * 10)}
    #                                                               O    R    P    C    q    d    p    c    .    x
    return (
        ("GET",    "/health", None,                                "200  200  200  200  200  200  200  200  200  200"),
        ("GET",    "/metrics", None,                               "200  200  403  403  403  403  403  403  401  401"),
        ("GET",    "/api/v1/self", None,                           "200  200  200  200  200  200  200  200  401  401"),
        ("GET",    "/api/v1/parties", None,                        "200  200  403  403  403  403  403  403  401  401"),
        ("POST",   "/api/v1/parties", {"id": "A", "name": "n"},    "400  403  403  403  403  403  403  403  401  401"),
        ("GET",    "/api/v1/tokens", None,                         "200  200  403  403  403  403  403  403  401  401"),
        ("POST",   "/api/v1/tokens", {"role": "king"},             "400  403  403  403  403  403  403  403  401  401"),
        ("DELETE", "/api/v1/tokens/4711", None,                    "404  403  403  403  403  403  403  403  401  401"),
        ("POST",   "/api/v1/uploads", b"bytes",                    "403  403  201  403  201  403  201  403  401  401"),
        ("GET",    "/api/v1/products", None,                       "403  200  200  403  200  403  200  403  401  401"),
        ("POST",   "/api/v1/products", offer,                      "403  403  201  403  404  403  404  403  401  401"),
        ("GET",    f"/api/v1/catalog?base={quote(node.base('b'))}", None,
                                                                   "403  403  403  200  403  200  403  200  401  401"),
        ("GET",    "/api/v1/negotiations", None,                   "403  200  200  200  200  200  200  200  401  401"),
        ("POST",   "/api/v1/negotiations", {"base": "x"},          "403  403  400  400  400  400  400  400  401  401"),
        ("GET",    f"/api/v1/negotiations/{n}", None,              "403  200  200  200  404  404  404  404  401  401"),
        ("GET",    f"/api/v1/negotiations/{sold['provider negotiation']}", None,
                                                                   "403  200  200  200  404  404  404  404  401  401"),
        ("GET",    "/api/v1/negotiations/none", None,              "403  404  404  404  404  404  404  404  401  401"),
        ("GET",    f"/api/v1/negotiations/{t}", None,              "403  404  404  404  404  404  404  404  401  401"),
        ("POST",   f"/api/v1/negotiations/{n}/terminate", why,     "403  403  404  409  404  404  404  404  401  401"),
        ("POST",   f"/api/v1/negotiations/{sold['provider negotiation']}/terminate", why,
                                                                   "403  403  409  404  404  404  404  404  401  401"),
        *[("POST", f"/api/v1/negotiations/{sold['provider negotiation']}/{verb}", {},
                                                                   "403  403  409  403  404  403  404  403  401  401") for verb in ("offer", "agree", "finalize")],
        *[("POST", f"/api/v1/negotiations/{n}/{verb}", body,       "403  403  403  409  403  404  403  404  401  401")
          for verb, body in (("counter", {"policy": {"permission": [{"action": "use"}]}}), ("accept", {}), ("verify", {}))],
        ("GET",    "/api/v1/agreements", None,                     "403  200  200  200  200  200  200  200  401  401"),
        ("GET",    f"/api/v1/agreements/{g}", None,                "403  200  200  200  200  200  404  404  401  401"),
        ("GET",    "/api/v1/transfers", None,                      "403  200  200  200  200  200  200  200  401  401"),
        ("POST",   "/api/v1/transfers", {"agreement": g},          "403  403  403  201  403  422  403  422  401  401"),
        ("GET",    f"/api/v1/transfers/{t}", None,                 "403  200  200  200  404  404  404  404  401  401"),
        ("POST",   f"/api/v1/transfers/{sold['provider transfer']}/start", {},
                                                                   "403  403  409  403  404  403  404  403  401  401"),
        *[("POST", f"/api/v1/transfers/{t}/{verb}", body,          "403  403  404  409  404  404  404  404  401  401")
          for verb, body in (("suspend", why), ("resume", {}))],
        ("POST",   f"/api/v1/transfers/{t}/complete", done,        "403  403  404  409  404  404  404  404  401  401"),
        ("GET",    f"/api/v1/transfers/{t}/data", None,            "403  403  403  404  403  404  403  404  401  401"),
        ("POST",   f"/api/v1/transfers/{t}/terminate", why,        "403  403  404  409  404  404  404  404  401  401"),
        ("GET",    "/api/v1/letters", None,                        "403  200  200  200  200  200  200  200  401  401"),
        ("POST",   f"/api/v1/letters/{n}/retry", None,             "403  403  404  404  404  404  404  404  401  401"),
        ("GET",    "/api/v1/history", None,                        "403  200  200  200  200  200  200  200  401  401"),
        ("GET",    "/api/v1/events?after=x", None,                 "403  403  400  400  400  400  400  400  401  401"),
        ("GET",    f"/api/v1/history?chain={n}", None,             "403  200  200  200  404  404  404  404  401  401"),
    )


def patterns(path):
    """The route that a path of the tables belongs to."""
    known = []
    for method, pattern in w_routes():
        want, have = pattern.split("/"), path.partition("?")[0].split("/")
        if len(want) == len(have) and all(a == b or a.startswith(":") for a, b in zip(want, have)):
            known.append((sum(a.startswith(":") for a in want), method, pattern))
    return {(m, p) for n, m, p in known if n == min(k[0] for k in known)}


_routes = []


def w_routes():
    if not _routes:
        _routes.extend(routes())
    return _routes


def ask_row(node, method, path, body, who):
    token = WHO[who] if who in ".x" else node.token(WHO[who])
    headers = {"Content-Type": "application/octet-stream"} if isinstance(body, bytes) else {}
    return ask(method, node.url + path, token if who != "x" else "raw:Bearer " + token, body, headers)


@case
def matrix_of_the_api(w):
    node = w.mine["node"]
    ids = {value: f"{{{owner}'s {name}}}" for owner in "ab" for name, value in w.mine[owner].items()}
    seen = set()
    show("role x route; " + ", ".join(f"{k} {v or 'no token'}" for k, v in WHO.items()))
    show(f"{'':>6} {'':58} " + "  ".join(f"{k:>3}" for k in WHO))
    for method, path, body, want in api_table(w):
        seen |= {(m, p) for m, p in patterns(path) if m == method}
        statuses, name = [], path
        for value, word in ids.items():
            name = name.replace(value, word)
        for who, status in zip(WHO, want.split()):
            before = node.rows("SELECT count(*) FROM leaf WHERE kind = ?", READ)[0][0]
            got = ask_row(node, method, path, body, who)
            statuses.append(str(got.status))
            same(f"{method} {name} by {WHO[who] or 'nobody'}", str(got.status), status)
            left = node.rows("SELECT count(*) FROM leaf WHERE kind = ?", READ)[0][0] - before
            read = who == "R" and got.status in (200, 404) and path not in ("/health", "/metrics", "/api/v1/self")
            same(f"leaves of {method} {name} by {WHO[who] or 'nobody'}", left, 1 if read else 0)
            if got.status >= 400:
                check(f"{method} {name} by {WHO[who] or 'nobody'}: a code and a text", got.code and got.json.get("text"), got)
        show(f"{method:>6} {name.partition('?')[0]:58} " + "  ".join(statuses))
    w.mine["seen"] = seen


@case
def lists_show_what_is_ones_own(w):
    node = w.mine["node"]
    for path, name in (("/products", "products"), ("/negotiations", "negotiations"), ("/agreements", "agreements"), ("/transfers", "transfers"),
                       ("/letters", "letters")):
        for party in "abc":
            for role in ("provider", "consumer"):
                got = node.get(path, f"{role}:{party}")
                if got.status == 403:
                    continue
                owners = {row.get("party", party) for row in got.json[name]}
                check(f"{path} of {role}:{party}", owners <= {party}, owners)
        everything = node.get(path, "regulator").json[name]
        check(f"{path} of the regulator", name == "letters" or {row["party"] for row in everything} >= {"a", "b"}, everything)
    for party in "abc":
        for role in ("provider", "consumer"):
            leaves = node.get("/history", f"{role}:{party}").json["leaves"]
            check(f"history of {role}:{party}", {leaf["party"] for leaf in leaves} <= {node.did(party)}, leaves)
    other = w.mine["b"]["negotiation"]
    same("the chain of another party", node.get(f"/history?chain={other}", "consumer:c").status, 404)


def dsp_table(w):
    node, own = w.mine["node"], w.mine["b"]
    n, t = own["provider negotiation"], own["provider transfer"]
    ids = {"providerPid": n, "consumerPid": own["negotiation"]}
    moves = {"providerPid": t, "consumerPid": own["transfer"]}
    product = node.get("/products", "provider:a").json["products"][-1]
    offer = {"@id": product["offer"], "@type": "Offer", "target": product["id"], "permission": [{"action": "use"}]}
    agreement = {"@id": own["agreement"], "@type": "Agreement", "target": product["id"], "assigner": node.did("a"), "assignee": node.did("b"),
                 "timestamp": "2026-01-01T00:00:00Z", "permission": [{"action": "use"}]}
    base = "/p/a/dsp/2025-1"
    event = dsp("ContractNegotiationEventMessage", eventType="ACCEPTED", **ids)
    #                                                                                               nobody API  b    c
    return (
        ("GET", "/p/a/did.json", None,                                                              "200  200  200  200"),
        ("GET", "/p/a/dsp/.well-known/dspace-version", None,                                        "200  200  200  200"),
        ("POST", base + "/catalog/request", dsp("CatalogRequestMessage"),                           "200  401  200  200"),
        ("GET", base + "/catalog/datasets/" + quote("urn:p:a"), None,                               "200  401  200  200"),
        ("GET", f"{base}/negotiations/{n}", None,                                                   "404  404  200  404"),
        ("GET", f"{base}/negotiations/none", None,                                                  "404  404  404  404"),
        ("POST", base + "/negotiations/request", dsp("ContractRequestMessage", consumerPid=pid(), offer={**offer, "@id": "urn:none"},
                                                     callbackAddress=node.base("b")),               "404  404  400  400"),
        ("POST", base + "/negotiations/offers", dsp("ContractOfferMessage", providerPid=pid(), callbackAddress=node.base("b"),
                                                    offer={k: v for k, v in offer.items() if k != "target"}), "404  404  400  400"),
        ("POST", f"{base}/negotiations/{n}/request", dsp("ContractRequestMessage", offer=offer, callbackAddress=node.base("b"), **ids),
                                                                                                    "404  404  400  404"),
        ("POST", f"{base}/negotiations/{n}/offers", dsp("ContractOfferMessage", offer=offer, callbackAddress=node.base("b"), **ids),
                                                                                                    "404  404  400  404"),
        ("POST", f"{base}/negotiations/{n}/agreement", dsp("ContractAgreementMessage", agreement=agreement, **ids),
                                                                                                    "404  404  400  404"),
        ("POST", f"{base}/negotiations/{n}/events", event,                                          "404  404  400  404"),
        ("POST", f"{base}/negotiations/{n}/agreement/verification", dsp("ContractAgreementVerificationMessage", **ids),
                                                                                                    "404  404  400  404"),
        ("POST", f"{base}/negotiations/{n}/termination", dsp("ContractNegotiationTerminationMessage", **ids),
                                                                                                    "404  404  400  404"),
        ("GET", f"{base}/transfers/{t}", None,                                                      "404  404  200  404"),
        ("POST", base + "/transfers/request", dsp("TransferRequestMessage", consumerPid=pid(), agreementId=own["agreement"] + "x",
                                                  format="HttpData-PULL", callbackAddress=node.base("b")), "404  404  400  400"),
        ("POST", f"{base}/transfers/{t}/start", dsp("TransferStartMessage", **moves),               "404  404  400  404"),
        ("POST", f"{base}/transfers/{t}/suspension", dsp("TransferSuspensionMessage", **moves),     "404  404  400  404"),
        ("POST", f"{base}/transfers/{t}/completion", dsp("TransferCompletionMessage", **moves),     "404  404  200  404"),
        ("POST", f"{base}/transfers/{t}/termination", dsp("TransferTerminationMessage", **moves),   "404  404  400  404"),
        ("GET", f"/p/a/data/{t}", None,                                                             "401  404  404  404"),
        ("POST", f"/p/a/push/{t}", {},                                                              "401  404  404  404"),
    )


@case
def matrix_of_the_protocol(w):
    node = w.mine["node"]
    keys = {party: Key(node.did(party), *node.seed(party)) for party in "bc"}
    show(f"{'':>6} {'':58} nobody  an API token  peer b  peer c")
    for method, path, body, want in dsp_table(w):
        content = None if body is None else json.dumps(body).encode()
        w.mine["seen"] |= {(m, p) for m, p in patterns(path) if m == method}
        askers = (("nobody", None), ("API token", node.token("consumer:b")), ("b", keys["b"]), ("c", keys["c"]))
        name = path.replace(w.mine["b"]["provider negotiation"], "{negotiation}").replace(w.mine["b"]["provider transfer"], "{transfer}")
        statuses = []
        for (who, key), status in zip(askers, want.split()):
            token = key.token(node.did("a"), content or b"") if isinstance(key, Key) else key
            got = ask(method, node.url + path, token, content)
            statuses.append(str(got.status))
            same(f"{method} {name} by {who}", str(got.status), status)
        show(f"{method:>6} {name:58}    {statuses[0]}           {statuses[1]}     {statuses[2]}     {statuses[3]}")


@case
def every_route_is_in_a_table(w):
    for method, pattern in w_routes():
        check(f"{method} {pattern}", (method, pattern) in w.mine["seen"])


@case
def methods_and_paths(w):
    node = w.mine["node"]
    rows = (("PUT", "/api/v1/parties", 405), ("DELETE", "/api/v1/parties", 405), ("GET", "/api/v1/uploads", 405), ("GET", "/", 404),
            ("GET", "/api/v1/", 404), ("GET", "/api/v1/none", 404), ("GET", "/api/v2/self", 404), ("GET", "/p/a/", 404),
            ("GET", "/p/a/dsp/2025-1/negotiations/", 404), ("GET", "/api/v1/../../hutong.db", 404), ("GET", "/p/a/data/..%2f..%2fhutong.db", 401),
            ("GET", "/api/v1/self?x=1", 400), ("GET", "/api/v1/parties?most=0", 400), ("GET", "/api/v1/parties?most=1001", 400),
            ("GET", "/api/v1/parties?after=x", 400), ("GET", "/api/v1/negotiations/%ff", 404))
    for method, path, want in rows:
        got = ask(method, node.url + path, None if "/data/" in path else node.operator)
        same(f"{method} {path}", got.status, want)
        if want == 405:
            check(f"{method} {path}: Allow", got.headers.get("Allow"), got.headers)
