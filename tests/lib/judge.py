"""tests/lib/judge.py - what a node's store says, read and recomputed without a line of the program under test.

Formats: store/schema.sql for the rows, LEAF format 1 for the evidence (its numbers of events are repeated here on purpose).
Every function yields findings, one sentence each; none means that it is as it must be.
"""
import hashlib
import json
import os
import sqlite3
import struct

NEGOTIATION, TRANSFER = 0, 1
STATES = ["NONE", "REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED", "FINALIZED", "STARTED", "SUSPENDED", "COMPLETED", "TERMINATED"]
NONE, REQUESTED, FINALIZED, STARTED, COMPLETED, TERMINATED = (
    STATES.index(s) for s in ("NONE", "REQUESTED", "FINALIZED", "STARTED", "COMPLETED", "TERMINATED"))
FINAL = {FINALIZED, COMPLETED, TERMINATED}
SENT, ACKED, RECEIVED, CHECKED = 5, 6, 8, 14
REFUSED_MARKS = {1, 2, 4}   # refused, once more, refused again: these wait until no attempt is open
NO_INDEX = 2**64 - 1


def rows(path, sql, *arguments):
    """A list of dictionaries. The file is only read; a node may be running on it."""
    with_rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    with_rows.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in with_rows.execute(sql, arguments)]
    finally:
        with_rows.close()


def text(value):
    raw = value.encode()
    return struct.pack(">H", len(raw)) + raw


def commitment(leaf):
    """LEAF: commitment = SHA-256(salt || opening)."""
    opening = b"\x01" + b"".join(text(leaf[name]) for name in ("party_did", "peer", "chain_id", "process", "agreement"))
    opening += struct.pack(">QQ", leaf["seq"], NO_INDEX if leaf["previous"] < 0 else leaf["previous"])
    opening += text(leaf["content_type"]) + leaf["content_hash"]
    return hashlib.sha256(leaf["salt"] + opening).digest()


def leaves(path, found):
    """Every rule of LEAF over all leaves of a store. Appends them to found."""
    found += rows(path, "SELECT * FROM leaf ORDER BY idx")
    events, chains = {}, {}
    for number, leaf in enumerate(found):
        at = f"leaf {leaf['idx']}"
        if leaf["idx"] != number:
            yield f"{at} stands where {number} should: a gap"
            return
        events[leaf["party"]] = events.get(leaf["party"], 0) + 1
        if leaf["event"] != events[leaf["party"]]:
            yield f"{at}: event {leaf['event']} of party {leaf['party']}, expected {events[leaf['party']]}"
        first, seq, previous, chain_id, did = chains.get(leaf["chain"], (leaf["idx"], -1, -1, leaf["chain_id"], leaf["party_did"]))
        if leaf["chain"] != first or leaf["seq"] != seq + 1 or leaf["previous"] != previous:
            yield f"{at}: number {leaf['seq']} after {leaf['previous']} of chain {leaf['chain']}, expected {seq + 1} after {previous}"
        if leaf["chain_id"] != chain_id or leaf["party_did"] != did:
            yield f"{at}: chain {leaf['chain']} is {chain_id} of {did}, and here {leaf['chain_id']} of {leaf['party_did']}"
        chains[leaf["chain"]] = (leaf["chain"], leaf["seq"], leaf["idx"], chain_id, did)
        if leaf["content"] is None or leaf["salt"] is None:
            yield f"{at}: erased, and nobody erased anything"
        elif hashlib.sha256(leaf["content"]).digest() != leaf["content_hash"]:
            yield f"{at}: its content has another hash"
        elif commitment(leaf) != leaf["commitment"]:
            yield f"{at}: its commitment does not recompute"


def files(data, settled):
    """Files of products are whole. settled: no upload is under way, so nothing else lies there either."""
    path = os.path.join(data, "hutong.db")
    known = set()
    for p in rows(path, "SELECT product.*, party.id AS party_id FROM product JOIN party ON party.row = product.party"):
        name = os.path.join(data, "products", p["party_id"], p["sha256"].hex())
        if name in known:
            continue
        known.add(name)
        try:
            with open(name, "rb") as f:
                content = f.read()
        except OSError as error:
            yield f"product {p['id']} version {p['version']}: {error}"
            continue
        if len(content) != p["size"] or hashlib.sha256(content).digest() != p["sha256"]:
            yield f"product {p['id']} version {p['version']}: its file has other bytes ({len(content)}, not {p['size']})"
    if settled:
        for folder, _, names in os.walk(os.path.join(data, "products")):
            for name in names:
                if os.path.join(folder, name) not in known and name.startswith("new-"):
                    yield f"{os.path.join(folder, name)}: left over"


def sound(path):
    result = [row["integrity_check"] for row in rows(path, "PRAGMA integrity_check")]
    if result != ["ok"]:
        yield f"SQLite: {result}"


def processes(path, node):
    """All processes of a store, with the DID of the party and what is known of the pending letter."""
    found = rows(path, "SELECT pid, peer_pid, machine, role, state, pending, mark, person, peer, did, open_us FROM process "
                       "JOIN party ON party.row = process.party LEFT JOIN letter ON letter.process = process.row")
    for p in found:
        p["node"] = node
    return found


def shown(p):
    return REQUESTED if p["state"] == NONE and p["pending"] else p["state"]


def called(p):
    kind = "transfer" if p["machine"] == TRANSFER else "negotiation"
    pending = f", message {p['pending']} pending (mark {p['mark']})" if p["pending"] else ""
    return f"{kind} {p['pid']} of {p['did']}: {STATES[p['state']]}{pending}"


def settled(p):
    """Final, or waiting for a person: a transfer that has started waits for its consumer."""
    return not p["pending"] and (p["state"] in FINAL or p["person"] or (p["machine"] == TRANSFER and p["state"] == STARTED))


def pairs(everything):
    """(ours, theirs) for each process of a consumer; theirs is None when the provider has none. What is odd comes second."""
    by_pid = {p["pid"]: p for p in everything}
    by_request, odd, found = {}, [], []
    for p in everything:
        if p["role"] != 2:
            continue
        key = (p["did"], p["peer"], p["machine"], p["peer_pid"])
        if key in by_request:
            odd.append(f"two processes of one request: {called(p)} and {called(by_request[key])}")
        by_request[key] = p
        if p["peer_pid"] not in by_pid:
            odd.append(f"nobody has the other side of {called(p)}")
    for p in everything:
        if p["role"] != 1:
            continue
        theirs = by_request.get((p["peer"], p["did"], p["machine"], p["pid"]))
        if p["peer_pid"] and (theirs is None or theirs["pid"] != p["peer_pid"]):
            odd.append(f"the other side is not {p['peer_pid']}: {called(p)}")
        found.append((p, theirs))
    return found, odd


def same(ours, theirs):
    """Both sides of one process, when nothing is on its way any more."""
    if theirs is None:
        if ours["state"] != TERMINATED:
            yield f"the provider has nothing of {called(ours)}"
    elif ours["state"] != theirs["state"]:
        yield f"two states: {called(ours)}, and {called(theirs)}"
    elif not (settled(ours) and settled(theirs)):
        yield f"not settled: {called(ours)}, and {called(theirs)}"


def ended_twice(ours, theirs):
    """What must not be at any moment, whatever is on its way: LIFECYCLE (a)."""
    if theirs and TERMINATED in (ours["state"], theirs["state"]) and {ours["state"], theirs["state"]} & {FINALIZED, COMPLETED}:
        yield f"ended twice: {called(ours)}, and {called(theirs)}"


def answered(leaves_of, everything):
    """Each message whose acknowledgement left a leaf was received by the other side: what was answered to a peer is never lost.
    Returns how many, and what is missing."""
    by_pid = {p["pid"]: p for p in everything}
    received = {}
    for found in leaves_of:
        for leaf in found:
            if leaf["kind"] == RECEIVED:
                received.setdefault(leaf["process"], set()).add(leaf["content_hash"])
    count, missing = 0, []
    for found in leaves_of:
        last = {}
        for leaf in found:
            if leaf["kind"] == SENT:
                last[leaf["process"]] = leaf
            if leaf["kind"] != ACKED or leaf["process"] not in last:
                continue
            sent, p = last[leaf["process"]], by_pid[leaf["process"]]
            count += 1
            if sent["content_hash"] not in received.get(p["peer_pid"], ()):
                missing.append(f"acknowledged and not there: {json.loads(sent['content']).get('@type')} of {called(p)}")
    return count, missing
