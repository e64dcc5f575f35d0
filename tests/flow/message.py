"""Bad messages on the routes of the protocol: typed 4xx, or 404, and nothing is changed."""
import json
import socket

from check import case, check, need, same, soon
from node import ask, quote
from peer import Peer, dsp, pid


@case
def begin(w):
    node = w.mine["node"] = w.node("node", "--retry-most", "200ms")
    node.party("a")
    w.mine["product"] = node.publish("a", "urn:p", b"bytes")
    w.mine["hidden"] = node.publish("a", "urn:hidden", b"bytes", audience=["did:web:nobody.example"])
    w.mine["peer"], w.mine["other"] = Peer(w, "peer"), Peer(w, "other")
    w.mine["did"], w.mine["base"] = node.did("a"), node.url + "/p/a/dsp/2025-1"


def say(w, path, message, who="peer"):
    return w.mine[who].post(w.mine["base"] + path, w.mine["did"], message)


def quiet(w):
    """Waits until the node has nothing on its way."""
    soon(lambda: not w.mine["node"].rows("SELECT count(*) FROM letter WHERE due_us < 9223372036854775807")[0][0])
    return w.mine["node"].state()


def refused(w, row, got, want, kind, before, code=None):
    """Whether an answer is a typed refusal and the store as it was."""
    same(f"{row}: status", got.status, want)
    if got.status in (404, 405):
        check(f"{row}: tells nothing", len(got.body) < 200, got)
    elif got.status != 201 and got.status != 200:
        same(f"{row}: @type", got.json.get("@type"), kind)
        check(f"{row}: code and reason", got.json.get("code") and got.json.get("reason"), got)
    if code:
        same(f"{row}: code", got.json.get("code"), code)
    after = quiet(w)
    for table in before:
        same(f"{row}: table {table}", after[table] == before[table], True)


def without(message, *path):
    copy = json.loads(json.dumps(message))
    at = copy
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return copy


def changed(message, value, *path):
    copy = json.loads(json.dumps(message))
    at = copy
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return copy


def deep(n):
    return b"[" * n + b"]" * n


@case
def first_messages(w):
    peer = w.mine["peer"]
    good = peer.request(w.mine["product"])
    text = json.dumps(good).encode()
    before = quiet(w)
    rows = [
        ("nothing", b"", 400, None), ("half", text[:-20], 400, "json"), ("two", text + text, 400, "json"), ("no UTF-8", text.replace(b"urn:p", b"\xff\xfe"), 400, "json"),
        ("NUL", text.replace(b"urn:p", b"\\u0000"), 400, None), ("half a surrogate pair", text.replace(b"urn:p", b"\\ud800"), 400, "json"),
        ("an array", b"[]", 400, None), ("null", b"null", 400, None), ("a text", b'"x"', 400, None), ("a number beyond all", b'{"x":1e999}', 400, "json"),
        ("too large", b'{"x":"' + b"x" * (300 << 10) + b'"}', 413, None), ("deep", b'{"x":' + deep(40) + b"}", 400, "too_deep"),
        ("very deep", b'{"x":' + deep(100_000) + b"}", 400, "too_deep"), ("many values", b'{"x":[' + b"1," * 20_000 + b"1]}", 400, "too_many"),
        ("a member twice", text[:-1] + b',"consumerPid":"urn:x"}', 400, "duplicate_key"),
        ("a member twice, below", text.replace(b'"target"', b'"@id": "urn:x", "target"'), 400, "duplicate_key"),
        ("a member twice, escaped", text[:-1] + b',"consumer\\u0050id":"urn:x"}', 400, "duplicate_key"),
        ("another type", changed(good, "ContractAgreementMessage", "@type"), 400, None), ("no type", without(good, "@type"), 400, "member_missing"),
        ("no context", without(good, "@context"), 400, None), ("another context", changed(good, ["https://w3id.org/dspace/2024/1/context.json"], "@context"), 400, "context"),
        ("no consumerPid", without(good, "consumerPid"), 400, "member_missing"), ("no offer", without(good, "offer"), 400, "member_missing"),
        ("no callbackAddress", without(good, "callbackAddress"), 400, "member_missing"), ("no offer id", without(good, "offer", "@id"), 400, "member_missing"),
        ("no target", without(good, "offer", "target"), 400, "member_missing"), ("offer is a text", changed(good, "x", "offer"), 400, "member_type"),
        ("offer of another type", changed(good, "Set", "offer", "@type"), 400, None), ("no permission", without(good, "offer", "permission"), 400, "member_missing"),
        ("permission is a text", changed(good, "use", "offer", "permission"), 400, "member_type"), ("pid is a number", changed(good, 7, "consumerPid"), 400, "member_type"),
        ("pid is empty", changed(good, "", "consumerPid"), 400, None), ("pid is long", changed(good, "x" * 5000, "consumerPid"), 400, "member_value"),
        ("@id is an object", changed(good, {}, "@id"), 400, "member_type"), ("@id is long", changed(good, "x" * 5000, "@id"), 400, "member_value"),
        ("unknown offer", changed(good, "urn:none", "offer", "@id"), 400, "offer_unknown"),
        ("offer of another's", changed(good, w.mine["hidden"]["offer"], "offer", "@id"), 400, "offer_unknown"),
        ("another target", changed(good, "urn:q", "offer", "target"), 400, "offer_unknown"),
        ("callback is no address", changed(good, "nowhere", "callbackAddress"), 400, "member_value"),
        ("callback of another scheme", changed(good, "ftp://localhost/x", "callbackAddress"), 400, "member_value"),
        ("callback with a user", changed(good, "http://u@localhost/x", "callbackAddress"), 400, "member_value"),
        ("callback in a private range", changed(good, "http://10.1.2.3/x", "callbackAddress"), 400, "address_forbidden"),
        ("callback at metadata", changed(good, "http://169.254.169.254/x", "callbackAddress"), 400, "address_forbidden"),
    ]
    for row, message, want, code in rows:
        refused(w, row, say(w, "/negotiations/request", message), want, "ContractNegotiationError", before, code)
    body = json.dumps(good).encode()
    got = ask("POST", w.mine["base"] + "/negotiations/request", peer.key.token(w.mine["did"], body), body, {"Content-Type": "text/plain"})
    refused(w, "another media type", got, 415, "ContractNegotiationError", before)
    got = ask("POST", w.mine["base"] + "/negotiations/request", peer.key.token(w.mine["did"], body), body, {"Content-Type": "application/ld+json; charset=utf-8"})
    same("application/ld+json is taken", got.status, 201)
    need("it comes to an agreement", soon(lambda: peer.came("/agreement$")))


@case
def catalog_requests(w):
    good = dsp("CatalogRequestMessage")
    before = quiet(w)
    rows = (("half", b"{", 400), ("another type", changed(good, "X", "@type"), 400), ("a filter", {**good, "filter": [{"x": 1}]}, 400),
            ("a member twice", b'{"@type":"x","@type":"y"}', 400), ("deep", deep(50), 400), ("too large", b" " * (300 << 10), 413))
    for row, message, want in rows:
        refused(w, row, say(w, "/catalog/request", message), want, "CatalogError", before)
    same("an empty filter is none", say(w, "/catalog/request", {**good, "filter": []}).status, 200)
    got = w.mine["peer"].get(w.mine["base"] + "/catalog/datasets/" + quote("urn:hidden"), w.mine["did"])
    refused(w, "a product for somebody else", got, 404, "CatalogError", before)


def agreed(w):
    """A negotiation in AGREED, and its ids."""
    peer = w.mine["peer"]
    message = peer.request(w.mine["product"])
    got = say(w, "/negotiations/request", message)
    need("a negotiation", got.status == 201, got)
    ids = {"providerPid": got.json["providerPid"], "consumerPid": message["consumerPid"]}
    came = soon(lambda: [r for r in peer.came("/agreement$") if r.json["consumerPid"] == ids["consumerPid"]])
    need("the agreement came", came)
    quiet(w)
    return message, ids, came[0].json


@case
def later_messages(w):
    peer, node = w.mine["peer"], w.mine["node"]
    first, ids, agreement = agreed(w)
    w.mine["ids"], w.mine["agreement"] = ids, agreement["agreement"]["@id"]
    at = "/negotiations/" + quote(ids["providerPid"])
    verify = dsp("ContractAgreementVerificationMessage", **ids)
    event = dsp("ContractNegotiationEventMessage", eventType="ACCEPTED", **ids)
    before = quiet(w)
    rows = (
        ("accepted in AGREED", at + "/events", event, "peer", 400, "state"),
        ("finalized by the consumer", at + "/events", changed(event, "FINALIZED", "eventType"), "peer", 400, None),
        ("an unknown event", at + "/events", changed(event, "DONE", "eventType"), "peer", 400, "member_value"),
        ("agreement by the consumer", at + "/agreement", {**agreement, "@id": pid()}, "peer", 400, "state"),
        ("verification of another pid", at + "/agreement/verification", changed(verify, pid(), "consumerPid"), "peer", 400, "pids"),
        ("verification of another process", at + "/agreement/verification", changed(verify, pid(), "providerPid"), "peer", 400, "pids"),
        ("verification without pid", at + "/agreement/verification", without(verify, "consumerPid"), "peer", 400, "member_missing"),
        ("verification by somebody else", at + "/agreement/verification", verify, "other", 404, None),
        ("termination by somebody else", at + "/termination", dsp("ContractNegotiationTerminationMessage", **ids), "other", 404, None),
        ("verification of no process", "/negotiations/" + quote(pid()) + "/agreement/verification", verify, "peer", 404, None),
        ("a termination with a wrong reason", at + "/termination", dsp("ContractNegotiationTerminationMessage", reason="x", **ids), "peer", 400, "member_type"),
        ("a transfer message for a negotiation", at.replace("negotiations", "transfers") + "/start", dsp("TransferStartMessage", **ids), "peer", 404, None),
        ("a transfer before the end", "/transfers/request", dsp("TransferRequestMessage", consumerPid=pid(), agreementId=w.mine["agreement"],
         format="HttpData-PULL", callbackAddress=peer.base), "peer", 400, "agreement_over"),
        ("half a verification", at + "/agreement/verification", json.dumps(verify).encode()[:-9], "peer", 400, "json"),
    )
    for row, path, message, who, want, code in rows:
        refused(w, row, say(w, path, message, who), want, "TransferError" if path.startswith("/transfers") else "ContractNegotiationError", before, code)
    got = peer.get(w.mine["base"] + at, w.mine["did"])
    same("the peer sees its state", (got.status, got.json.get("state")), (200, "AGREED"))
    same("somebody else does not", w.mine["other"].get(w.mine["base"] + at, w.mine["did"]).status, 404)
    # Duplicates: the first message again, with a new token, is the same process; the state stays.
    got = say(w, "/negotiations/request", first)
    same("the request again", (got.status, got.json.get("providerPid"), got.json.get("state")), (201, ids["providerPid"], "AGREED"))
    same("nothing is changed by it", {k: v for k, v in quiet(w).items() if k != "seen"}, {k: v for k, v in before.items() if k != "seen"})
    same("somebody else's pid is another process", say(w, "/negotiations/request", {**first, "callbackAddress": w.mine["other"].base}, "other").status, 201)
    same("verification", say(w, at + "/agreement/verification", verify).status, 200)
    need("finalized", soon(lambda: [r for r in peer.came("/events$") if r.json["consumerPid"] == ids["consumerPid"]]))
    before = quiet(w)
    same("verification again", say(w, at + "/agreement/verification", verify).status, 200)
    refused(w, "verification with another @id", say(w, at + "/agreement/verification", {**verify, "@id": pid()}), 400, "ContractNegotiationError", before, "state")
    refused(w, "termination after the end", say(w, at + "/termination", dsp("ContractNegotiationTerminationMessage", **ids)), 400, "ContractNegotiationError", before, "state")


@case
def transfer_messages(w):
    peer = w.mine["peer"]
    good = dsp("TransferRequestMessage", consumerPid=pid(), agreementId=w.mine["agreement"], format="HttpData-PULL", callbackAddress=peer.base)
    before = quiet(w)
    rows = (
        ("unknown agreement", changed(good, pid(), "agreementId"), "peer", 400, "agreement_unknown"), ("agreement of somebody else", good, "other", 400, "agreement_unknown"),
        ("another format", changed(good, "HttpData-PUSH", "format"), "peer", 400, "format_unknown"), ("no format", without(good, "format"), "peer", 400, "member_missing"),
        ("no callback", without(good, "callbackAddress"), "peer", 400, "member_missing"),
        ("callback in a private range", changed(good, "http://192.168.1.1/x", "callbackAddress"), "peer", 400, "address_forbidden"),
        ("address without type", {**good, "dataAddress": {}}, "peer", 400, None), ("address is a text", {**good, "dataAddress": "x"}, "peer", 400, "member_type"),
    )
    for row, message, who, want, code in rows:
        refused(w, row, say(w, "/transfers/request", message, who), want, "TransferError", before, code)
    got = say(w, "/transfers/request", good)
    need("a transfer", got.status == 201, got)
    ids = {"providerPid": got.json["providerPid"], "consumerPid": good["consumerPid"]}
    came = soon(lambda: peer.came("/transfers/.*/start$"))
    need("it starts", came)
    at = "/transfers/" + quote(ids["providerPid"])
    address = came[0].json["dataAddress"]
    before = quiet(w)
    rows = (
        ("start by the consumer", at + "/start", dsp("TransferStartMessage", **ids), "peer", 400, "state"),
        ("completion by somebody else", at + "/completion", dsp("TransferCompletionMessage", **ids), "other", 404, None),
        ("completion of another pid", at + "/completion", dsp("TransferCompletionMessage", **{**ids, "consumerPid": pid()}), "peer", 400, "pids"),
        ("suspension by somebody else", at + "/suspension", dsp("TransferSuspensionMessage", **ids), "other", 404, None),
    )
    for row, path, message, who, want, code in rows:
        refused(w, row, say(w, path, message, who), want, "TransferError", before, code)
    token = next(p["value"] for p in address["endpointProperties"] if p["name"].endswith("authorization"))
    url = address.get("endpoint") or next(p["value"] for p in address["endpointProperties"] if p["name"].endswith("endpoint"))
    for row, value, want in (("the right token", token, (200,)), ("with its scheme", "Bearer " + token, (200,)), ("another", "x" + token[1:], (401, 403, 404)),
                             ("none", None, (401,)), ("longer", token + "x", (401, 403, 404)), ("empty", "Bearer ", (401, 403, 404))):
        got = ask("GET", url, value if value is None or " " in value else "raw:" + value)
        check(f"data by {row}", got.status in want, got)
        check(f"bytes by {row}", (got.body == b"bytes") == (got.status == 200), got)
    got = ask("GET", url, token, headers={"Range": "bytes=1-2"})
    check("a part", (got.status, got.body) in ((206, b"yt"), (200, b"bytes")), got)
    same("suspension", say(w, at + "/suspension", dsp("TransferSuspensionMessage", **ids, reason=[{"message": "wait"}])).status, 200)
    before = quiet(w)
    same("no data while it is suspended", ask("GET", url, "raw:" + token).status, 409)
    refused(w, "suspension twice", say(w, at + "/suspension", dsp("TransferSuspensionMessage", **ids)), 400, "TransferError", before, "state")
    refused(w, "completion while it is suspended", say(w, at + "/completion", dsp("TransferCompletionMessage", **ids)), 400, "TransferError", before, "state")
    same("the consumer resumes", say(w, at + "/start", dsp("TransferStartMessage", **ids)).status, 200)
    same("the same token opens", ask("GET", url, "raw:" + token).status, 200)
    same("completion", say(w, at + "/completion", dsp("TransferCompletionMessage", **ids)).status, 200)
    same("completion again, as another message: the same state", say(w, at + "/completion", dsp("TransferCompletionMessage", **ids)).status, 200)
    before = quiet(w)
    refused(w, "termination after completion", say(w, at + "/termination", dsp("TransferTerminationMessage", **ids)), 400, "TransferError", before, "state")
    check("no data after it", ask("GET", url, token).status in (401, 403, 404, 409))


@case
def terminated_by_the_peer(w):
    peer, node = w.mine["peer"], w.mine["node"]
    first, ids, agreement = agreed(w)
    at = "/negotiations/" + quote(ids["providerPid"])
    got = say(w, at + "/termination", dsp("ContractNegotiationTerminationMessage", code="no", reason=["理由", {"x": 1}], **ids))
    same("termination", got.status, 200)
    got = node.get(at, "provider:a")
    same("TERMINATED", got.json["state"], "TERMINATED")
    check("its code and reason in words", "no" in got.json["reason"] and "理由" in got.json["reason"], got.json["reason"])
    same("again", say(w, at + "/termination", dsp("ContractNegotiationTerminationMessage", **ids)).status, 200)
    before = quiet(w)
    refused(w, "verification after it", say(w, at + "/agreement/verification", dsp("ContractAgreementVerificationMessage", **ids)), 400, "ContractNegotiationError", before, "state")
    first, ids, agreement = agreed(w)
    got = node.run("provider:a", "negotiation", "terminate", ids["providerPid"], "--reason", "ours")
    check("in AGREED the provider may not", got.code == 1 and "(state)" in got.err, got)
    peer.on("POST", ".*/negotiations/[^/]+/agreement", (503, {}, {}))
    message = peer.request(w.mine["product"])
    ids = say(w, "/negotiations/request", message).json
    got = node.run("provider:a", "negotiation", "terminate", ids["providerPid"], "--reason", "ours")
    same("while the agreement is on its way: exit status", got.code, 0)
    came = soon(lambda: [r for r in peer.came("/termination$") if r.json["consumerPid"] == ids["consumerPid"]])
    check("it is said to the peer", came and came[0].json["reason"] == ["ours"], came)


@case
def other_terms_than_offered(w):
    """A request whose terms are not those of the offer is received, and answered by TERMINATE with the reason."""
    peer = w.mine["peer"]
    message = changed(peer.request(w.mine["product"]), [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "gt",
                                                                                             "rightOperand": "2020-01-01T00:00:00Z"}]}], "offer", "permission")
    same("received", say(w, "/negotiations/request", message).status, 201)
    came = soon(lambda: [r for r in peer.came("/negotiations/.*/termination$") if r.json["consumerPid"] == message["consumerPid"]])
    check("terminated with the reason", came and came[0].json["code"] == "offer_differs" and came[0].json["reason"], came)


@case
def refused_before_the_whole_body(w):
    """The same answer as to any other refusal, without a body that is kept for it."""
    node = w.mine["node"]
    port = int(node.url.rpartition(":")[2])
    before = quiet(w)
    head = b"POST /api/v1/products HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    bearer = b"Authorization: Bearer %s\r\n"
    waits = b"Content-Length: 200000\r\nExpect: 100-continue\r\n\r\n"
    chunks = b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n%s\r\n" % (b" " * 65536) * 5 + b"0\r\n\r\n"
    for row, data, want, code in (("too many chunks", head + bearer % node.token("provider:a").encode() + chunks, 413, "too_large"),
                                  ("no token", head + waits, 401, "token_missing"),
                                  ("a token of nobody", head + bearer % (b"x" * 43) + waits, 401, None),
                                  ("no such place", head.replace(b"products", b"nothing") + waits, 404, "not_found")):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
            s.sendall(data)
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        top, _, body = answer.partition(b"\r\n\r\n")
        same(f"{row}: status", top.split(b" ")[1], b"%d" % want)
        check(f"{row}: code", (json.loads(body or b"{}").get("code") == code) if code else json.loads(body)["code"], answer[:300])
    same("nothing is changed", quiet(w), before)


@case
def raw_requests(w):
    """What no client library sends."""
    node = w.mine["node"]
    port = int(node.url.rpartition(":")[2])
    before = quiet(w)
    rows = (
        ("no request line", b"\x00\x01\x02\r\n\r\n"), ("no version", b"GET /health\r\n\r\n"), ("no Host", b"GET /health HTTP/1.1\r\n\r\n"),
        ("two lengths", b"POST /api/v1/parties HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        ("length and chunks", b"POST /api/v1/parties HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a negative length", b"POST /api/v1/parties HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        ("a long header", b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
        ("many headers", b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 5000 + b"\r\n"),
        ("a long path", b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("two Authorizations", b"GET /api/v1/self HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nAuthorization: Bearer y\r\n\r\n"),
    )
    for row, data in rows:
        s = socket.create_connection(("127.0.0.1", port), timeout=2)
        answer = b""
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while piece := s.recv(65536):
                answer += piece
        except OSError:
            pass
        s.close()
        check(f"{row}: refused, or not answered at all", not answer or answer.split(b" ")[1][:1] == b"4", answer[:200])
        same(f"{row}: the node goes on", ask("GET", node.url + "/health").status, 200)
    same("nothing is changed", quiet(w), before)
