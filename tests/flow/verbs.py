"""Trades by hand: each message a command, offers from either side, the question before one is bound, and who is refused."""
import json
import os
import pty
import re
import select
import subprocess
import time

from check import case, check, need, same, soon
from node import EMPTY, HUTONG, quote
from peer import CONTEXT, Seller, dsp

HAN = re.compile(r"[\u4e00-\u9fff]")
UNTIL = {"permission": [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "%d-01-01T00:00:00Z"}]}]}


def policy(w, year):
    return w.file(f"until-{year}.json", json.dumps(UNTIL) % year)


def sell(w, *args, **more):
    return w.mine["sell"].run("provider:bureau", *args, **more)


def buy(w, *args, **more):
    return w.mine["buy"].run("consumer:fleet", *args, **more)


def show(w, side, kind, pid):
    node, role = (w.mine["sell"], "provider:bureau") if side == "sell" else (w.mine["buy"], "consumer:fleet")
    return node.get(f"/{kind}/{quote(pid)}", role).json


def reached(w, side, kind, pid, state):
    """The process is in the state and nothing of it is on its way."""
    def there():
        p = show(w, side, kind, pid)
        return p.get("state") == state and not p["pending"]
    return check(f"{kind} at {side}: {state}", soon(there), show(w, side, kind, pid))


def by_hand(w, act, *args, state, kind="negotiation", other):
    """A verb with --wait and --json: one document, and both sides are in the state."""
    pid = w.mine["pids"][kind][act is buy]
    got = act(w, kind, args[0], pid, *args[1:], "--wait", "--json")
    need(f"{kind} {args[0]}: exit status", got.code == 0, got)
    same(f"{kind} {args[0]}: one document, nothing more", (got.out.count("\n"), got.json["id"], got.json["state"]), (1, pid, state))
    same(f"{kind} {args[0]}: at the peer", show(w, other, kind + "s", w.mine["pids"][kind][act is not buy])["state"], state)
    return got


@case
def two_nodes(w):
    allow = ("--allow-net", "127.0.0.0/8,::1/128", "--retry-most", "400ms")
    seller = w.mine["sell"] = w.node("sell", "--trust", "web", *allow)
    buyer = w.mine["buy"] = w.node("buy", "--trust", "web", *allow)
    seller.party("bureau", "other")
    buyer.party("fleet", "rival")
    w.mine["base"], w.mine["theirs"] = seller.base("bureau"), buyer.base("fleet")
    got = sell(w, "product", "publish", w.file("a.bin", b"by hand"), "--id", "urn:hand", "--manual", "--offer-id", "urn:offer:mine", "--policy", policy(w, 2040), "--json")
    need("publish", got.code == 0, got)
    same("manual, and the offer has the id that was given", (got.json["manual"], got.json["offer"]), (True, "urn:offer:mine"))
    need("published", sell(w, "product", "publish", w.file("b.bin", b"by rule"), "--id", "urn:rule").code == 0)
    need("published", sell(w, "product", "publish", w.file("c.bin", b"secret"), "--id", "urn:few", "--audience", buyer.did("rival")).code == 0)


@case
def a_whole_trade_by_hand(w):
    got = buy(w, "negotiate", w.mine["base"], "--product", "urn:hand", "--offer", "urn:offer:mine", "--manual", "--yes", "--json")
    need("negotiate", got.code == 0, got)
    same("one document, by hand", (got.out.count("\n"), got.json["manual"], got.json["role"]), (1, True, "consumer"))
    check("the terms are shown", "2040-01-01" in got.err, got)
    mine = got.json["id"]
    need("it arrives", reached(w, "buy", "negotiations", mine, "REQUESTED"))
    theirs = show(w, "buy", "negotiations", mine)["peerId"]
    w.mine["pids"] = {"negotiation": (theirs, mine)}
    same("the provider's person is waited for", show(w, "sell", "negotiations", theirs)["person"], True)
    by_hand(w, sell, "offer", "--policy", policy(w, 2035), state="OFFERED", other="buy")
    same("the consumer's person is waited for", show(w, "buy", "negotiations", mine)["person"], True)
    by_hand(w, buy, "counter", "--policy", policy(w, 2037), state="REQUESTED", other="sell")
    by_hand(w, sell, "offer", "--policy", policy(w, 2036), state="OFFERED", other="buy")
    got = buy(w, "negotiation", "show", mine[-12:])
    check("show: terms of the last offer in words, by hand, what comes next", "2036-01-01" in got.out and "by hand" in got.out and "accept the offer (accept)" in got.out and
          "waits for a decision of this side" in got.out and "the peer (the provider) may: end it (terminate)" in got.out, got)
    check("show: the terms only in words", "permission" not in got.out and "permission" in buy(w, "negotiation", "show", mine, "--json").out, got)
    for row, given in (("full", theirs), ("short", theirs[-12:])):
        same(f"show by the peer's id, {row}", buy(w, "negotiation", "show", given, "--json").json["id"], mine)
    got = buy(w, "negotiation", "ls")
    check("ls: who waits", "waits for you" in got.out and "by hand" in got.out and "yes" in got.out, got)
    check("accept shows the terms", "2036-01-01" in by_hand(w, buy, "accept", "--yes", state="ACCEPTED", other="sell").err)
    check("agree shows the terms", "2036-01-01" in by_hand(w, sell, "agree", "--yes", state="AGREED", other="buy").err)
    by_hand(w, buy, "verify", state="VERIFIED", other="sell")
    got = by_hand(w, sell, "finalize", state="FINALIZED", other="buy")
    agreement = got.json["agreement"]
    check("the agreement has the last terms", "2036-01-01" in json.dumps(show(w, "buy", "agreements", agreement)["policy"]))
    w.mine["agreement"] = agreement


@case
def a_transfer_by_hand(w):
    got = buy(w, "transfer", "request", w.mine["agreement"][-12:], "--manual", "--json")
    need("transfer", got.code == 0 and got.out.count("\n") == 1, got)
    mine = got.json["id"]
    need("it arrives", reached(w, "buy", "transfers", mine, "REQUESTED"))
    w.mine["pids"]["transfer"] = (show(w, "buy", "transfers", mine)["peerId"], mine)
    more = {"kind": "transfer"}
    by_hand(w, sell, "start", state="STARTED", other="buy", **more)
    by_hand(w, sell, "suspend", "--reason", "a pause", state="SUSPENDED", other="buy", **more)
    check("the reason arrives", show(w, "buy", "transfers", mine)["reason"].endswith("a pause"), show(w, "buy", "transfers", mine))
    got = sell(w, "transfer", "start", w.mine["pids"]["transfer"][0])
    check("start does not resume", got.code == 1 and "(state)" in got.err and "go on (resume)" in got.err, got)
    by_hand(w, buy, "resume", state="STARTED", other="sell", **more)
    by_hand(w, buy, "suspend", state="SUSPENDED", other="sell", **more)
    by_hand(w, sell, "resume", state="STARTED", other="buy", **more)
    by_hand(w, buy, "complete", state="COMPLETED", other="sell", **more)
    got = buy(w, "transfer", "show", mine)
    check("show: it is over", "nothing more is to be done" in got.out, got)
    got = buy(w, "transfer", "request", "urn:none")
    check("no such agreement", got.code == 1 and "(agreement_unknown)" in got.err, got)
    got = buy(w, "transfer", "ls")
    check("ls", "by hand" in got.out and "COMPLETED" in got.out, got)


@case
def offered_by_the_provider(w):
    got = sell(w, "negotiate", w.mine["theirs"], "--product", "urn:rule", "--policy", policy(w, 2034), "--yes", "--json")
    need("offered", got.code == 0, got)
    same("as provider", (got.json["role"], got.json["state"]), ("provider", "OFFERED"))
    check("the terms are shown", "2034-01-01" in got.err, got)
    need("it arrives", reached(w, "sell", "negotiations", got.json["id"], "OFFERED"))
    theirs = show(w, "sell", "negotiations", got.json["id"])["peerId"]
    same("the consumer's person is waited for", show(w, "buy", "negotiations", theirs)["person"], True)
    done = buy(w, "negotiation", "accept", theirs[-12:], "--yes")
    same("accepted by a part of its id", done.code, 0)
    check("the id and the state, and what comes next", done.out.startswith(theirs + "  ") and "may:" in done.out, done)
    reached(w, "buy", "negotiations", theirs, "FINALIZED")
    got = buy(w, "transfer", "request", show(w, "buy", "negotiations", theirs)["agreement"], "--wait")
    check("and it can be used", got.code == 0 and "STARTED" in got.out and "hold it (suspend)" in got.out, got)
    got = sell(w, "negotiate", w.mine["theirs"], "--product", "urn:rule", "--yes")
    check("the product's own terms", got.code == 0 and "without conditions" in got.err, got)
    pid = got.out.split()[0]
    need("it arrives", reached(w, "sell", "negotiations", pid, "OFFERED"))
    got = sell(w, "negotiation", "terminate", pid, "--reason", "not any more", "--wait")
    check("terminated", got.code == 0 and "TERMINATED" in got.out, got)


@case
def offers_that_are_refused(w):
    rows = (
        ("not for that peer", sell, ("--product", "urn:few"), 1, "(audience)"), ("no product", sell, ("--product", "urn:none"), 1, "product ls"),
        ("--offer of a provider", sell, ("--product", "urn:rule", "--offer", "x"), 2, "--offer"),
        ("no such offer", buy, ("--product", "urn:hand", "--offer", "urn:offer:other"), 1, "no such offer"),
        ("not in our catalog", buy, ("--product", "urn:few"), 1, "no such offer"),
        ("no file", buy, ("--product", "urn:hand", "--policy", w.path("none.json")), 3, "none.json"),
        ("no policy", buy, ("--product", "urn:hand", "--policy", w.file("no.json", "[]")), 2, "no.json"),
    )
    for row, act, args, code, words in rows:
        base = w.mine["theirs" if act is sell else "base"]
        got = act(w, "negotiate", base, *args, "--yes")
        check(row, got.code == code and words in got.err, got)
        got = act(w, "negotiate", base, *args, "--yes", "--json")
        check(f"{row}: one document", got.code == code and got.out.count("\n") == 1 and got.json["code"], got)
    got = w.mine["sell"].run("operator", "negotiate", w.mine["base"], "--product", "urn:rule", "--yes")
    check("an operator does not negotiate", got.code == 1 and "(role)" in got.err and "another role" in got.err, got)


@case
def moments_and_roles_that_are_refused(w):
    got = buy(w, "negotiate", w.mine["base"], "--product", "urn:hand", "--policy", policy(w, 2050), "--manual", "--yes", "--json")
    need("negotiate with own terms", got.code == 0 and "2050-01-01" in got.err, got)
    mine = got.json["id"]
    need("it arrives", reached(w, "buy", "negotiations", mine, "REQUESTED"))
    theirs = show(w, "buy", "negotiations", mine)["peerId"]
    same("what was asked for", show(w, "sell", "negotiations", theirs)["offer"]["permission"][0]["constraint"][0]["rightOperand"], "2050-01-01T00:00:00Z")
    before = {side: show(w, side, "negotiations", pid) for side, pid in (("buy", mine), ("sell", theirs))}
    rows = (
        (buy, mine, ("accept", "--yes"), "(state)", "end it (terminate)"), (buy, mine, ("verify",), "(state)", "REQUESTED"),
        (buy, mine, ("counter", "--policy", policy(w, 2051)), "(state)", "make the agreement (agree)"),
        (sell, theirs, ("finalize",), "(state)", "offer terms (offer)"),
        (buy, mine, ("agree", "--yes"), "(role)", "this side (the consumer) may"), (sell, theirs, ("accept", "--yes"), "(role)", "this side (the provider) may"),
        (buy, mine, ("agree", "--yes"), "(role)", "agree is for the provider"), (sell, theirs, ("accept", "--yes"), "(role)", "accept is for the consumer"),
        (sell, theirs, ("counter", "--policy", policy(w, 2051)), "(role)", "agree"), (buy, mine, ("offer",), "(role)", "end it"),
    )
    for act, pid, args, code, words in rows:
        got = act(w, "negotiation", args[0], pid, *args[1:])
        check(f"{args[0]}: refused, and what can be done is said", got.code == 1 and code in got.err and words in got.err and not got.out, got)
        got = act(w, "negotiation", args[0], pid, *args[1:], "--json", env={"LANG": "zh_CN.UTF-8"})
        check(f"{args[0]}: one document, in Chinese", got.code == 1 and got.out.count("\n") == 1 and f"({got.json['code']})" == code and HAN.search(got.json["text"]), got)
    for row, role, words in (("operator", "operator", "another role"), ("regulator", "regulator", "another role is needed: consumer or provider"), ("another party", "provider:other", "not_found"),
                             ("the other role of the party", "consumer:bureau", "token of that role")):
        got = w.mine["sell"].run(role, "negotiation", "terminate", theirs)
        check(row, got.code == 1 and words in got.err, got)
    for args in (("counter", mine), ("offer",), ("accept", mine, "x")):
        same(f"usage of {args[0]}", buy(w, "negotiation", *args).code, 2)
    same("nothing has changed", {side: show(w, side, "negotiations", pid) for side, pid in (("buy", mine), ("sell", theirs))}, before)
    got = sell(w, "negotiation", "terminate", theirs, "--reason", "no", "--wait", "--json")
    check("terminate", got.code == 0 and got.json["state"] == "TERMINATED" and got.out.count("\n") == 1, got)
    reached(w, "buy", "negotiations", mine, "TERMINATED")
    got = buy(w, "negotiation", "terminate", mine)
    check("what is over stays over", got.code == 1 and "nothing more" in got.err, got)


@case
def without_a_terminal(w):
    n = len(w.mine["buy"].get("/negotiations?most=1000", "consumer:fleet").json["negotiations"])
    rows = (("negotiate", ("negotiate", w.mine["base"], "--product", "urn:rule")), ("get", ("get", w.mine["base"], "urn:rule", "--new", "-o", w.path("never.bin"))))
    for row, args in rows:
        got = buy(w, *args)
        check(f"{row}: shows the terms, and says --yes", got.code == 2 and "--yes" in got.err and "without conditions" in got.err and not got.out, got)
        got = buy(w, *args, "--json")
        same(f"{row}: a document", (got.code, got.out.count("\n"), got.json["code"]), (2, 1, "usage"))
    got = sell(w, "negotiate", w.mine["theirs"], "--product", "urn:rule")
    check("an offer of a provider too", got.code == 2 and "--yes" in got.err, got)
    same("nothing was begun", len(w.mine["buy"].get("/negotiations?most=1000", "consumer:fleet").json["negotiations"]), n)
    check("no file", not os.path.exists(w.path("never.bin")))
    target = w.path("again.bin")
    got = buy(w, "get", w.mine["base"], "urn:rule", "--yes", "--new", "-o", target)
    same("get --yes", got.code, 0)
    got = buy(w, "get", w.mine["base"], "urn:rule", "--force", "-o", target)
    same("an agreement that is there is used again, without a question", got.code, 0)


def on_terminal(w, role, args, answer, locale="C", stop=False, meanwhile=None):
    """(exit status, what the terminal shows). answer: what is typed when the question is there; meanwhile: what is done before."""
    n = w.mine["buy"]
    leader, follower = pty.openpty()
    process = subprocess.Popen([HUTONG, *args], stdin=follower, stdout=subprocess.DEVNULL, stderr=follower, start_new_session=True,
                               env={**EMPTY, "HUTONG_URL": n.url, "HUTONG_TOKEN": n.token(role), "LC_ALL": locale})
    os.close(follower)
    shown, until, typed = b"", time.monotonic() + 60, False
    while time.monotonic() < until:
        if select.select([leader], [], [], 0.2)[0]:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                piece = b""
            if not piece:
                break
            shown += piece
        if not typed and b"[y/N]" in shown:
            typed = True
            if meanwhile:
                meanwhile()
            if stop:
                process.send_signal(2)
            else:
                os.write(leader, answer)
    code = process.wait(30)
    os.close(leader)
    return code, shown.decode("utf-8", "replace")


@case
def on_a_terminal(w):
    count = lambda: len(w.mine["buy"].get("/negotiations?most=1000", "consumer:fleet").json["negotiations"])
    args = ("negotiate", w.mine["base"], "--product", "urn:rule", "--wait")
    rows = (("y", b"y\n", "C", 0), ("yes in capitals", b" YES \n", "C", 0), ("是", "是\n".encode(), "zh_CN.UTF-8", 0), ("n", b"n\n", "C", 1), ("nothing", b"\n", "C", 1),
            ("something", b"yesterday\n", "C", 1), ("the end of the input", b"\x04", "C", 1), ("n in Chinese", b"n\n", "zh_CN.UTF-8", 1))
    for row, answer, locale, want in rows:
        before = count()
        code, shown = on_terminal(w, "consumer:fleet", args, answer, locale)
        same(f"{row}: exit status", code, want)
        same(f"{row}: negotiations", count() - before, 1 - want)
        check(f"{row}: terms and question", ("条款" in shown and "同意" in shown) if locale != "C" else "terms:" in shown and "agree to these terms?" in shown, shown)
        check(f"{row}: what became of it", want == 0 or "nothing was sent" in shown or "未发送" in shown, shown)
    code, shown = on_terminal(w, "consumer:fleet", ("get", w.mine["base"], "urn:rule", "--new", "-o", w.path("asked.bin")), b"n\n")
    check("get: n", code == 1 and not os.path.exists(w.path("asked.bin")), shown)
    code, shown = on_terminal(w, "consumer:fleet", ("get", w.mine["base"], "urn:rule", "--new", "-o", w.path("asked.bin")), b"", stop=True)
    check("get: Ctrl-C at the question", code == 3 and "interrupted" in shown, shown)
    code, shown = on_terminal(w, "consumer:fleet", ("get", w.mine["base"], "urn:rule", "--new", "-o", w.path("asked.bin")), b"y\n")
    check("get: y", code == 0 and os.path.exists(w.path("asked.bin")), shown)
    got = sell(w, "negotiate", w.mine["theirs"], "--product", "urn:rule", "--yes", "--json")
    need("an offer", got.code == 0 and reached(w, "sell", "negotiations", got.json["id"], "OFFERED"), got)
    pid = show(w, "sell", "negotiations", got.json["id"])["peerId"]
    same("accept without a terminal", buy(w, "negotiation", "accept", pid).code, 2)
    code, shown = on_terminal(w, "consumer:fleet", ("negotiation", "accept", pid), b"n\n")
    same("accept: n", (code, show(w, "buy", "negotiations", pid)["state"]), (1, "OFFERED"))
    code, shown = on_terminal(w, "consumer:fleet", ("negotiation", "accept", pid), b"y\n")
    check("accept: y", code == 0 and reached(w, "buy", "negotiations", pid, "FINALIZED"), shown)


@case
def what_is_shown_is_what_is_asked_for(w):
    """Other terms are published while the question stands."""
    seller = w.mine["sell"]
    seller.publish("bureau", "urn:moves", b"1", policy=json.loads(json.dumps(UNTIL) % 2041))
    code, shown = on_terminal(w, "consumer:fleet", ("negotiate", w.mine["base"], "--product", "urn:moves"), b"y\n",
                              meanwhile=lambda: seller.publish("bureau", "urn:moves", b"2", policy=json.loads(json.dumps(UNTIL) % 2042)))
    check("the terms of the moment", code == 0 and "2041-01-01" in shown and "2042" not in shown, shown)
    mine = [n for n in w.mine["buy"].get("/negotiations?most=1000", "consumer:fleet").json["negotiations"] if n["product"] == "urn:moves"]
    same("those are asked for", [n["offer"]["permission"][0]["constraint"][0]["rightOperand"] for n in mine], ["2041-01-01T00:00:00Z"])


@case
def a_peer_that_does_not_take_it(w):
    """--wait when the peer refuses, and when it does not answer."""
    node = w.node("one", "--trust", "web", "--allow-net", "127.0.0.0/8,::1/128", "--retry-first", "50ms", "--retry-most", "100ms", "--retry-horizon", "1s",
                  "--repeat-for", "200ms")
    node.party("a")
    seller = Seller(w)
    seller.refuses_to_agree = True
    seller.sell("urn:s", b"x")

    def offered():
        """A negotiation that waits for us in OFFERED: its id."""
        got = node.run("consumer:a", "negotiate", seller.base, "--product", "urn:s", "--manual", "--yes", "--json")
        need("negotiate", got.code == 0, got)
        mine = got.json["id"]
        ask = lambda: node.get("/negotiations/" + quote(mine), "consumer:a").json
        need("it arrives", soon(lambda: not ask()["pending"]))
        theirs = ask()["peerId"]
        seller.on("GET", ".*/negotiations/" + re.escape(theirs), (200, {}, {"@context": CONTEXT, "@type": "ContractNegotiation", "providerPid": theirs,
                                                                           "consumerPid": mine, "state": "OFFERED"}))
        seller.later(f"{node.base('a')}/negotiations/{mine}/offers", node.did("a"),
                     dsp("ContractOfferMessage", providerPid=theirs, consumerPid=mine, callbackAddress=seller.base,
                         offer={"@id": "urn:offer:2", "@type": "Offer", "target": "urn:s", "permission": [{"action": "use"}]}))
        need("offered", soon(lambda: ask()["state"] == "OFFERED"), ask())
        return mine, ask

    mine, ask = offered()
    seller.on("POST", ".*/negotiations/.*/events", (400, {}, {"@type": "ContractNegotiationError", "code": "no", "reason": ["不行"]}))
    got = node.run("consumer:a", "negotiation", "accept", mine, "--yes", "--wait")
    check("refused: exit 1, and the peer's reason", got.code == 1 and "不行" in got.err and got.out.startswith(mine + "  "), (got, ask()))
    mine, ask = offered()
    seller.on("POST", ".*/negotiations/.*/events", (503, {}, {}))
    got = node.run("consumer:a", "negotiation", "accept", mine, "--yes")
    check("without --wait it is on its way", got.code == 0 and "accept is on its way to the peer" in got.out and "OFFERED" in got.out, got)
    got = node.run("consumer:a", "negotiation", "counter", mine, "--policy", policy(w, 2050))
    check("and no other can be sent", got.code == 3 and "(pending)" in got.err, got)
    mine, ask = offered()
    got = node.run("consumer:a", "negotiation", "accept", mine, "--yes", "--wait", "--json")
    check("no answer: exit 3, one document", got.code == 3 and got.json["stalled"] is True and got.out.count("\n") == 1, got)
    got = node.run("consumer:a", "negotiation", "show", mine)
    check("show says how to go on", "hutong letters retry" in got.out, got)
