"""Foreign peers of the peers file, with a fixed Authorization value both ways, as provider and as consumer."""
import json

from check import case, check, need, same, soon
from node import ask, quote
from peer import Peer, Seller, dsp, pid

OURS, THEIRS = "Secret of ours 7", "{\"region\":\"any\",\"x\":\"of theirs\"}"  # an Authorization of any form
CONTENT = b"foreign bytes" * 999


@case
def begin(w):
    seller, buyer = w.mine["seller"], w.mine["buyer"] = Seller(w, "seller", header=THEIRS), Peer(w, "buyer")
    seller.assigner = "foreign-seller"
    w.mine["peers"] = w.file("peers.json", json.dumps([
        {"id": "foreign-seller", "base": seller.base + "/", "send": "header:" + OURS, "accept": "header:" + THEIRS},
        {"id": "foreign-buyer", "base": buyer.base, "send": "header:to buyer", "accept": "header:from buyer"},
        {"id": "mixed", "base": "http://localhost:1/x", "send": "jwt", "accept": "jwt"}]))
    node = w.mine["node"] = w.node("node", "--peers", w.mine["peers"], "--retry-most", "100ms")
    node.party("a")
    seller.assignee = node.did("a")
    w.mine["product"] = node.publish("a", "urn:ours", CONTENT, audience=["foreign-buyer"])


@case
def get_from_a_foreign_provider(w):
    node, seller = w.mine["node"], w.mine["seller"]
    seller.sell("urn:theirs", CONTENT)
    got = node.run("consumer:a", "get", seller.base, "urn:theirs", "--yes", "-o", w.path("theirs.bin"), "--json")
    need("exit status", got.code == 0, (got, seller.said))
    with open(w.path("theirs.bin"), "rb") as f:
        check("the bytes", f.read() == CONTENT)
    same("the peer is known by its id", got.json["peer"], "foreign-seller")
    need("completed there too", soon(lambda: seller.came("/completion$")))
    sent = {r.headers.get("Authorization") for r in seller.got if "/dsp/" in r.path}
    same("each request carries the fixed value", sent, {OURS})
    same("its document is not asked for", seller.came("did.json"), [])
    agreement = node.get("/agreements", "consumer:a").json["agreements"][0]
    same("assigner", (agreement["peer"], agreement["policy"]["assigner"]), ("foreign-seller", "foreign-seller"))
    check("each message of theirs was taken", all(a.status == 200 for _, a in seller.said), seller.said)


@case
def a_foreign_consumer(w):
    node, buyer = w.mine["node"], w.mine["buyer"]
    url = node.url + "/p/a/dsp/2025-1"
    asks = lambda path, message: ask("POST", url + path, "raw:from buyer", message)
    got = asks("/catalog/request", dsp("CatalogRequestMessage"))
    same("what is for it alone", [d["@id"] for d in got.json.get("dataset", [])], ["urn:ours"])
    got = ask("POST", url + "/catalog/request", None, dsp("CatalogRequestMessage"))
    same("nobody else sees that", got.json.get("dataset", []), [])
    message = buyer.request(w.mine["product"])
    got = asks("/negotiations/request", message)
    need("request", got.status == 201, got)
    ids = {"providerPid": got.json["providerPid"], "consumerPid": message["consumerPid"]}
    at = "/negotiations/" + quote(ids["providerPid"])
    came = soon(lambda: buyer.came("/agreement$"))
    need("agreement", came)
    same("with the fixed value", came[0].headers.get("Authorization"), "to buyer")
    same("assignee", came[0].json["agreement"]["assignee"], "foreign-buyer")
    soon(lambda: not node.get("/letters", "provider:a").json["letters"])
    same("the seller's value is not the buyer's", ask("GET", url + at, "raw:" + THEIRS).status, 404)
    same("nor is any other", ask("GET", url + at, "raw:from buyes").status, 404)
    same("verification", asks(at + "/agreement/verification", dsp("ContractAgreementVerificationMessage", **ids)).status, 200)
    need("finalized", soon(lambda: buyer.came("/events$")))
    message = dsp("TransferRequestMessage", consumerPid=pid(), agreementId=came[0].json["agreement"]["@id"], format="HttpData-PULL", callbackAddress=buyer.base)
    got = asks("/transfers/request", message)
    need("transfer", got.status == 201, got)
    need("start", soon(lambda: buyer.came("/transfers/.*/start$")))
    address = buyer.came("/transfers/.*/start$")[0].json["dataAddress"]
    values = {p["name"]: p["value"] for p in address["endpointProperties"]}
    got = ask("GET", address["endpoint"], "raw:" + values["authorization"])
    check("the data", got.status == 200 and got.body == CONTENT, got.status)
    check("EDC's names are there too", values.get("https://w3id.org/edc/v0.0.1/ns/authorization") == values["authorization"], list(values))
    same("values of the peers file are in no log", [v for v in (OURS, "from buyer", "of theirs") if v in node.log()], [])


@case
def a_negotiation_that_stays_open(w):
    """A provider that takes the request and says nothing more: both ends by a person, and a wait that ends."""
    node, seller = w.mine["node"], w.mine["seller"]
    seller.refuses_to_agree = True
    seller.sell("urn:open", CONTENT)
    got = node.negotiate("a", seller.base, "urn:open", wait=1)
    same("the wait ends without an end", (got.status, got.json["state"], got.json["pending"]), (201, "REQUESTED", None))
    got = node.run("consumer:a", "negotiation", "terminate", got.json["id"], "--reason", "no more", "--json")
    same("by the consumer: exit status", got.code, 0)
    came = soon(lambda: seller.came("/negotiations/.*/termination$"))
    check("the provider hears it", came and came[0].json["reason"] == ["no more"], came)
    need("TERMINATED", soon(lambda: node.get("/negotiations/" + quote(got.json["id"]), "consumer:a").json["state"] == "TERMINATED"))
    got = node.negotiate("a", seller.base, "urn:open", wait=1)
    theirs = got.json["peerId"]
    seller.later(f"{node.base('a')}/negotiations/{got.json['id']}/termination", "", dsp("ContractNegotiationTerminationMessage", providerPid=theirs,
                 consumerPid=got.json["id"], code="gone", reason=["别再问"]))
    ended = soon(lambda: (lambda n: n.json if n.json["state"] == "TERMINATED" else None)(node.get("/negotiations/" + quote(got.json["id"]), "consumer:a")))
    check("by the provider: TERMINATED with its reason", ended and ended["reason"] == "gone: 别再问", ended)
    seller.refuses_to_agree = False


@case
def refusals_of_a_provider(w):
    """What a first request can meet, and what the user is told."""
    node, seller = w.mine["node"], w.mine["seller"]
    rows = (("400", (400, {}, {"@type": "ContractNegotiationError", "code": "nope", "reason": ["不卖"]}), 1, "TERMINATED"),)
    for row, answer, want, word in rows:
        seller.sell("urn:refused", CONTENT)
        seller.on("POST", ".*/negotiations/request", answer)
        got = node.run("consumer:a", "negotiate", seller.base, "--product", "urn:refused", "--yes", "--wait")
        same(f"{row}: exit status", got.code, want)
        check(f"{row}: says {word} and the reason", word in got.out + got.err and "不卖" in got.err, got)
    seller.on("POST", ".*/negotiations/request", (503, {"Retry-After": "1"}, {}))
    got = node.negotiate("a", seller.base, "urn:refused", wait=1)
    same("503 is no refusal", (got.json["state"], got.json["pending"]), ("REQUESTED", "request"))
    seller.on("POST", ".*/negotiations/request", seller.on_request)
    need("and goes on when it is over", soon(lambda: node.get("/negotiations/" + quote(got.json["id"]), "consumer:a").json["state"] == "FINALIZED", 30))
    ids = {r.json["@id"] for r in seller.came("/negotiations/request") if r.json["consumerPid"] == got.json["id"]}
    bodies = {r.body for r in seller.came("/negotiations/request") if r.json["consumerPid"] == got.json["id"]}
    same("each attempt had the same @id and the same bytes", (len(ids), len(bodies)), (1, 1))


@case
def agreements_that_are_not_what_was_asked(w):
    node, seller = w.mine["node"], w.mine["seller"]
    seller.refuses_to_agree = True
    seller.sell("urn:twisted", CONTENT)
    got = node.negotiate("a", seller.base, "urn:twisted", wait=1)
    first = next(r.json for r in seller.came("/negotiations/request") if r.json["consumerPid"] == got.json["id"])
    good = {"@id": pid(), "@type": "Agreement", "target": "urn:twisted", "assigner": "foreign-seller", "assignee": node.did("a"),
            "timestamp": "2026-01-01T00:00:00Z", "permission": [{"action": "use"}]}
    url = f"{node.url}/p/a/dsp/2025-1/negotiations/{got.json['id']}/agreement"
    before = node.state()
    rows = (
        ("swapped", {"assigner": node.did("a"), "assignee": "foreign-seller"}, "assigner"), ("another assigner", {"assigner": node.did("a")}, "assigner"), ("another assignee", {"assignee": "did:web:x.example"}, "assignee"),
        ("another target", {"target": "urn:x"}, "agreement_differs"), ("a constraint more", {"permission": [{"action": "use", "constraint": [
            {"leftOperand": "dateTime", "operator": "lt", "rightOperand": "2030-01-01T00:00:00Z"}]}]}, "agreement_differs"),
        ("another action", {"permission": [{"action": "sell"}]}, None), ("a prohibition", {"prohibition": [{"action": "use"}]}, None),
        ("no timestamp", {"timestamp": None}, "member_missing"), ("no time", {"timestamp": "now"}, "member_value"),
    )
    for row, change, code in rows:
        agreement = {k: v for k, v in {**good, **change}.items() if v is not None}
        answer = ask("POST", url, "raw:" + THEIRS, dsp("ContractAgreementMessage", providerPid=got.json["peerId"], consumerPid=got.json["id"], agreement=agreement))
        same(f"{row}: status", answer.status, 400)
        if code:
            same(f"{row}: code", answer.json.get("code"), code)
    same("nothing is changed", node.state(), before)
    answer = ask("POST", url, "raw:" + THEIRS, dsp("ContractAgreementMessage", providerPid=got.json["peerId"], consumerPid=got.json["id"], agreement=good))
    same("the right one", answer.status, 200)
    same("kept as it came", node.get("/agreements/" + quote(good["@id"]), "consumer:a").json["policy"], good)
    check("the offer was asked as it was offered", first["offer"]["@id"] == "urn:offer:urn:twisted", first)


@case
def edc_by_its_mock_identity(w):
    """The header is JSON with a name and proves nothing; ours says whom it is for."""
    says = {"region": "eu", "audience": "anything", "clientId": "edc-x"}
    seller = w.mine["edc"] = Seller(w, "edc", header=json.dumps(says))
    seller.assigner = "edc-x"
    node = w.node("mocked", "--retry-most", "100ms", "--peers", w.file("mocked.json", json.dumps([
        {"id": "edc-x", "base": seller.base, "send": "edc-mock:us", "accept": "edc-mock:edc-x"}])))
    node.party("a")
    seller.assignee = node.did("a")
    seller.sell("urn:theirs", CONTENT)
    got = node.run("consumer:a", "get", seller.base, "urn:theirs", "--yes", "-o", w.path("mocked.bin"), "--json")
    need("exit status", got.code == 0, (got, seller.said))
    sent = {r.headers.get("Authorization") for r in seller.got if "/dsp/" in r.path}
    same("one header with everything", len(sent), 1)
    same("what it says", json.loads(sent.pop()), {"region": "any", "audience": seller.base, "clientId": "us"})
    check("each message of theirs was taken", all(a.status == 200 for _, a in seller.said), seller.said)
    at = node.base("a") + "/negotiations/" + quote(node.get("/negotiations", "consumer:a").json["negotiations"][0]["id"])
    for row, header, want in (
            ("its own", says, 200), ("another audience", {**says, "audience": "x"}, 200), ("another name", {**says, "clientId": "edc-y"}, 404),
            ("no name", {"region": "eu"}, 404), ("a name that is no text", {**says, "clientId": ["edc-x"]}, 404)):
        same(row, ask("GET", at, "raw:" + json.dumps(header)).status, want)
