"""Two nodes that trade: agreements, transfers, their ends by either side, a peer that is away, and what both can say afterwards."""
import json
import os

from check import case, check, need, same, soon
from node import ask, quote, sha256

FILE = os.urandom(300_000)
PAST = {"permission": [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2020-01-01T00:00:00Z"}]}]}


@case
def two_nodes(w):
    allow = ("--allow-net", "127.0.0.0/8,::1/128")
    sell = w.mine["sell"] = w.node("sell", "--trust", "web", *allow, "--retry-most", "400ms")
    buy = w.mine["buy"] = w.node("buy", *allow, "--retry-most", "400ms")
    sell.party("bureau", "other")
    buy.party("fleet", "rival")
    w.mine["base"] = sell.base("bureau")
    path = w.file("plan.bin", FILE)
    got = sell.run("provider:bureau", "product", "publish", path, "--id", "urn:plan", "--title", "Plan")
    same("publish", got.code, 0)
    sell.publish("bureau", "urn:over", b"x", policy=PAST)
    for rights in ("consumer:fleet", "consumer:rival"):
        got = buy.run(rights, "catalog", w.mine["base"], "--json")
        same(f"catalog as {rights}: exit status", got.code, 0)
        same(f"catalog as {rights}: what can be agreed to", {d["id"]: d["size"] for d in got.json["datasets"]}, {"urn:plan": len(FILE)})
        same(f"whose catalog, {rights}", got.json["peer"], sell.did("bureau"))
    got = buy.run("consumer:fleet", "catalog", w.mine["base"] + "/", "--json")
    same("a slash at the end of BASE", got.code, 0)
    got = buy.run("consumer:fleet", "catalog", w.mine["base"])
    check("for people", got.code == 0 and "urn:plan" in got.out and "Plan" in got.out, got)
    for row, shown, over in (("catalog", got, False), ("product ls", sell.run("provider:bureau", "product", "ls"), True)):
        check(f"{row}: terms in words", "may be used, without conditions" in shown.out and ("may be used: until 2020-01-01 00:00 UTC" in shown.out) == over, shown)
    for row, base in (("of another node", sell.base("nobody")), ("of the own node", buy.base("nobody"))):
        for args in (("catalog", base), ("get", base, "urn:plan", "--yes", "-o", w.path("nobody.bin"))):
            got = buy.run("consumer:fleet", *args)
            same(f"{args[0]} of a party {row} that is not there: exit status", got.code, 1)
            check(f"{args[0]} of a party {row} that is not there: says so", "no such party" in got.err, got)


@case
def negotiate_and_wait(w):
    sell, buy = w.mine["sell"], w.mine["buy"]
    got = buy.run("consumer:fleet", "negotiate", w.mine["base"], "--product", "urn:plan", "--yes", "--wait", "--json")
    need("exit status", got.code == 0, got)
    same("state", got.json["state"], "FINALIZED")
    here = buy.run("consumer:fleet", "negotiation", "show", got.json["id"], "--json").json
    there = soon(lambda: (lambda g: g if g.json.get("state") == "FINALIZED" else None)(sell.get("/negotiations/" + quote(got.json["peerId"]), "provider:bureau")))
    need("the provider's side", there, sell.get("/negotiations", "provider:bureau"))
    there = there.json
    same("the pids of both", (there["id"], there["peerId"]), (here["peerId"], here["id"]))
    same("the peers of both", (there["peer"], here["peer"]), (buy.did("fleet"), sell.did("bureau")))
    agreements = [node.get("/agreements/" + quote(got.json["agreement"]), role).json for node, role in ((buy, "consumer:fleet"), (sell, "provider:bureau"))]
    same("one agreement, word for word", agreements[0]["policy"], agreements[1]["policy"])
    same("assigner and assignee", (agreements[0]["policy"]["assigner"], agreements[0]["policy"]["assignee"]), (sell.did("bureau"), buy.did("fleet")))
    same("target", agreements[0]["policy"]["target"], "urn:plan")
    for args in (("ls",), ("show", got.json["agreement"])):
        shown = buy.run("consumer:fleet", "agreement", *args)
        check(f"agreement {args[0]}: terms in words", shown.code == 0 and "may be used, without conditions" in shown.out, shown)
    w.mine["agreement"] = got.json["agreement"]
    got = buy.run("consumer:fleet", "negotiate", w.mine["base"], "--product", "urn:plan", "--yes", "--json")
    same("without --wait: exit status", got.code, 0)
    need("it comes to its end all the same", soon(lambda: buy.get("/negotiations/" + quote(got.json["id"]), "consumer:fleet").json["state"] == "FINALIZED"))
    w.mine["newest"] = buy.get("/negotiations/" + quote(got.json["id"]), "consumer:fleet").json["agreement"]
    for row, product, want in (("no such product", "urn:none", 1), ("not for us", "urn:over/..", 1)):
        got = buy.run("consumer:fleet", "negotiate", w.mine["base"], "--product", product, "--yes", "--wait")
        same(f"{row}: exit status", got.code, want)


@case
def get_a_file(w):
    sell, buy = w.mine["sell"], w.mine["buy"]
    target = w.path("got.bin")
    got = buy.run("consumer:fleet", "get", w.mine["base"], "urn:plan", "--yes", "-o", target, "--json")
    need("exit status", got.code == 0, got)
    with open(target, "rb") as f:
        check("the bytes", f.read() == FILE)
    with open(target + ".hutong.json", encoding="utf-8") as f:
        sidecar = w.mine["sidecar"] = json.load(f)
    same("--json prints the sidecar", got.json, sidecar)
    same("sidecar: hash, size, checked", (sidecar["sha256"], sidecar["size"], sidecar["checked"]), (sha256(FILE), len(FILE), True))
    same("sidecar: source", (sidecar["base"], sidecar["peer"], sidecar["product"]), (w.mine["base"], sell.did("bureau"), "urn:plan"))
    check("sidecar: time", sidecar["received"].startswith("20"), sidecar)
    same("the newest valid agreement is used again", sidecar["agreement"], w.mine["newest"])
    same("two agreements, as before", len(buy.get("/agreements", "consumer:fleet").json["agreements"]), 2)
    for node, role in ((buy, "consumer:fleet"), (sell, "provider:bureau")):
        done = soon(lambda: [t for t in node.get("/transfers", role).json["transfers"] if t["state"] == "COMPLETED" and not t["pending"]])
        same(f"{role}: completed", len(done), 1)
    same("no file is left besides", sorted(n for n in os.listdir(w.folder) if n.startswith((".hutong", "got"))), ["got.bin", "got.bin.hutong.json"])
    got = buy.run("consumer:fleet", "get", w.mine["base"], "urn:plan", "--yes", "-o", target)
    same("a file that is there: exit status", got.code, 2)
    check("says --force", "--force" in got.err, got)
    got = buy.run("consumer:fleet", "get", w.mine["base"], "urn:plan", "--yes", "-o", target, "--force", "--new", "--json")
    same("--new: exit status", got.code, 0)
    check("--new: another agreement", got.json["agreement"] not in (w.mine["agreement"], w.mine["newest"]), got)
    same("three agreements", len(buy.get("/agreements", "consumer:fleet").json["agreements"]), 3)
    got = buy.run("consumer:rival", "get", w.mine["base"], "urn:plan", "--yes", cwd=w.folder)
    same("another party needs its own agreement", (got.code, len(buy.get("/agreements", "consumer:rival").json["agreements"])), (0, 1))
    check("the name is made of the product's id", [n for n in os.listdir(w.folder) if n.endswith("plan")], os.listdir(w.folder))


@case
def policy_that_is_over(w):
    """The catalog does not show it; who knows of the offer and asks all the same hears why not."""
    buy = w.mine["buy"]
    for args in (("negotiate", w.mine["base"], "--product", "urn:over", "--yes", "--wait"), ("get", w.mine["base"], "urn:over", "--yes", "-o", w.path("over.bin"))):
        got = buy.run("consumer:fleet", *args)
        check(f"{args[0]}: the catalog has no such offer", got.code == 1 and "urn:over" in got.err and "catalog" in got.err, got)
    check("no file", not os.path.exists(w.path("over.bin")))
    offer = next(p["offer"] for p in w.mine["sell"].get("/products", "provider:bureau").json["products"] if p["id"] == "urn:over")
    for _ in range(2):
        got = buy.post("/negotiations", "consumer:fleet", {"base": w.mine["base"], "product": "urn:over", "offer": {"@id": offer, "@type": "Offer", **PAST}, "wait": 60}, timeout=90)
        check("TERMINATED, and the constraint is named", got.status == 201 and got.json["state"] == "TERMINATED" and "dateTime" in got.json["reason"] and
              "2020-01-01" in got.json["reason"], got)
    for node, role in ((buy, "consumer:fleet"), (w.mine["sell"], "provider:bureau")):
        def ended_here(node=node, role=role):
            found = [n for n in node.get("/negotiations", role).json["negotiations"] if n["product"] == "urn:over" and n["state"] == "TERMINATED" and not n["pending"]]
            return len(found) == 2 and found
        ended = soon(ended_here) or []
        check(f"{role}: both are TERMINATED", len(ended) == 2, ended)
        check(f"{role}: the reason names the constraint", ended and all("dateTime" in n["reason"] for n in ended), ended)
        same(f"{role}: no agreement on it", [a for a in node.get("/agreements", role).json["agreements"] if a["product"] == "urn:over"], [])


def both_terminated(w, machine, here, there):
    """Whether a process is TERMINATED at both sides."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    mine = buy.get(f"/{machine}/" + quote(here), "consumer:fleet").json
    theirs = sell.get(f"/{machine}/" + quote(there), "provider:bureau").json
    return mine["state"] == theirs["state"] == "TERMINATED" and not mine["pending"] and not theirs["pending"] and (mine, theirs)


@case
def transfers_end_by_either_side(w):
    sell, buy = w.mine["sell"], w.mine["buy"]
    for row, node, role in (("by the consumer", buy, "consumer:fleet"), ("by the provider", sell, "provider:bureau")):
        started = buy.transfer("fleet", w.mine["agreement"])
        need(f"{row}: started", started.status == 201 and started.json["state"] == "STARTED", started)
        address = started.json["dataAddress"]
        got = ask("GET", address["endpoint"], address["authorization"])
        same(f"{row}: the data are served", (got.status, got.body == FILE), (200, True))
        mine, theirs = started.json["id"], started.json["peerId"]
        got = node.run(role, "transfer", "terminate", mine if node is buy else theirs, "--reason", "不再需要 now", "--json")
        same(f"{row}: exit status", got.code, 0)
        ended = soon(lambda: both_terminated(w, "transfers", mine, theirs))
        need(f"{row}: both sides are TERMINATED", ended, (mine, theirs))
        check(f"{row}: the reason on both sides", all("不再需要 now" in (side["reason"] or "") for side in ended), ended)
        got = ask("GET", address["endpoint"], address["authorization"])
        check(f"{row}: the data are not served any more", got.status in (401, 403, 404, 409), got)
        got = node.run(role, "transfer", "terminate", mine if node is buy else theirs, "--reason", "again")
        same(f"{row}: twice", got.code, 1)


@case
def the_end_is_the_end(w):
    """How an open negotiation ends by either side: foreign.py, message.py."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    got = buy.negotiate("fleet", w.mine["base"], "urn:plan", wait=60)
    same("FINALIZED is the end", buy.run("consumer:fleet", "negotiation", "terminate", got.json["id"]).code, 1)
    same("for the provider too", sell.run("provider:bureau", "negotiation", "terminate", got.json["peerId"]).code, 1)


@case
def a_peer_that_is_away(w):
    """Letters wait for a peer, and go when it is back."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    started = buy.transfer("fleet", w.mine["agreement"])
    need("started", started.json.get("state") == "STARTED", started)
    sell.stop()
    got = buy.run("consumer:fleet", "transfer", "terminate", started.json["id"], "--reason", "away", "--json")
    same("terminate: exit status", got.code, 0)
    letters = soon(lambda: [l for l in buy.run("consumer:fleet", "letters", "ls", "--json").json["letters"] if l["attempts"] >= 2])
    need("a letter with attempts", letters, buy.get("/letters", "consumer:fleet"))
    same("of the process", (letters[0]["id"], letters[0]["message"], letters[0]["dead"]), (started.json["id"], "terminate", False))
    same("the other party has none", buy.get("/letters", "consumer:rival").json["letters"], [])
    got = buy.run("consumer:fleet", "letters", "retry", started.json["id"])
    same("retry by hand: exit status", got.code, 0)
    got = buy.run("consumer:fleet", "catalog", w.mine["base"])
    same("a catalog of a peer that is away: exit status", got.code, 3)
    got = buy.run("consumer:fleet", "get", w.mine["base"], "urn:plan", "--yes", "-o", w.path("away.bin"))
    same("get: exit status", got.code, 3)
    check("get: no file", not os.path.exists(w.path("away.bin")))
    buy.again()  # the letter survives
    letters = buy.get("/letters", "consumer:fleet").json["letters"]
    same("the letter is there after a restart", [l["message"] for l in letters], ["terminate"])
    sell.start()
    need("both are TERMINATED when it is back", soon(lambda: both_terminated(w, "transfers", started.json["id"], started.json["peerId"]), 30))
    same("no letter is left", buy.get("/letters", "consumer:fleet").json["letters"], [])
    same("retry without a letter", buy.run("consumer:fleet", "letters", "retry", started.json["id"]).code, 1)


@case
def a_dead_letter(w):
    """A peer that never answers: the message is given up, then retried by hand, then ended by a person."""
    buy = w.node("dead", "--allow-net", "127.0.0.0/8,::1/128", "--retry-first", "20ms", "--retry-most", "100ms", "--retry-horizon", "1s")
    sell = w.mine["sell"]
    buy.party("late")
    deal = buy.negotiate("late", w.mine["base"], "urn:plan")
    need("an agreement", deal.json.get("state") == "FINALIZED", deal)
    soon(lambda: not sell.get("/letters", "provider:bureau").json["letters"])
    sell.stop()
    got = buy.transfer("late", deal.json["agreement"], wait=20)
    same("the wait ends when it is given up", (got.json["stalled"], got.json["pending"]), (True, "request"))
    letters = buy.get("/letters", "consumer:late").json["letters"]
    same("a dead letter", [(l["dead"], l["due"]) for l in letters], [(True, None)])
    got = buy.run("consumer:late", "letters", "retry", got.json["id"], "--json")
    same("retry", (got.code, got.json["stalled"]), (0, False))
    need("given up again", soon(lambda: buy.get("/letters", "consumer:late").json["letters"][0]["dead"]))
    got = buy.run("consumer:late", "transfer", "terminate", got.json["id"], "--json")
    same("terminate of a first message: at once, without a message", (got.code, got.json["state"], got.json["pending"]), (0, "TERMINATED", None))
    same("no letter is left", buy.get("/letters", "consumer:late").json["letters"], [])
    kinds = [l["kind"] for l in buy.get(f"/history?chain={quote(deal.json['id'])}", "consumer:late").json["leaves"]]
    check("history tells", kinds.count("gave_up") == 2 and "retried" in kinds, kinds)
    sell.start()


@case
def history_of_both_sides(w):
    sell, buy = w.mine["sell"], w.mine["buy"]
    agreement = w.mine["sidecar"]["agreement"]
    for node, role in ((buy, "consumer:fleet"), (sell, "provider:bureau")):
        leaves = node.get(f"/history?chain={quote(agreement)}", role).json["leaves"]
        mine = [l for l in leaves if l["process"] == w.mine["sidecar"]["transfer"] or l["agreement"] == agreement]
        check(f"{role}: leaves of the agreement", len(mine) >= 4, leaves)
        same(f"{role}: numbers of the chain without a gap", [l["seq"] for l in leaves], list(range(leaves[0]["seq"], leaves[0]["seq"] + len(leaves))))
        same(f"{role}: each names the one before", [l["previous"] for l in leaves[1:]], [l["index"] for l in leaves[:-1]])
        words = [json.loads(l["content"])["@type"] for l in leaves if l["kind"] in ("sent", "received") and l["content"]]
        check(f"{role}: the messages", {"ContractRequestMessage", "ContractAgreementMessage", "ContractAgreementVerificationMessage",
                                        "ContractNegotiationEventMessage", "TransferRequestMessage", "TransferStartMessage",
                                        "TransferCompletionMessage"} <= set(words), words)
        got = node.run(role, "history", agreement)
        check(f"{role}: for people", got.code == 0 and len(got.out.splitlines()) == len(leaves), got)
        indexes = [r[0] for r in node.rows("SELECT idx FROM leaf ORDER BY idx")]
        same(f"{role}: the index of the node has no gap", indexes, list(range(len(indexes))))
    kinds = {l["kind"] for l in sell.get(f"/history?chain={quote(agreement)}", "provider:bureau").json["leaves"]}
    check("the provider served", "served" in kinds, kinds)
    kinds = {l["kind"] for l in buy.get(f"/history?chain={quote(agreement)}", "consumer:fleet").json["leaves"]}
    check("the consumer checked", "checked" in kinds, kinds)
    both = [{(l["kind"], l["content"]) for l in node.get(f"/history?chain={quote(agreement)}", role).json["leaves"] if l["kind"] in ("sent", "received")}
            for node, role in ((buy, "consumer:fleet"), (sell, "provider:bureau"))]
    swapped = {("received" if kind == "sent" else "sent", content) for kind, content in both[0]}
    same("what one sent the other received, byte for byte", swapped ^ both[1], set())


@case
def parts_of_ids(w):
    """The end of an id, as history prints it, stands for the id."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    agreement, transfer = w.mine["sidecar"]["agreement"], w.mine["sidecar"]["transfer"]
    negotiation = buy.get("/agreements/" + quote(agreement), "consumer:fleet").json["negotiation"]
    whole = buy.run("consumer:fleet", "history", agreement)
    need("as history prints it", any(line.endswith("  " + transfer[-12:]) for line in whole.out.splitlines()), whole)
    for row, part in (("a transfer", transfer[-12:]), ("a negotiation", negotiation[-12:]), ("an agreement", agreement[-12:])):
        same(f"history of {row}", buy.run("consumer:fleet", "history", part).out, whole.out)
    for what, of in (("negotiation", negotiation), ("transfer", transfer), ("agreement", agreement)):
        got = buy.run("consumer:fleet", what, "show", of[-12:], "--json")
        same(f"{what} show", (got.code, got.code == 0 and got.json["id"]), (0, of))
    got = buy.run("consumer:fleet", "transfer", "terminate", transfer[-12:])
    same("transfer terminate: the one that is meant", (got.code, "state" in got.err), (1, True))
    for args in (("negotiation", "show", "urn:uuid:"), ("history", "urn:uuid:")):
        got = buy.run("consumer:fleet", *args)
        same(f"{args[0]} of a part of many: exit status", got.code, 2)
        check(f"{args[0]} of a part of many: says which", negotiation in got.err or "..." in got.err, got)
    for part in (transfer[-3:], "none-of-these"):
        for args in (("negotiation", "show", part), ("history", part)):
            got = buy.run("consumer:fleet", *args)
            same(f"{args[0]} of {part}: exit status", got.code, 1)
    check("history says what it takes", "no negotiation, transfer, agreement or product" in got.err, got)
    widths = {line.split("  ")[0].find("Z") for line in whole.out.splitlines()}
    same("times of one width", widths, {23})


@case
def history_of_a_product(w):
    sell, buy = w.mine["sell"], w.mine["buy"]
    mine = [n["id"] for n in buy.get("/negotiations?most=1000", "consumer:fleet").json["negotiations"] if n["product"] == "urn:plan"]
    want = [leaf for n in mine for leaf in buy.get(f"/history?chain={quote(n)}", "consumer:fleet").json["leaves"]]
    got = buy.run("consumer:fleet", "history", "urn:plan", "--json")
    same("at the consumer: all chains of its negotiations, one document", (got.code, [l["index"] for l in got.json["leaves"]]), (0, [l["index"] for l in want]))
    got = buy.run("consumer:fleet", "history", "urn:plan")
    same("for people", (got.code, len(got.out.splitlines())), (0, len(want)))
    got = sell.run("provider:bureau", "history", "urn:plan", "--json")
    same("at the provider: how it was published", (got.code, [l["kind"] for l in got.json["leaves"]]), (0, ["published"]))


@case
def history_of_the_regulator(w):
    sell = w.mine["sell"]
    before = sell.rows("SELECT count(*) FROM leaf WHERE kind = 15")[0][0]
    got = sell.run("regulator", "history", "--json")
    same("exit status", got.code, 0)
    check("of all parties", {l["party"] for l in got.json["leaves"]} >= {sell.did("bureau"), sell.did("other")}, got)
    after = sell.rows("SELECT count(*) FROM leaf WHERE kind = 15")[0][0]
    check("each read leaves a leaf", after > before, (before, after))
    same("the last leaf tells of it", [l["kind"] for l in sell.get(f"/history?after={after}", "regulator").json["leaves"]][-1:] and
         sell.rows("SELECT kind FROM leaf ORDER BY idx DESC LIMIT 1")[0][0], 15)
    for path in ("/products", "/negotiations", "/agreements", "/transfers", "/letters", "/parties", "/tokens"):
        n = sell.rows("SELECT count(*) FROM leaf WHERE kind = 15")[0][0]
        same(f"{path}", (sell.get(path, "regulator").status, sell.rows("SELECT count(*) FROM leaf WHERE kind = 15")[0][0] - n), (200, 1))


@case
def secrets_stay_secret(w):
    """Access tokens, API tokens, self-issued tokens and private keys are in no list, no history and no log."""
    sell, buy = w.mine["sell"], w.mine["buy"]
    started = buy.transfer("fleet", w.mine["agreement"])
    secret = started.json["dataAddress"]["authorization"].split()[-1]
    check("the consumer whose it is sees it", len(secret) >= 32, started)
    path = f"/transfers/{quote(started.json['id'])}"
    check("also later", secret in buy.get(path, "consumer:fleet").body.decode())
    check("the party's provider does not", secret not in buy.get(path, "provider:fleet").body.decode())
    check("the regulator does not", secret not in buy.get(path, "regulator").body.decode())
    listed = ["/transfers", "/negotiations", "/agreements", "/letters", "/history?most=1000", f"/history?chain={quote(started.json['agreement'])}&most=1000",
              "/products", "/tokens", "/parties"]
    for node, party in ((sell, "bureau"), (buy, "fleet")):
        secrets = {"an access token": secret, "a private key": node.seed(party)[0], "a self-issued token": "eyJ",
                   "the operator's token": node.operator, **{f"the token of {k}": v for k, v in node.tokens.items()}}
        seen = {"the log": node.log(), "/metrics": ask("GET", node.url + "/metrics", node.operator).body.decode()}
        for place in listed:
            for role in ("regulator", f"provider:{party}", f"consumer:{party}", "operator"):
                seen[f"{place} of {role}"] = node.get(place, role).body.decode()
        for what, value in secrets.items():
            for where, text in seen.items():
                check(f"{what} in {where}", value not in text, text[max(0, text.find(value) - 200):][:400])
    need("ended", buy.post(path + "/terminate", "consumer:fleet", {"reason": ""}).status == 200)
    soon(lambda: both_terminated(w, "transfers", started.json["id"], started.json["peerId"]))


@case
def metrics(w):
    got = ask("GET", w.mine["sell"].url + "/metrics", w.mine["sell"].operator)
    check("the type of Prometheus", got.headers.get("Content-Type", "").startswith("text/plain; version=0.0.4"), got.headers)
    values = {}
    for line in got.body.decode().splitlines():
        if line.startswith("#"):
            check("comment lines", line.startswith(("# HELP hutong_", "# TYPE hutong_")), line)
            continue
        name, _, value = line.partition(" ")
        values[name] = float(value)
    check("values", len(values) > 5 and any(value > 0 for value in values.values()), values)
    check("each begins with hutong_", all(name.startswith("hutong_") for name in values), values)
