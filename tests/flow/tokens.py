"""Self-issued tokens of peers: each fault by itself, replays before and after a restart, trust, and documents."""
import json
import threading

from check import case, check, need, same, soon
from node import Background, ask, base64url, now_s, quote
from peer import Key, Peer, dsp


@case
def begin(w):
    node = w.mine["node"] = w.node("node")
    node.party("a", "b")
    w.mine["product"] = node.publish("a", "urn:p", b"bytes")
    w.mine["peer"], w.mine["other"] = Peer(w, "peer"), Peer(w, "other")
    w.mine["did"] = node.did("a")
    got = request(w)
    need("a good token", got.status == 201, got)
    w.mine["process"] = got.json["providerPid"]
    soon(lambda: w.mine["peer"].came("/agreement$"))


def request(w, key=None, body=None, sent=None, **changes):
    node = w.mine["node"]
    body = body or json.dumps(w.mine["peer"].request(w.mine["product"])).encode()
    return ask("POST", node.url + "/p/a/dsp/2025-1/negotiations/request", (key or w.mine["peer"].key).token(changes.pop("aud", w.mine["did"]), body, **changes), sent or body)


def quiet(node):
    soon(lambda: not node.rows("SELECT count(*) FROM letter WHERE due_us < 9223372036854775807")[0][0])
    return node.state()


@case
def each_fault(w):
    node, peer, other = w.mine["node"], w.mine["peer"], w.mine["other"]
    now = now_s()
    fresh = Key(peer.did)
    rows = (
        # row, key, changes of header, of claims, who signs
        ("alg none", None, {"alg": "none"}, {}, None), ("alg HS256", None, {"alg": "HS256"}, {}, None), ("alg ES256", None, {"alg": "ES256"}, {}, None),
        ("alg in lower case", None, {"alg": "eddsa"}, {}, None), ("no alg", None, {"alg": None}, {}, None), ("crit", None, {"crit": ["x"]}, {}, None),
        ("an embedded key", None, {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": fresh.public}}, {}, None), ("jku", None, {"jku": "http://localhost/"}, {}, None),
        ("x5c", None, {"x5c": ["x"]}, {}, None), ("no kid", None, {"kid": None}, {}, None), ("kid of somebody else", None, {"kid": other.key.kid}, {}, None),
        ("kid without fragment", None, {"kid": peer.did}, {}, None), ("kid that is not there", None, {"kid": peer.did + "#none"}, {}, None),
        ("iss of somebody else", None, {}, {"iss": other.did}, None), ("sub of somebody else", None, {}, {"sub": other.did}, None), ("no iss", None, {}, {"iss": None}, None),
        ("no sub", None, {}, {"sub": None}, None), ("aud of the other party", None, {}, {"aud": node.did("b")}, None), ("no aud", None, {}, {"aud": None}, None),
        ("aud is two", None, {}, {"aud": [w.mine["did"], node.did("b")]}, None), ("old", None, {}, {"iat": now - 1000, "exp": now - 700}, None),
        ("over by a little", None, {}, {"iat": now - 361, "exp": now - 62}, None), ("not yet", None, {}, {"iat": now + 100, "exp": now + 300}, None),
        ("too long", None, {}, {"exp": now + 1000}, None), ("no exp", None, {}, {"exp": None}, None), ("no iat", None, {}, {"iat": None}, None),
        ("exp is a text", None, {}, {"exp": str(now + 100)}, None),
        ("exp beyond numbers", None, {}, {"exp": 2 ** 63 - 1}, None), ("iat before numbers", None, {}, {"iat": -2 ** 63}, None),
        ("no jti", None, {}, {"jti": None}, None), ("empty jti", None, {}, {"jti": ""}, None), ("jti is a number", None, {}, {"jti": 7}, None),
        ("no body", None, {}, {"body": None}, None), ("body of another", None, {}, {"body": base64url(b"x" * 32)}, None), ("body is short", None, {}, {"body": "eA"}, None),
        ("signed by somebody else", None, {}, {}, other.key), ("signed by a fresh key", None, {}, {}, fresh),
        ("a did:web that cannot be", Key("did:web:127.0.0.1%3A1:p:x"), {}, {}, None), ("a did of another method", Key("did:key:z6Mk"), {}, {}, None),
    )
    before = quiet(node)
    for row, key, header, claims, signer in rows:
        got = request(w, key, header=header, claims=claims, signed_by=signer)
        check(f"{row}: 404, or 503 for a document that cannot be had", got.status == 404 or (got.status == 503 and "cannot be" in row), got)
        check(f"{row}: tells nothing", len(got.body) < (1000 if got.status == 503 else 100), got)
    same("nothing is changed", quiet(node), before)
    for row, value in (("no three parts", "Bearer a.b"), ("five parts", "Bearer a.b.c.d.e"), ("no base64url", "Bearer !.!.!"), ("empty parts", "Bearer .."),
                       ("large", "Bearer " + "x" * 9000 + ".x.x"), ("no scheme", "raw:x.y.z")):
        got = ask("POST", node.url + "/p/a/dsp/2025-1/negotiations/request", value, {"x": 1})
        check(f"{row}", got.status in (404, 431), got)
    same("nothing is changed by these", quiet(node), before)
    got = ask("POST", node.url + "/p/a/dsp/2025-1/catalog/request", peer.key.token(w.mine["did"], b"", header={"alg": "none"}), dsp("CatalogRequestMessage"))
    same("for a catalog it is 401", (got.status, got.json.get("@type")), (401, "CatalogError"))
    good = node.log()
    for word in ("token_alg", "token_issuer", "token_audience", "token_time", "token_key", "token_signature", "token_body", "token_shape"):
        check(f"the log says {word}", f'"{word}"' in good)


@case
def clocks_that_differ(w):
    for row, iat, exp in (("50 s ahead", 50, 350), ("50 s over", -350, -50)):
        same(row, request(w, claims={"iat": now_s() + iat, "exp": now_s() + exp}).status, 201)


@case
def replays(w):
    node, peer = w.mine["node"], w.mine["peer"]
    url = node.url + "/p/a/dsp/2025-1/negotiations/request"
    body = json.dumps(peer.request(w.mine["product"])).encode()
    token = peer.key.token(w.mine["did"], body)
    same("the first time", ask("POST", url, token, body).status, 201)
    before = quiet(node)
    same("the second time", ask("POST", url, token, body).status, 404)
    same("its jti in another token", request(w, claims={"jti": json.loads(_part(token))["jti"]}).status, 404)
    same("nothing is changed", quiet(node), before)
    read = peer.key.token(w.mine["did"])
    where = node.url + "/p/a/dsp/2025-1/negotiations/" + quote(w.mine["process"])
    same("a read", ask("GET", where, read).status, 200)
    same("the same token for a read", ask("GET", where, read).status, 404)
    early = peer.key.token(w.mine["did"], body, claims={"iat": now_s() - 10, "exp": now_s() + 280})
    node.again()
    url = node.url + "/p/a/dsp/2025-1/negotiations/request"
    before = quiet(node)
    other = json.dumps(peer.request(w.mine["product"])).encode()
    jti = json.loads(_part(token))["jti"]
    same("its jti with another request after a restart", request(w, body=other, claims={"jti": jti}).status, 404)
    after = quiet(node)
    same("nothing is changed after the restart", {k: v for k, v in after.items()}, before)
    same("the same request with a fresh token", ask("POST", url, early, body).status, 201)
    same("the same jti of another issuer", request(w, w.mine["other"].key, json.dumps(w.mine["other"].request(w.mine["product"])).encode(), claims={"jti": jti}).status, 201)


def _part(token):
    import base64
    return base64.urlsafe_b64decode(token.split(".")[1] + "==")


@case
def documents(w):
    """What the issuer's document says decides; one that cannot be had is 503."""
    node = w.mine["node"]
    rows = (
        ("not under authentication", lambda d: d.update(authentication=[]), 404), ("of somebody else", lambda d: d.update(id="did:web:other.example"), 503),
        ("no key", lambda d: d.update(verificationMethod=[]), 404), ("no JSON", None, 503), ("too large", lambda d: d.update(x="x" * (300 << 10)), 503),
        ("key of another kind", lambda d: d["verificationMethod"][0]["publicKeyJwk"].update(crv="X25519"), 404),
    )
    before = quiet(node)
    for n, (row, change, want) in enumerate(rows):
        peer = Peer(w, f"doc{n}")
        document = peer.document()
        if change:
            change(document)
        peer.on("GET", f"/p/doc{n}/did\\.json", (200, {}, document if change else b"{"))
        got = request(w, peer.key)
        check(f"{row}", got.status in (want, 404) and got.status != 201, got)
        if got.status == 503:
            check(f"{row}: Retry-After", got.headers.get("Retry-After"), got.headers)
    for row, answer in (("404", (404, {}, {})), ("500", (500, {}, {})), ("a redirect", (302, {"Location": w.mine["peer"].url + "/p/peer/did.json"}, {})), ("no answer", (None, {}, {}))):
        peer = Peer(w, "x" + row.replace(" ", ""))
        peer.on("GET", ".*did\\.json", answer)
        same(f"{row}: later", request(w, peer.key).status, 503)
    same("nothing is changed", quiet(node), before)
    asked = len(w.mine["peer"].came("did.json"))
    for _ in range(5):
        request(w, header={"kid": w.mine["peer"].did + "#unknown"})
    check("an unknown kid asks for the document at most once in 10 s", len(w.mine["peer"].came("did.json")) <= asked + 1, asked)


@case
def documents_wanted_at_once(w):
    """One fetch for all who want the same; few at once from one host."""
    node, peer, gate = w.mine["node"], Peer(w, "slow"), threading.Event()

    def slowly(r):
        gate.wait(8)
        return (200, {}, peer.document()) if r.path.startswith("/p/slow/") else (404, {}, {})

    peer.on("GET", ".*did\\.json", slowly)
    same_one = [Background(request, w, peer.key) for _ in range(8)]
    need("its document is asked for", soon(lambda: peer.came("/p/slow/did.json")))
    invented = [Background(request, w, Key(f"did:web:localhost%3A{peer.port}:p:none{n}")) for n in range(3)]
    need("and three of its neighbours", soon(lambda: len(peer.came("did.json")) == 4))
    got = request(w, Key(f"did:web:localhost%3A{peer.port}:p:none9"))
    same("one more of this host is told to come later", (got.status, got.code), (503, "busy"))
    same("another host is not held up", request(w, w.mine["other"].key).status, 201)
    gate.set()
    answers = [b.result(30) for b in same_one]
    check("all who waited go on", all(a.status == 201 for a in answers), answers)
    check("those of no document are told so", all(b.result(30).status == 503 for b in invented))
    same("fetched once", len(peer.came("/p/slow/did.json")), 1)


@case
def trust_by_list(w):
    peer, other = w.mine["peer"], w.mine["other"]
    node = w.node("list", "--trust", f"did:web:nobody.example,{peer.did}", "--allow-net", "127.0.0.0/8,::1/128")
    node.party("a")
    product = node.publish("a", "urn:p", b"bytes")
    for who, want in ((peer, 201), (other, 404)):
        body = json.dumps(who.request(product)).encode()
        got = ask("POST", node.url + "/p/a/dsp/2025-1/negotiations/request", who.key.token(node.did("a"), body), body)
        same(f"{who.name}", got.status, want)
    check("the log says why", "token_untrusted" in node.log())
    check("the document of an untrusted issuer is not asked for", "document_failed" not in node.log())
