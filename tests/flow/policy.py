"""hutong policy explain: what it prints, in which language, and its exit status. It asks no node."""
import json

from check import case, check, same
from node import command

ZH = {"LANG": "zh_CN.UTF-8"}
UNTIL = {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-12-31T00:00:00Z"}
FEW = {"leftOperand": "odrl:count", "operator": "lteq", "rightOperand": 5}
SOON = {"leftOperand": "elapsedTime", "operator": "lteq", "rightOperand": {"@value": "P30D", "@type": "xsd:duration"}}
WHO = {"leftOperand": "recipient", "operator": "isAnyOf", "rightOperand": ["did:web:a", "did:web:b"]}


def policy(*constraints, **more):
    return {"permission": [{"action": "use", "constraint": list(constraints)}], **more}


def file(w, name, content):
    return w.file(name, content if isinstance(content, bytes) else json.dumps(content).encode())


def explain(path, *args, env=None):
    return command("policy", "explain", path, *args, env=env or {})


@case
def plain_words(w):
    path = file(w, "p.json", policy(UNTIL, FEW, {"or": [SOON, WHO]}))
    args = ("--as", "did:web:c", "--at", "2026-12-01T00:00:00Z", "--count", "5", "--agreed", "2026-11-01T00:00:00Z")
    got = explain(path, *args)
    same("exit status and standard error", (got.code, got.err), (0, ""))
    for line in ("may be used: until 2026-12-31 00:00 UTC; at most 5 transfers under each agreement; (within 30 days of the agreement or only by any of did:web:a, did:web:b)",
                 "asked by did:web:c at 2026-12-01T00:00:00Z for transfer number 5; agreement of 2026-11-01T00:00:00Z",
                 "  holds: permission  (/permission/0)", "    holds: at most 5 transfers under each agreement  (/permission/0/constraint/1)",
                 "      holds: within 30 days of the agreement  (/permission/0/constraint/2/or/0)",
                 "      does not hold: only by any of did:web:a, did:web:b  (/permission/0/constraint/2/or/1)"):
        check(line, line in got.out.split("\n"), got.out)
    same("the whole", got.out.split("\n")[-2:], ["permitted", ""])
    got = explain(path, *args, env=ZH)
    same("Chinese", (got.code, got.err), (0, ""))
    for line in ("允许使用：截至 2026-12-31 00:00 UTC;每份协议最多 5 次;(协议后 30 天内 或 仅限以下各方使用：did:web:a, did:web:b)", "    成立：每份协议最多 5 次  (/permission/0/constraint/1)", "允许"):
        check(line, line in got.out.split("\n"), got.out)


@case
def verdicts(w):
    agreement = policy(SOON, WHO, **{"@type": "Agreement", "@id": "x", "target": "t", "assigner": "p", "assignee": "did:web:b", "timestamp": "2026-01-01T00:00:00Z"})
    rows = (
        ("at the end", policy(UNTIL), ["--at", "2026-12-31T00:00:00Z"], 0, None),
        ("after it", policy(UNTIL), ["--at", "2026-12-31T00:00:01Z"], 1, "/permission/0/constraint/0"),
        ("the zone counts", policy(UNTIL), ["--at", "2026-12-31T08:00:00+08:00"], 0, None),
        ("the first transfer when not said", policy(FEW), [], 0, None),
        ("the last", policy(FEW), ["--count", "5"], 0, None),
        ("one more", policy(FEW), ["--count", "6"], 1, "/permission/0/constraint/0"),
        ("agreed now when not said", policy(SOON), [], 0, None),
        ("agreed long ago", policy(SOON), ["--agreed", "2020-01-01T00:00:00Z"], 1, "/permission/0/constraint/0"),
        ("listed", policy(WHO), ["--as", "did:web:a"], 0, None),
        ("not listed", policy(WHO), ["--as", "did:web:c"], 1, "/permission/0/constraint/0"),
        ("nobody is named", policy(WHO), [], 0, None),
        ("nobody is named, and it is too late", policy(WHO, UNTIL), ["--at", "2030-01-01T00:00:00Z"], 1, "/permission/0/constraint/1"),
        ("an id of the peers file", policy({**WHO, "rightOperand": ["edc"]}), ["--as", "edc"], 0, None),
        ("an agreement knows whom and when", agreement, ["--at", "2026-01-31T00:00:00Z"], 0, None),
        ("and when it is over", agreement, ["--at", "2026-01-31T00:00:01Z"], 1, "/permission/0/constraint/0"),
        ("or", policy({"or": [UNTIL, FEW]}), ["--at", "2030-01-01T00:00:00Z", "--count", "9"], 1, "/permission/0/constraint/0"),
        ("in an and", policy({"and": [UNTIL, {"and": [FEW, WHO]}]}), ["--at", "2026-01-01T00:00:00Z", "--as", "did:web:c"], 1, "/permission/0/constraint/0/and/1/and/1"),
        ("prohibition", policy(prohibition=[{"action": "use", "constraint": [UNTIL]}]), ["--at", "2026-01-01T00:00:00Z"], 1, "/prohibition/0"),
        ("prohibition over", policy(prohibition=[{"action": "use", "constraint": [UNTIL]}]), ["--at", "2027-01-01T00:00:00Z"], 0, None),
        ("nothing permitted", {"permission": []}, [], 1, "/permission"),
        ("not understood", policy({"xone": [UNTIL]}), [], 1, "/permission/0/constraint/0/xone"),
        ("65 nodes", policy(*[FEW] * 65), [], 1, "/permission/0/constraint/64"),
    )
    for row, content, args, code, place in rows:
        path = file(w, "v.json", content)
        got, plain = explain(path, *args, "--json"), explain(path, *args)
        same(f"{row}: exit status", (got.code, plain.code), (code, code))
        same(f"{row}: verdict and place", (got.json["permitted"], got.json.get("place")), (code == 0, place))
        check(f"{row}: one document", got.err == "" and got.out.count("\n") == 1 and got.json["terms"] and got.json["text"], got)
        check(f"{row}: the place is said", place is None or f"({place})" in plain.out.split("\n")[-2], plain.out)
    got = explain(file(w, "v.json", policy(WHO, FEW)))
    check("it depends, in words", got.code == 0 and "depends on who asks (--as): only by any of" in got.out and "--as DID" in got.out.split("\n")[-2], got.out)
    got = explain(file(w, "v.json", policy(WHO, FEW)), "--json").json
    same("it depends, for programs", (got["permitted"], got["depends"], [v["verdict"] for v in got["verdicts"]]), (True, True, ["depends", "depends", "holds"]))
    got = explain(file(w, "v.json", policy(prohibition=[{"action": "use", "constraint": [UNTIL]}])), "--at", "2027-01-01T00:00:00Z")
    check("a prohibition", "  prohibition does not apply  (/prohibition/0)" in got.out.split("\n"), got.out)
    same("code of a denial", explain(file(w, "v.json", policy(FEW)), "--count", "6", "--json").json["code"], "policy_denies")
    got = explain(file(w, "v.json", policy(FEW, {"xone": []})), "--json").json
    same("code of what is not understood", got["code"], "policy_unsupported")
    same("each verdict", [(v["verdict"], v["place"]) for v in got["verdicts"]],
         [("odd", "/permission/0"), ("holds", "/permission/0/constraint/0"), ("odd", "/permission/0/constraint/1/xone")])


@case
def what_may_stand_there(w):
    rows = (
        ({**FEW, "operator": "<="}, '"<=": allowed: eq, neq, lt, lteq, gt, gteq', '"<="：可用：eq、neq、lt、lteq、gt、gteq'),
        ({**WHO, "operator": "in"}, '"in": allowed: eq, neq, isAnyOf, isNoneOf', "isAnyOf、isNoneOf"),
        ({**UNTIL, "rightOperand": "tomorrow"}, '"tomorrow": wanted: a time as 2027-01-01T00:00:00Z', "时间,如 2027-01-01T00:00:00Z"),
        ({**SOON, "rightOperand": "30 days"}, '"30 days": wanted: a duration as P30D', "P30D"),
        ({**FEW, "rightOperand": "five"}, '"five": wanted: a whole number', "整数"),
        ({**WHO, "rightOperand": "a b"}, '"a b": wanted: a DID', "DID"),
        ({**SOON, "leftOperand": "purpose"}, '"purpose": allowed: dateTime, count, elapsedTime, recipient', "dateTime、count"),
    )
    for constraint, english, chinese in rows:
        path = file(w, "o.json", policy(constraint))
        for env, words in (({}, english), (ZH, chinese)):
            got = explain(path, env=env)
            check(f"{english} {env}", got.code == 1 and words in got.out.split("\n")[0] and words in got.out.split("\n")[-2], got)
    for content, words in (({"permission": [{"action": "sell"}]}, '"sell": allowed: use'), ({"permission": [{"action": "use", "duty": [{}]}]}, "duties are not supported")):
        check(words, words in explain(file(w, "o.json", content)).out)


@case
def one_reader_of_files(w):
    """Of `policy explain` and of --policy: a byte order mark is left out, what is wrong is said with the file's name."""
    node = w.node("node")
    node.party("a")
    data, good = w.file("data", b"x"), json.dumps(policy(FEW)).encode()
    for row, content, code, words in (("a byte order mark", b"\xef\xbb\xbf" + good, 0, ""), ("a list", b"[]", 2, "is not a JSON object"),
                                      ("not JSON", b"{", 2, "JSON"), ("too large", b'{"x":"' + b"y" * 70000 + b'"}', 2, "limit")):
        path = file(w, "read.json", content)
        for got in (explain(path), node.run("provider:a", "product", "publish", data, "--id", "urn:" + row.replace(" ", "-"), "--policy", path)):
            same(f"{row}: exit status", got.code, code)
            check(f"{row}: file and words", words in got.err and (code == 0 or "read.json" in got.err), got.err)
    got = node.run("provider:a", "product", "publish", data, "--id", "urn:odd", "--policy", file(w, "odd.json", policy({**FEW, "operator": "<="})))
    check("the node says what is allowed", got.code == 1 and "allowed: eq, neq, lt, lteq" in got.err, got.err)


@case
def bad_use(w):
    good, deep = file(w, "g.json", policy(FEW)), json.dumps(FEW)
    for _ in range(1000):
        deep = '{"and":[' + deep + "]}"
    rows = (
        ("no file", [w.path("none.json")], 3, "none.json"), ("a folder", [w.path(".")], 3, ""), ("empty", [file(w, "e.json", b"")], 2, "e.json"),
        ("no JSON", [file(w, "b.json", b'{"permission":\n x}')], 2, "2"), ("no policy", [file(w, "n.json", {})], 2, "/permission"),
        ("a list", [file(w, "l.json", [])], 2, "l.json"), ("wrong type", [file(w, "t.json", policy({**FEW, "operator": 7}))], 2, "/permission/0/constraint/0/operator"),
        ("10,000 nodes", [file(w, "m.json", policy(*[FEW] * 10000))], 2, "m.json"),
        ("1,000 deep", [file(w, "d.json", ('{"permission":[{"action":"use","constraint":[' + deep + "]}]}").encode())], 2, "d.json"),
        ("time", [good, "--at", "tomorrow"], 2, "--at"), ("agreed", [good, "--agreed", "2026-01-01"], 2, "--agreed"), ("count", [good, "--count", "-1"], 2, "--count"),
        ("a URL", [good, "--as", "https://a.example/p/x"], 2, "--as"), ("two words", [good, "--as", "a b"], 2, "--as"), ("half a DID", [good, "--as", "did:web"], 2, "--as"),
        ("count of letters", [good, "--count", "x"], 2, "--count"), ("no argument", [], 2, "FILE"), ("two files", [good, good], 2, ""), ("unknown flag", [good, "--who", "x"], 2, "--who"),
    )
    for row, args, code, about in rows:
        got = command("policy", "explain", *args)
        same(f"{row}: exit status and standard output", (got.code, got.out), (code, ""))
        check(f"{row}: says where", about in got.err and got.err.count("\n") == 1, got.err)
    got = command("policy", "explain", file(w, "t.json", {"permission": 5}), "--json", env=ZH)
    check("a document too", got.code == 2 and "/permission" in got.json["text"], got)
