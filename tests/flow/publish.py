"""Publishing a file, what is refused, and who sees it."""
import http.client
import json
import os

from check import case, check, need, same, soon
from node import ask, quote, sha256
from peer import Key, dsp

SIZES = {"empty": 0, "one": 1, "large": 50 << 20}


@case
def files_of_sizes(w):
    node = w.mine["node"] = w.node("node", "--upload-max", "64M")
    node.party("a", "b", "c")
    content = w.mine["content"] = {name: (os.urandom(1 << 16) * (size // (1 << 16) + 1))[:size] for name, size in SIZES.items()}
    for name, size in SIZES.items():
        path = w.file(name + ".bin", content[name])
        got = node.run("provider:a", "product", "publish", path, "--party", "a", "--id", "urn:p:" + name, "--title", "标题 " + name, "--json")
        same(f"{name}: exit status", got.code, 0)
        if got.code == 0:
            same(f"{name}: size and hash", (got.json["size"], got.json["sha256"]), (size, sha256(content[name])))
        with open(f"{node.folder}/products/a/{sha256(content[name])}", "rb") as f:
            check(f"{name}: the file in the folder", f.read() == content[name])
    same("no temporary file is left", sorted(os.listdir(node.folder + "/products/a")), sorted(sha256(c) for c in content.values()))
    got = node.run("provider:a", "product", "ls", "--json")
    same("product ls", [(p["id"], p["file"], p["title"]) for p in got.json["products"]],
         [(f"urn:p:{n}", n + ".bin", "标题 " + n) for n in SIZES])


@case
def description_in_the_catalog(w):
    node = w.mine["node"]
    got = ask("GET", node.base("a").replace("localhost", "127.0.0.1") + "/catalog/datasets/" + quote("urn:p:large"))
    need("dataset", got.status == 200, got)
    one = got.json["distribution"][0]
    same("dcat:byteSize", one["dcat:byteSize"], SIZES["large"])
    same("spdx:checksum", one["spdx:checksum"]["spdx:checksumValue"], sha256(w.mine["content"]["large"]))
    same("format", one["format"], "HttpData-PULL")
    same("@id", got.json["@id"], "urn:p:large")


@case
def a_new_version(w):
    node = w.mine["node"]
    before = node.get("/products", "provider:a").json["products"]
    got = node.publish("a", "urn:p:one", b"two")
    same("version", got["version"], 2)
    check("another offer", got["offer"] not in [p["offer"] for p in before])
    ours = [p for p in node.run("consumer:b", "catalog", node.base("a"), "--json").json["datasets"] if p["id"] == "urn:p:one"]
    same("the catalog shows the newest only", [p["sha256"] for p in ours], [sha256(b"two")])


FEW = {"leftOperand": "count", "operator": "lteq", "rightOperand": {"@value": 5, "@type": "xsd:integer"}}


def deep(n):
    """A constraint at a depth of n."""
    return FEW if n == 1 else {"and": [deep(n - 1)]}


POLICIES = (
    # what, the policy, status, place
    ("bare use", {"permission": [{"action": "use"}]}, 201, None),
    ("one rule, no list", {"permission": {"action": "use"}}, 201, None),
    ("dateTime", {"permission": [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2030-01-01T00:00:00Z"}]}]},
     201, None),
    ("typed dateTime", {"permission": [{"action": "use", "constraint": [{"leftOperand": "odrl:dateTime", "operator": "odrl:lt", "rightOperand":
     {"@value": "2030-01-01T00:00:00+08:00", "@type": "xsd:dateTime"}}]}]}, 201, None),
    ("another action", {"permission": [{"action": "sell"}]}, 422, "/policy/permission/0/action"),
    ("a prohibition", {"permission": [{"action": "use"}], "prohibition": [{"action": "sell"}]}, 422, "/policy/prohibition/0/action"),
    ("an obligation", {"permission": [{"action": "use"}], "obligation": [{"action": "delete"}]}, 422, "/policy/obligation"),
    ("a duty", {"permission": [{"action": "use", "duty": [{"action": "pay"}]}]}, 422, "/policy/permission/0/duty"),
    ("another operand", {"permission": [{"action": "use", "constraint": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "CN"}]}]}, 422,
     "/policy/permission/0/constraint/0/leftOperand"),
    ("another operator", {"permission": [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "isAnyOf", "rightOperand":
     "2030-01-01T00:00:00Z"}]}]}, 422, "/policy/permission/0/constraint/0/operator"),
    ("no time", {"permission": [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "lt", "rightOperand": "tomorrow"}]}]}, 422,
     "/policy/permission/0/constraint/0/rightOperand"),
    ("a logical constraint", {"permission": [{"action": "use", "constraint": [{"or": []}]}]}, 422, "/policy/permission/0/constraint/0/or"),
    ("a count in an or", {"permission": [{"action": "use", "constraint": [{"or": [FEW, FEW]}]}]}, 201, None),
    ("a prohibition of use", {"permission": [{"action": "use"}], "prohibition": [{"action": "use", "constraint": [FEW]}]}, 201, None),
    ("8 deep", {"permission": [{"action": "use", "constraint": [deep(8)]}]}, 201, None),
    ("9 deep", {"permission": [{"action": "use", "constraint": [deep(9)]}]}, 422, "/policy/permission/0/constraint/0" + "/and/0" * 8),
    ("64 constraints", {"permission": [{"action": "use", "constraint": [FEW] * 64}]}, 201, None),
    ("65 constraints", {"permission": [{"action": "use", "constraint": [FEW] * 65}]}, 422, "/policy/permission/0/constraint/64"),
    ("a profile", {"profile": "x", "permission": [{"action": "use"}]}, 422, "/policy/profile"),
    ("a member of the rule", {"permission": [{"action": "use", "assignee": "x"}]}, 422, "/policy/permission/0/assignee"),
    ("no permission", {"permission": []}, 400, "/policy/permission"),
    ("nothing", {}, 400, "/policy/permission"),
    ("permission of another type", {"permission": "use"}, 400, "/policy/permission"),
    ("no action", {"permission": [{}]}, 400, "/policy/permission/0/action"),
    ("an @id", {"@id": "urn:x", "permission": [{"action": "use"}]}, 422, "/policy/@id"),
    ("an assignee", {"assignee": "did:web:x", "permission": [{"action": "use"}]}, 422, "/policy/assignee"),
    ("a target", {"target": "urn:x", "permission": [{"action": "use"}]}, 422, "/policy/target"),
)


@case
def policies(w):
    node = w.mine["node"]
    digest = sha256(w.mine["content"]["one"])
    for n, (row, policy, want, place) in enumerate(POLICIES):
        before = node.state()
        got = node.post("/products", "provider:a", {"party": "a", "id": f"urn:policy:{n}", "file": "f", "sha256": digest, "policy": policy})
        same(f"{row}: status", got.status, want)
        if got.status == 201:
            same(f"{row}: kept as it came", got.json["policy"], policy)
        else:
            same(f"{row}: place", got.json.get("place"), place)
            check(f"{row}: nothing is changed", node.state() == before)


@case
def policies_by_the_command(w):
    node = w.mine["node"]
    path = w.path("one.bin")
    got = node.run("provider:a", "product", "publish", path, "--id", "urn:x", "--policy", w.file("sell.json", json.dumps(POLICIES[4][1])))
    same("refused by policy: exit status", got.code, 1)
    check("names the place and the reason", "/policy/permission/0/action" in got.err and "policy_unsupported" in got.err, got.err)
    for row, content, want in (("no JSON", "{", 2), ("not an object", "[]", 2)):
        got = node.run("provider:a", "product", "publish", path, "--id", "urn:x", "--policy", w.file("bad.json", content))
        same(f"{row}: exit status", got.code, want)
    for row, args, want in (("no such file", [w.path("none")], 3), ("a folder", [w.folder], 3)):
        same(f"{row}: exit status", node.run("provider:a", "product", "publish", *args, "--id", "urn:x").code, want)
    same("no such policy file", node.run("provider:a", "product", "publish", path, "--id", "urn:x", "--policy", w.path("none")).code, 3)
    for row, args, word in (("audience", ["product", "publish", path, "--id", "urn:x", "--audience", "nobody"], "did:web:"),
                            ("id", ["product", "publish", path, "--id", "x" * 1025], "1024")):
        got = node.run("provider:a", *args)
        check(f"{row} that is refused: exit status, and what is allowed", got.code == 1 and word in got.err, got)
    for row, args, word in (("role", ["token", "new", "--role", "boss"], "regulator"), ("role without party", ["token", "new", "--role", "consumer"], "--party"),
                            ("party id", ["party", "add", "A b", "--name", "x"], "1 to 63 of a-z")):
        got = node.run("operator", *args)
        check(f"{row} that is refused: exit status, and what is allowed", got.code == 1 and word in got.err, got)
    same("as another party", node.run("provider:a", "product", "publish", path, "--id", "urn:x", "--party", "b").code, 1)
    same("as a consumer", node.run("consumer:a", "product", "publish", path, "--id", "urn:x").code, 1)
    dated = json.dumps(POLICIES[2][1])
    got = node.run("provider:a", "product", "publish", path, "--id", "urn:dated", "--policy", w.file("dated.json", dated), "--json")
    same("with dateTime", (got.code, got.code == 0 and got.json["policy"]), (0, POLICIES[2][1]))


LATER = {"leftOperand": "dateTime", "operator": "gteq", "rightOperand": "2999-01-01T00:00:00Z"}
PAST = {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2020-01-01T00:00:00Z"}
WHO = {"leftOperand": "recipient", "operator": "eq", "rightOperand": "did:web:nobody.example"}


@case
def terms_that_do_not_hold_now(w):
    node = w.mine["node"]
    use = lambda *constraints: [{"action": "use", "constraint": list(constraints)}]
    bare = [{"action": "use"}]
    rows = (("later", {"permission": use(LATER)}, "2999-01-01"), ("over", {"permission": use(PAST)}, "2020-01-01"),
            ("over, and for one", {"permission": use(WHO, PAST)}, "2020-01-01"), ("prohibited", {"permission": bare, "prohibition": bare}, "prohibited"),
            ("for one", {"permission": use(WHO)}, None), ("one of two", {"permission": use(PAST) + bare}, None),
            ("one of two in an or", {"permission": use({"or": [PAST, WHO]})}, None), ("not for one", {"permission": bare, "prohibition": use(WHO)}, None),
            ("not for one in time", {"permission": bare, "prohibition": use({"and": [PAST, WHO]})}, None))
    for row, policy, word in rows:
        got = node.run("provider:c", "product", "publish", w.path("one.bin"), "--id", "urn:then", "--policy", w.file("then.json", json.dumps(policy)))
        check(f"{row}: published", got.code == 0, got)
        check(f"{row}: {word}", ("nobody is shown it now" in got.err) == bool(word) and (word or "") in got.err, got)
    got = node.run("provider:c", "product", "publish", w.path("one.bin"), "--id", "urn:then", "--policy", w.file("then.json", json.dumps(rows[0][1])), "--json")
    check("beside a document", got.code == 0 and got.json["id"] == "urn:then" and "nobody" in got.err, got)
    got = node.run("provider:c", "product", "publish", w.path("one.bin"), "--id", "urn:then", env={"LANG": "zh_CN.UTF-8"})
    check("the terms of before, in Chinese", got.code == 0 and "无人可见" in got.err, got)
    got = node.run("consumer:c", "product", "publish", w.path("one.bin"), "--id", "urn:then")
    check("the role that may", got.code == 1 and "another role" in got.err and "provider" in got.err, got)


@case
def bad_products(w):
    node = w.mine["node"]
    digest = sha256(w.mine["content"]["one"])
    good = {"party": "a", "id": "urn:bad", "file": "f", "sha256": digest}
    rows = (("no id", {**good, "id": ""}, 400), ("id too long", {**good, "id": "x" * 1025}, 400), ("a control character", {**good, "id": "a\nb"}, 400),
            ("folder in the name", {**good, "file": "../f"}, 400), ("name of the folder above", {**good, "file": ".."}, 400),
            ("hash of nothing here", {**good, "sha256": "0" * 64}, 404), ("hash too short", {**good, "sha256": "0" * 63}, 400),
            ("no hex", {**good, "sha256": "z" * 64}, 400), ("audience of no DID", {**good, "audience": ["x"]}, 400),
            ("audience with a comma", {**good, "audience": ["did:web:a,did:web:b"]}, 400), ("audience of another type", {**good, "audience": "did:web:a"}, 400),
            ("a member more", {**good, "price": 1}, 400), ("policy of another type", {**good, "policy": []}, 400))
    for row, body, want in rows:
        same(row, node.post("/products", "provider:a", body).status, want)
    same("hash of another party's file", node.post("/products", "provider:b", {**good, "party": "b"}).status, 404)
    same("another media type", node.post("/products", "provider:a", good, headers={"Content-Type": "text/plain"}).status, 415)


@case
def bad_uploads(w):
    node = w.mine["node"]
    folder = node.folder + "/products/a"
    before = sorted(os.listdir(folder))
    port = int(node.url.rpartition(":")[2])
    token = node.token("provider:a")
    same("larger than --upload-max", ask("POST", node.api + "/uploads", token, b"", {"Content-Length": str(65 << 20)}).status, 413)
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    c.putrequest("POST", "/api/v1/uploads")
    c.putheader("Authorization", "Bearer " + token)
    c.putheader("Content-Length", str(1 << 20))
    c.endheaders(b"half of it")
    check("a temporary file while it comes", soon(lambda: [n for n in os.listdir(folder) if n.startswith("new-")]))
    c.close()
    check("no file of a broken upload", soon(lambda: sorted(os.listdir(folder)) == before), os.listdir(folder))
    # In chunks: the length is not said.
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    c.request("POST", "/api/v1/uploads", iter([b"abc", b"def"]), {"Authorization": "Bearer " + token}, encode_chunked=True)
    got = c.getresponse()
    same("an upload in chunks", (got.status, json.loads(got.read()).get("sha256")), (201, sha256(b"abcdef")))
    c.close()
    node.again()
    same("a start leaves a day for publishing", sorted(os.listdir(folder)), sorted(before + [sha256(b"abcdef")]))
    os.utime(folder + "/" + sha256(b"abcdef"), (1, 1))
    node.again()
    same("then it sweeps what no product names", sorted(os.listdir(folder)), before)


def catalog_of(node, key=None, party="a"):
    body = json.dumps(dsp("CatalogRequestMessage")).encode()
    got = ask("POST", f"{node.url}/p/{party}/dsp/2025-1/catalog/request", key and key.token(node.did(party), body), body)
    return got.status, {d["@id"] for d in got.json.get("dataset", [])}


@case
def audience(w):
    node = w.mine["node"]
    path = w.path("one.bin")
    only_b, b_and_c = node.did("b"), node.did("b") + "," + node.did("c")
    for product, who in (("urn:for:b", only_b), ("urn:for:b+c", b_and_c), ("urn:for:nobody", "did:web:nobody.example")):
        got = node.run("provider:a", "product", "publish", path, "--id", product, "--audience", who)
        same(f"publish {product}", got.code, 0)
    keys = {p: Key(node.did(p), *node.seed(p)) for p in "abc"}
    rows = (("anonymous", None, set()), ("b", keys["b"], {"urn:for:b", "urn:for:b+c"}), ("c", keys["c"], {"urn:for:b+c"}))
    for row, key, want in rows:
        status, found = catalog_of(node, key)
        same(f"catalog of {row}", (status, {p for p in found if p.startswith("urn:for:")}), (200, want))
        check(f"{row} sees what is for everybody", "urn:p:large" in found, found)
        for product in ("urn:for:b", "urn:for:b+c", "urn:for:nobody", "urn:p:one", "urn:none"):
            got = ask("GET", f"{node.url}/p/a/dsp/2025-1/catalog/datasets/{quote(product)}", key and key.token(node.did("a")))
            same(f"{product} for {row}", got.status, 200 if product in want or product == "urn:p:one" else 404)
    for party, want in (("b", {"urn:for:b", "urn:for:b+c"}), ("c", {"urn:for:b+c"})):
        got = node.run("consumer:" + party, "catalog", node.base("a"), "--json")
        same(f"hutong catalog as {party}", {d["id"] for d in got.json["datasets"] if d["id"].startswith("urn:for:")}, want)
    got = node.negotiate("c", node.base("a"), "urn:for:b")
    check("c cannot negotiate what it cannot see", got.status >= 400 and "urn:offer" not in str(got.json), got)
    got = node.run("consumer:c", "get", node.base("a"), "urn:for:b", "--yes", "-o", w.path("c.bin"))
    same("nor get it", got.code, 1)
