"""Runs the conformance kit (Eclipse DSP TCK) against a connector, and counts.

What it needs of the connector, in this order: BASE (DSP, with the version's path), ROOT (where /.well-known/dspace-version is), AGENT (its id
as a participant), two hooks that make it start a negotiation or a transfer as consumer, AUTHORIZATION (what the kit sends as that header).
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import java

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = "8083"        # where the kit listens; $TCK_PORT is another
AWAIT_S = 7          # how long it waits for a state
PASSED = 65          # of 67 tests two are switched off in the kit
RUN_S = 900

# How many tests each group has: prefix of the settings, tag of the ids, tests 01-xx, 02-xx, 03-xx, and what is set.
GROUPS = [
    ("CN", "ACN", (4, 7, 4), "DATASETID OFFERID AGREEMENTID FORMAT"),
    ("CN_C", "ACNC", (4, 6, 6), "DATASETID AGREEMENTID FORMAT"),
    ("TP", "ATP", (5, 5, 6), "DATASETID OFFERID AGREEMENTID FORMAT"),
    ("TP_C", "ATPC", (5, 5, 6), "DATASETID OFFERID AGREEMENTID FORMAT"),
]


def settings(base, root, agent, negotiate, transfer, authorization):
    """Every setting of the kit, each a system property."""
    at, port = "dataspacetck.dsp.connector.", os.environ.get("TCK_PORT", PORT)
    rows = {
        "dataspacetck.launcher": "org.eclipse.dataspacetck.dsp.system.DspSystemLauncher", "dataspacetck.port": port,
        "dataspacetck.callback.address": f"http://127.0.0.1:{port}", "dataspacetck.dsp.default.wait": AWAIT_S,
        at + "http.url": base, at + "http.base.url": root, at + "agent.id": agent, at + "negotiation.initiate.url": negotiate,
        at + "transfer.initiate.url": transfer,
    }
    if authorization:
        rows[at + "http.headers.authorization"] = authorization
    rows.update({f"CAT_01_0{n}_DATASETID": f"CAT010{n}" for n in (1, 2, 3)})
    for prefix, tag, counts, what in GROUPS:
        for block, count in enumerate(counts, 1):
            for n in range(1, count + 1):
                of = f"{tag}0{block}0{n}"
                values = {"DATASETID": of, "OFFERID": f"CD123:{of}:456", "AGREEMENTID": of, "FORMAT": "HttpData-PULL"}
                rows.update({f"{prefix}_0{block}_0{n}_{name}": values[name] for name in what.split()})
    return [f"{name}={value}" for name, value in rows.items()]


def failures(folder):
    """(passed, [(name, why)]) of the reports that JUnit leaves."""
    passed, failed = 0, []
    for name in sorted(os.listdir(folder)):
        if not re.fullmatch(r"TEST-.*\.xml", name):
            continue
        for test in xml.parse(os.path.join(folder, name)).iter("testcase"):
            wrong = [w for kind in ("failure", "error") for w in test.iter(kind)]
            shown = re.search(r"^display-name: (.*)$", "".join(test.itertext()), re.M)
            if wrong:
                failed.append((shown.group(1) if shown else test.get("name"), (wrong[0].get("message") or wrong[0].get("type") or "").split("\n")[0]))
            elif test.find("skipped") is None:
                passed += 1
    return passed, failed


def measured(connector):
    """Runs the kit. 0: everything passed."""
    path = java.class_path(os.path.join(HERE, "pom.xml"))
    folder = tempfile.mkdtemp(prefix="tck-")
    log = os.path.join(folder, "log")
    kit = java.Java(path, "org.junit.platform.console.ConsoleLauncher", log, *settings(*connector), arguments=[
        "execute", "--select-package", "org.eclipse.dataspacetck.dsp.verification", "--details=tree", "--disable-ansi-colors", "--reports-dir", folder])
    try:
        kit.process.wait(RUN_S)
    except subprocess.TimeoutExpired:
        print(f"the kit has not ended in {RUN_S} s")
    finally:
        kit.stop()
    passed, failed = failures(folder)
    for name, why in failed:
        print(f"FAIL  {name}: {why}")
    good = passed == PASSED and not failed
    if not good:
        print(f"what the kit said is in {log}; {PASSED} should pass")
    elif os.environ.get("HT_PEERS_KEEP") != "1":
        shutil.rmtree(folder)
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    return 0 if good else 1


def run(arguments):
    """With a connector's words: against it. Without: against hutong, by tests/peers/tck-node."""
    if arguments:
        if len(arguments) not in (5, 6):
            sys.exit("tests/peers/run tck [BASE ROOT AGENT NEGOTIATION_HOOK TRANSFER_HOOK [AUTHORIZATION]]")
        return measured((arguments + [""])[:6])
    import node

    os.environ.setdefault("TCK_PORT", str(node.free_port()))
    program = os.path.join(os.path.dirname(HERE), "tck-node")
    under_test = subprocess.Popen([program, "--port", str(node.free_port())], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        words = under_test.stdout.readline().rstrip("\n").split(" ", 5)
        if len(words) != 6:
            print(f"tck-node does not say six words but {words}")
            return 1
        return measured(words)
    finally:
        under_test.terminate()
        under_test.wait()
