"""Catalogs of many pages: all of them in order and none twice, back again, what is hidden stays hidden, and providers whose pages mislead."""
import json
import re
import urllib.parse

from check import case, check, need, same
from node import ask, quote
from peer import CONTEXT, Peer, dsp

MANY, PAGE = 1050, 100
EMPTY_MOST = 100


def hidden(n):
    return n % 10 == 3


@case
def begin(w):
    allow = ("--allow-net", "127.0.0.0/8,::1/128")
    sell = w.mine["sell"] = w.node("sell", "--trust", "web", *allow)
    buy = w.mine["buy"] = w.node("buy", *allow)
    sell.party("bureau")
    buy.party("fleet", "rival")
    w.mine["base"] = sell.base("bureau")
    w.mine["first"] = sell.publish("bureau", "urn:0", b"bytes")
    for n in range(1, MANY):
        publish(w, n, [buy.did("rival")] if hidden(n) else None)
    w.mine["shown"] = [f"urn:{n}" for n in range(MANY) if not hidden(n)]


def publish(w, n, audience=None):
    body = {"party": "bureau", "id": f"urn:{n}", "file": "f.bin", "sha256": w.mine["first"]["sha256"]}
    got = w.mine["sell"].post("/products", "provider:bureau", {**body, **({"audience": audience} if audience else {})})
    need(f"publish {n}", got.status == 201, got)


def page(w, place=None, base=None, party="fleet"):
    path = "/catalog?base=" + quote(base or w.mine["base"]) + ("&page=" + quote(place) if place else "")
    got = w.mine["buy"].get(path, "consumer:" + party)
    need(f"page {place}", got.status == 200, got)
    return got.json


def ids(answer):
    return [d["id"] for d in answer["datasets"]]


@case
def every_page_once(w):
    pages = [page(w)]
    while pages[-1]["next"]:
        if len(pages) == 3:
            publish(w, MANY)
        pages.append(page(w, pages[-1]["next"]))
        need("it ends", len(pages) < 50)
    w.mine["shown"].append(f"urn:{MANY}")
    same("all in order, none twice, none hidden", [i for p in pages for i in ids(p)], w.mine["shown"])
    same("all are full but the last", [len(ids(p)) for p in pages[:-1]], [PAGE] * (len(pages) - 1))
    same("the first has none before it", pages[0]["previous"], None)
    at = pages[-1]
    for n in range(len(pages) - 2, -1, -1):
        at = page(w, at["previous"])
        same(f"back to page {n}", ids(at), ids(pages[n]))
    same("there it ends", at["previous"], None)
    rival = page(w, party="rival")
    same("rival is shown more", ids(rival)[:5], [f"urn:{n}" for n in range(5)])
    same("a place of rival's shows no more than is for fleet", [i for i in ids(page(w, rival["next"])) if i not in w.mine["shown"]], [])


@case
def tokens_of_pages(w):
    """The provider's side: the header, tokens that are not its own, and filters."""
    url, body = w.mine["base"] + "/catalog/request", dsp("CatalogRequestMessage")
    got = ask("POST", url, None, body)
    need("a guest", got.status == 200, got)
    link = got.headers["Link"]
    found = re.fullmatch(r'<(http[^>]*)\?continuationToken=([A-Za-z0-9_-]+)>; rel="next"', link)
    need("the header", found, link)
    same("it leads to the same place", found[1], url)
    for row, token in (("cut", found[2][:-1]), ("longer", found[2] + "A"), ("changed", "A" + found[2][1:]), ("none", ""), ("a number", "100"),
                       ("of another party", "bgAAAAAAAABkAAAAAA")):
        bad = ask("POST", url + "?continuationToken=" + token, None, body)
        same(f"{row}: status and type", (bad.status, bad.json.get("@type")), (400, "CatalogError"))
    second = ask("POST", url + "?continuationToken=" + found[2], None, body)
    check("the second has two links", 'rel="next", <' in second.headers["Link"] and 'rel="previous"' in second.headers["Link"], second.headers["Link"])
    same("it is the second", second.json["dataset"][0]["@id"], w.mine["shown"][PAGE])
    few = ask("POST", url, None, {**body, "filter": [{"@type": "QuerySpec", "offset": 0, "limit": 7}]})
    same("EDC's limit", (few.status, len(few.json["dataset"])), (200, 7))
    for place, spec in (("/filter/0/offset", {"offset": 50}), ("/filter/0/sortField", {"sortField": "id"}), ("/filter/0/filterExpression", {"filterExpression": [1]})):
        bad = ask("POST", url, None, {**body, "filter": [{"@type": "QuerySpec", **spec}]})
        check(f"{place}: 400 with its place", bad.status == 400 and place in json.dumps(bad.json), bad)


@case
def the_command(w):
    buy, base = w.mine["buy"], w.mine["base"]
    got = buy.run("consumer:fleet", "catalog", base, "--json")
    same("all: exit status", got.code, 0)
    same("all in one document", ids(got.json), w.mine["shown"])
    same("its other members", (got.json["base"], got.json["peer"], got.json["more"], got.json["unreadable"]), (base, w.mine["sell"].did("bureau"), False, 0))
    for most in (1, PAGE, PAGE + 50):
        got = buy.run("consumer:fleet", "catalog", base, "--json", "--most", str(most))
        same(f"--most {most}", (got.code, ids(got.json), got.json["more"]), (0, w.mine["shown"][:most], True))
    got = buy.run("consumer:fleet", "catalog", base, "--json", "--most", str(10 * MANY))
    same("--most that is more than there is", (got.code, len(ids(got.json)), got.json["more"]), (0, len(w.mine["shown"]), False))
    got = buy.run("consumer:fleet", "catalog", base)
    same("for people", (got.code, sum(line.startswith("urn:") for line in got.out.splitlines())), (0, len(w.mine["shown"])))
    same("one head, whatever the number of pages", sum(line.startswith("id ") for line in got.out.splitlines()), 1)
    same("how many, on standard error", got.err, f"{len(w.mine['shown'])} datasets\n")
    got = buy.run("consumer:fleet", "catalog", base, "--most", "3")
    check("what --most leaves out is said", got.code == 0 and "the first 3 datasets" in got.err and "--most" in got.err, got)
    got = w.mine["sell"].run("provider:bureau", "catalog", base)
    check("the role that may", got.code == 1 and "another role" in got.err and "consumer" in got.err, got)
    got = buy.run("consumer:fleet", "letters", "ls")
    same("an empty list says so", (got.code, got.err, len(got.out.splitlines())), (0, "there are none\n", 1))
    got = buy.run("consumer:fleet", "letters", "ls", "--json")
    same("not beside a document", (got.code, got.err, got.json), (0, "", {"letters": []}))
    same("the API tells all formats", page(w)["datasets"][0]["formats"], ["HttpData-PULL"])
    same("--most 0", buy.run("consumer:fleet", "catalog", base, "--most", "0").code, 2)


@case
def a_product_beyond_the_first_page(w):
    got = w.mine["buy"].run("consumer:fleet", "get", w.mine["base"], f"urn:{MANY}", "--yes", "-o", w.path("far.bin"), timeout=120)
    same("get: exit status", got.code, 0)
    with open(w.path("far.bin"), "rb") as f:
        same("its bytes", f.read(), b"bytes")
    got = w.mine["buy"].run("consumer:fleet", "get", w.mine["base"], "urn:13", "--yes", "-o", w.path("hidden.bin"))
    check("what is hidden is not there", got.code == 1 and "urn:13" in got.err, got)


def catalog(*datasets, **more):
    return {"@context": CONTEXT, "@id": "urn:c", "@type": "Catalog", "participantId": "x", **({"dataset": list(datasets)} if datasets else {}), **more}


def place_of(request):
    return int(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query)).get("t", 0))


@case
def pages_that_mislead(w):
    buy, peer, other = w.mine["buy"], Peer(w, "pages"), Peer(w, "elsewhere")
    one = peer.dataset("urn:x", b"x")

    def turns(step, *datasets):
        peer.on("POST", ".*/catalog/request.*", lambda r: (200, {"Link": f'<{peer.base}/catalog/request?t={step(place_of(r))}>; rel="next"'}, catalog(*datasets)))

    rows = (("the same page again", lambda n: 1, [one], "circle", 2), ("round in a circle", lambda n: n % 5 + 1, [one], "circle", 6),
            ("empty for ever", lambda n: n + 1, [], "not end", EMPTY_MOST))
    for row, step, datasets, words, asked in rows:
        turns(step, *datasets)
        before = len(peer.came("/catalog/request"))
        for form in ((), ("--json",)):
            got = buy.run("consumer:fleet", "catalog", peer.base, *form, env={"LANG": "C"})
            check(f"{row} {form}: stops and says so", got.code == 1 and words in got.err, got)
        same(f"{row}: requests", len(peer.came("/catalog/request")) - before, 2 * asked)
    turns(lambda n: n + 1, one, one)
    got = buy.run("consumer:fleet", "catalog", peer.base, "--json", "--most", "5")
    same("endless, the first five", (got.code, len(ids(got.json)), got.json["more"]), (0, 5, True))

    for row, target, want in (("another host", f"{other.base}/catalog/request?t=1", "t=1"), ("another path", "/p/pages/secret?t=1", "t=1"),
                              ("the metadata service", "http://169.254.169.254/latest/meta-data?t=1", "t=1"), ("user and password", "http://a:b@169.254.169.254/?t=1", "t=1"),
                              ("a file", "file:///etc/passwd?t=1", "t=1"), ("no query", "http://169.254.169.254/latest", None), ("too long", "?" + "x" * 2049, None),
                              ("at most so long", "?" + "x" * 2048, "x" * 2048), ("a blank in it", "?a b", None)):
        peer.on("POST", ".*/catalog/request.*", lambda r: (200, {"Link": f"<{target}>; rel=next"} if "?" not in r.path else {}, catalog(one)))
        got = page(w, base=peer.base)
        same(f"{row}: next", got["next"], want)
        if want:
            page(w, want, base=peer.base)
            same(f"{row}: what is asked", peer.got[-1].path, f"/p/pages/dsp/2025-1/catalog/request?{want}")
            same(f"{row}: the same body", peer.got[-1].json["@type"], "CatalogRequestMessage")
    same("nobody was sent elsewhere", (other.got, peer.came("secret")), ([], []))


@case
def catalogs_in_catalogs(w):
    peer = Peer(w, "nested")
    one, two, three = (peer.dataset(f"urn:{n}", b"x") for n in (1, 2, 3))
    peer.on("POST", ".*/catalog/request", (200, {}, catalog(one, {"@id": 7}, catalog=[catalog(two, catalog=catalog(three, {})), 7])))
    got = page(w, base=peer.base)
    same("flat", (ids(got), got["unreadable"]), (["urn:1", "urn:2", "urn:3"], 3))
    same("one line in the log", w.mine["buy"].log().count("dataset_unreadable"), 1)
    got = w.mine["buy"].run("consumer:fleet", "catalog", peer.base, env={"LANG": "C"})
    check("the command says how many", got.code == 0 and "3 datasets cannot be read" in got.err, got)
