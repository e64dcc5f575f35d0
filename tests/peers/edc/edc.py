"""An Eclipse EDC as a process, and its management API.

In memory, mock identity, a data plane for pull and push. Everything listens on free ports of localhost.
"""
import concurrent.futures
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

import java
import node

HERE = os.path.dirname(os.path.abspath(__file__))
START_S = 90
DOORS = {"": "/api", "management": "/management", "control": "/control", "protocol": "/dsp", "version": "/version", "public": "/public"}
EDC = "https://w3id.org/edc/v0.0.1/ns/"
ODRL = "http://www.w3.org/ns/odrl.jsonld"
PROTOCOL = "dataspace-protocol-http:2025-1"
QUICK = {f"edc.{what}.state-machine.iteration-wait-millis": 50 for what in ("negotiation", "transfer")}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, url, status, words):
        super().__init__(f"{urllib.parse.urlsplit(url).path}: {status}: {words}")
        self.status = status


def fetch(url, body=None, headers=None, seconds=60):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=seconds) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(url, error.code, error.read()[:600].decode(errors="replace")) from None


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


class Edc:
    """One connector. more: settings beside those that every one has; properties: of the Java machine."""

    def __init__(self, name, folder, more=None, properties=()):
        self.name, self.folder = name, folder
        self.ports = {door: node.free_port() for door in DOORS}
        self.base = f"http://localhost:{self.ports['protocol']}/dsp/2025-1"
        self.api = f"http://localhost:{self.ports['management']}/management/v3"
        path = java.class_path(os.path.join(HERE, "pom.xml"))
        classes = java.compiled(os.path.join(HERE, "seed", "PullKeys.java"), path)
        self.log = os.path.join(folder, name + ".log")
        self.process = java.Java(f"{classes}:{path}", "org.eclipse.edc.boot.system.runtime.BaseRuntime", self.log,
                                 "edc.fs.config=" + self.settings(more or {}), *properties)
        self.wait_for_start()

    def settings(self, more):
        rows = {
            "edc.participant.id": self.name, "edc.component.id": self.name, "edc.hostname": "localhost", "edc.management.context.enabled": "true",
            "edc.dsp.callback.address": f"http://localhost:{self.ports['protocol']}/dsp",
            "edc.dataplane.api.public.baseurl": f"http://localhost:{self.ports['public']}/public",
            "edc.transfer.proxy.token.signer.privatekey.alias": "pull-private",
            "edc.transfer.proxy.token.verifier.publickey.alias": "pull-public",
        }
        for door, path in DOORS.items():
            key = "web.http" + ("." + door if door else "")
            rows.update({key + ".port": self.ports[door], key + ".path": path})
        rows.update(more)
        path = os.path.join(self.folder, self.name + ".properties")
        with open(path, "w", encoding="ascii") as f:
            f.writelines(f"{key}={value}\n" for key, value in rows.items())
        return path

    def wait_for_start(self):
        """Its doors open one after the other."""
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.alive():
            try:
                fetch(f"http://localhost:{self.ports['protocol']}/dsp/.well-known/dspace-version")
                self.ask("/assets/request", {"@type": "QuerySpec"})
                return
            except (OSError, Refused):
                time.sleep(0.1)
        self.process.stop()
        raise RuntimeError(f"EDC does not start: {self.process.said()[-3000:]}")

    def stop(self):
        self.process.stop()

    def ask(self, path, body=None):
        """A call of the management API; a body makes it a POST."""
        data = None if body is None else json.dumps({"@context": {"@vocab": EDC, "odrl": "http://www.w3.org/ns/odrl/2/"}, **body}).encode()
        answer = fetch(self.api + path, data, {"Content-Type": "application/json"})
        return json.loads(answer) if answer else None

    def sell(self, asset, url):
        """Offers what is at url as asset, to everybody, for any use."""
        self.ask("/assets", {"@id": asset, "properties": {"name": asset}, "dataAddress": {"type": "HttpData", "baseUrl": url}})
        self.ask("/policydefinitions", {"@id": "any-use-" + asset, "policy": {
            "@context": ODRL, "@type": "Set", "permission": [{"action": "use"}], "prohibition": [], "obligation": []}})
        self.ask("/contractdefinitions", {
            "@id": "offer-" + asset, "accessPolicyId": "any-use-" + asset, "contractPolicyId": "any-use-" + asset,
            "assetsSelector": [{"@type": "CriterionDto", "operandLeft": EDC + "id", "operator": "=", "operandRight": asset}]})

    def offer(self, base, peer, asset):
        """The first offer of an asset in the peer's catalog, as it is asked for."""
        catalog = self.ask("/catalog/request", {"counterPartyAddress": base, "counterPartyId": peer, "protocol": PROTOCOL})
        for dataset in listed(catalog.get("dataset", catalog.get("dcat:dataset"))):
            if dataset["@id"] == asset:
                offer = listed(dataset.get("hasPolicy", dataset.get("odrl:hasPolicy")))[0]
                return {**offer, "@context": ODRL, "assigner": peer, "target": asset}
        raise RuntimeError(f"{asset} is not in the catalog of {base}: {json.dumps(catalog)[:1500]}")

    def negotiate(self, base, offer):
        """Asks for an offer; the id of the negotiation."""
        return self.ask("/contractnegotiations", {"@type": "ContractRequest", "counterPartyAddress": base, "protocol": PROTOCOL,
                                                  "policy": offer})["@id"]

    def transfer(self, base, agreement, asset):
        """Asks for a pull; the id of the transfer."""
        return self.ask("/transferprocesses", {
            "@type": "TransferRequest", "counterPartyAddress": base, "contractId": agreement, "assetId": asset, "protocol": PROTOCOL,
            "transferType": "HttpData-PULL", "dataDestination": {"type": "HttpProxy"}})["@id"]

    def await_state(self, kind, number, *good, every=0.05, limit=60):
        """kind: contractnegotiations or transferprocesses. The process when it is in one of the states."""
        until = time.monotonic() + limit
        while True:
            found = self.ask(f"/{kind}/{number}")
            if found["state"] in good:
                return found
            if found["state"] == "TERMINATED" or time.monotonic() > until:
                raise RuntimeError(f"EDC: {kind} {number} is {found['state']}, not {' or '.join(good)}: {found.get('errorDetail')}")
            time.sleep(every)

    def mine(self, kind, peer_pid):
        """The id of the process here that the peer calls peer_pid."""
        for found in self.ask(f"/{kind}/request", {"@type": "QuerySpec", "limit": 1000}):
            if found.get("correlationId") == peer_pid:
                return found["@id"]
        raise RuntimeError(f"EDC has no process for {peer_pid}")

    def address(self, transfer, limit=10):
        """(URL, Authorization) of a pull: it may come just after STARTED."""
        until = time.monotonic() + limit
        while True:
            try:
                found = self.ask(f"/edrs/{transfer}/dataaddress")
                return found[EDC + "endpoint"], found[EDC + "authorization"]
            except Refused as error:
                if error.status != 404 or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def pull(self, transfer):
        url, authorization = self.address(transfer)
        return fetch(url, headers={"Authorization": authorization})


def load(folder, levels, tuned):
    """EDC to EDC: one dictionary of figures a level (how many, how many at once)."""
    settings = {}
    if tuned:
        settings = {"edc.negotiation.state-machine.iteration-wait-millis": 10, "edc.negotiation.consumer.state-machine.batch-size": 200,
                    "edc.negotiation.provider.state-machine.batch-size": 200}
    name = "tuned" if tuned else "plain"
    sides = []
    try:
        sides = [Edc(f"edc-{side}-{name}", folder, settings) for side in ("buyer", "seller")]
        buyer, seller = sides
        seller.sell("load", "http://localhost:1/nothing")
        offer = buyer.offer(seller.base, seller.name, "load")
        for count, at_once in levels:
            def one(_, at_once=at_once):
                """Seconds; None: EDC ended it. Under load an agreement of its own comes before it has dealt with the answer to its request."""
                began = time.monotonic()
                found = buyer.await_state("contractnegotiations", buyer.negotiate(seller.base, offer), "FINALIZED", "TERMINATED",
                                          every=0.02 if at_once < 8 else 0.25)
                return time.monotonic() - began if found["state"] == "FINALIZED" else None

            began = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
                ends = list(pool.map(one, range(count)))
            seconds = time.monotonic() - began
            took = sorted(t for t in ends if t is not None)
            if not took:
                raise RuntimeError(f"EDC finalizes none of {count}")
            yield {"peer": "edc", "settings": name, "at_once": at_once, "done": len(took), "terminated": count - len(took),
                   "per_s": round(len(took) / seconds, 2), "p50_ms": round(took[len(took) // 2] * 1e3),
                   "p99_ms": round(took[-(-len(took) * 99 // 100) - 1] * 1e3)}
    finally:
        for side in sides:
            side.stop()
