"""A foreign peer in Python: a DID document, tokens of any content, the messages of DSP, and answers as a case wants them."""
import hashlib
import http.server
import json
import os
import re
import secrets
import subprocess
import threading
import urllib.parse
import uuid

from node import BUILD, ask, base64url, now_s

CONTEXT = ["https://w3id.org/dspace/2025/1/context.jsonld"]
_signer_lock = threading.Lock()
_signer = []


def _sign(seed, message):
    """(public key, signature), both in base64url."""
    with _signer_lock:
        if not _signer:
            _signer.append(subprocess.Popen([os.path.join(BUILD, "test_flow")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        _signer[0].stdin.write(f"{seed} {message}\n")
        _signer[0].stdin.flush()
        public, signature = _signer[0].stdout.readline().split()
        return public, signature


def end_signer():
    for process in _signer:
        process.stdin.close()
        process.wait()


def routes():
    got = subprocess.run([os.path.join(BUILD, "test_flow"), "routes"], capture_output=True, text=True, check=True)
    return [tuple(line.split()) for line in got.stdout.splitlines()]


class Key:
    def __init__(self, did, seed=None, kid=None):
        self.did = did
        self.seed = seed or secrets.token_hex(32)
        self.public = _sign(self.seed, "x")[0]
        jwk = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": self.public}, separators=(",", ":"))
        self.kid = kid or did + "#" + base64url(hashlib.sha256(jwk.encode()).digest())

    def token(self, audience, body=b"", header=None, claims=None, signed_by=None):
        """header, claims: what is another than it should be; None removes a member."""
        head = {"alg": "EdDSA", "typ": "JWT", "kid": self.kid, **(header or {})}
        said = {"iss": self.did, "sub": self.did, "aud": audience, "jti": secrets.token_urlsafe(16), "iat": now_s(), "exp": now_s() + 300,
                "body": base64url(hashlib.sha256(body).digest()), **(claims or {})}
        parts = [base64url(json.dumps({k: v for k, v in part.items() if v is not None}).encode()) for part in (head, said)]
        signed = ".".join(parts)
        return signed + "." + _sign((signed_by or self).seed, signed)[1]


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.method} {self.path} {self.body[:300]!r}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self):
        peer = self.server.peer
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        status, headers, content = peer.reply(request)
        if status is None:  # no answer at all
            self.close_connection = True
            return
        content = content if isinstance(content, bytes) or callable(content) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        if callable(content):  # writes as it likes, until it or the connection ends
            self.send_header("Connection", "close")
            self.end_headers()
            content(self.wfile)
            return
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


class Peer:
    """Listens on a port of 127.0.0.1. on(method, pattern) rows decide what it answers; all requests are kept in .got."""

    def __init__(self, w, name="peer"):
        self.name = name
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.peer = self
        self.port = self.server.server_port
        self.url = f"http://localhost:{self.port}"
        self.did = f"did:web:localhost%3A{self.port}:p:{name}"
        self.base = f"{self.url}/p/{name}/dsp/2025-1"
        self.key = Key(self.did)
        self.got, self.rows, self.lock = [], [], threading.Lock()
        self.on("GET", f"/p/{name}/did\\.json", lambda r: (200, {}, self.document()))
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        w.ends.append(self)

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    kill = stop

    def document(self):
        return {"@context": ["https://www.w3.org/ns/did/v1"], "id": self.did,
                "verificationMethod": [{"id": self.key.kid, "type": "JsonWebKey2020", "controller": self.did,
                                        "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": self.key.public}}],
                "authentication": [self.key.kid], "assertionMethod": [self.key.kid],
                "service": [{"id": self.did + "#dsp", "type": "CatalogService", "serviceEndpoint": self.base}]}

    def on(self, method, pattern, answer):
        """answer: (status, headers, content) or a function of the request that gives one. The last row that matches counts."""
        self.rows.insert(0, (method, re.compile(pattern), answer if callable(answer) else lambda r: answer))

    def reply(self, request):
        with self.lock:
            self.got.append(request)
            rows = list(self.rows)
        for method, pattern, answer in rows:
            if method == request.method and pattern.fullmatch(urllib.parse.unquote(request.path)):
                return answer(request)
        return (200, {}, {}) if request.method == "POST" else (404, {}, {})

    def came(self, pattern):
        with self.lock:
            return [r for r in self.got if re.search(pattern, r.path)]

    # As a client of a node.

    def post(self, url, audience, message, **more):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return ask("POST", url, self.key.token(audience, body, **more), body)

    def get(self, url, audience):
        return ask("GET", url, self.key.token(audience))

    # What it says.

    def request(self, product, **more):
        """A contract request on a product of a node (its description as the API gives it)."""
        return dsp("ContractRequestMessage", consumerPid=pid(), callbackAddress=self.base,
                   offer={"@id": product["offer"], "@type": "Offer", "target": product["id"], **terms(product["policy"])}, **more)

    def dataset(self, product, content=b"", policy=None, **more):
        """One dataset of its own, as a provider."""
        return {"@context": CONTEXT, "@id": product, "@type": "Dataset",
                "hasPolicy": [{"@id": "urn:offer:" + product, "@type": "Offer", **(policy or {"permission": [{"action": "use"}]})}],
                "distribution": [{"@type": "Distribution", "format": "HttpData-PULL",
                                  "accessService": {"@id": self.base, "@type": "DataService", "endpointURL": self.base},
                                  "dcat:byteSize": len(content),
                                  "spdx:checksum": {"spdx:algorithm": {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
                                                    "spdx:checksumValue": hashlib.sha256(content).hexdigest()}}], **more}

    def offers(self, *datasets):
        """Its catalog has these."""
        catalog = {"@context": CONTEXT, "@id": self.base + "/catalog", "@type": "Catalog", "participantId": self.did, "dataset": list(datasets)}
        self.on("POST", ".*/catalog/request", (200, {}, catalog))
        for dataset in datasets:
            self.on("GET", ".*/catalog/datasets/" + re.escape(dataset["@id"]), (200, {}, dataset))


def pid():
    return "urn:uuid:" + str(uuid.uuid4())


def dsp(kind, **members):
    """A message of DSP. A member that is None is left out."""
    return {k: v for k, v in {"@context": CONTEXT, "@type": kind, "@id": pid(), **members}.items() if v is not None}


def terms(policy):
    return {k: v for k, v in policy.items() if k in ("permission", "prohibition", "obligation", "profile")}


def process(kind, message, state, provider_pid):
    """The answer to an initial request."""
    return {"@context": CONTEXT, "@type": kind, "providerPid": provider_pid, "consumerPid": message["consumerPid"], "state": state}


class Seller(Peer):
    """A provider that trades by itself: agrees, finalizes, starts. content: what it describes; served: what it gives (a function of the
    request, or bytes). header: the Authorization value that it sends, as a peer of the peers file; None: its own tokens."""

    def __init__(self, w, name="seller", header=None):
        super().__init__(w, name)
        self.header, self.assigner = header, self.did
        self.said = []
        self.policies, self.served = {}, {}
        self.refuses_to_agree = False
        dsp_path = f"/p/{name}/dsp/2025-1"
        self.on("POST", dsp_path + "/negotiations/request", self.on_request)
        self.on("POST", dsp_path + "/negotiations/[^/]+/agreement/verification", self.on_verification)
        self.on("POST", dsp_path + "/transfers/request", self.on_transfer)
        self.on("GET", f"/p/{name}/data/.*", self.on_data)

    def sell(self, product, content, served=None, policy=None, dataset=None):
        self.served[product] = content if served is None else served
        self.datasets = getattr(self, "datasets", {})
        self.datasets[product] = dataset or self.dataset(product, content, policy)
        self.offers(*self.datasets.values())

    def later(self, url, audience, message):
        """Says it when the answer has left; 503 is said again."""
        def run():
            body = json.dumps(message).encode()
            for _ in range(50):
                got = ask("POST", url, self.header and "raw:" + self.header or self.key.token(audience, body), body)
                if got.status != 503:
                    break
                threading.Event().wait(0.05)
            self.said.append((message["@type"], got))
        threading.Thread(target=run, daemon=True).start()

    def audience(self, request):
        """Who says it, and so to whom the answer goes: of its token."""
        import base64
        try:
            part = request.headers["Authorization"].split(".")[1]
            return json.loads(base64.urlsafe_b64decode(part + "=="))["iss"]
        except (IndexError, ValueError):
            return ""

    def on_request(self, request):
        m = request.json
        ours = pid()
        self.policies[ours] = (m, self.audience(request))
        if not self.refuses_to_agree:
            agreement = {"@id": pid(), "@type": "Agreement", "target": m["offer"]["target"], "assigner": self.assigner,
                         "assignee": getattr(self, "assignee", None) or self.audience(request), "timestamp": "2026-01-01T00:00:00Z", **terms(m["offer"])}
            self.later(f"{m['callbackAddress']}/negotiations/{m['consumerPid']}/agreement", self.audience(request),
                       dsp("ContractAgreementMessage", providerPid=ours, consumerPid=m["consumerPid"], agreement=agreement))
        return 201, {}, process("ContractNegotiation", m, "REQUESTED", ours)

    def on_verification(self, request):
        m = request.json
        first, audience = self.policies[m["providerPid"]]
        self.later(f"{first['callbackAddress']}/negotiations/{m['consumerPid']}/events", audience,
                   dsp("ContractNegotiationEventMessage", providerPid=m["providerPid"], consumerPid=m["consumerPid"], eventType="FINALIZED"))
        return 200, {}, {}

    def address(self, ours):
        return f"{self.url}/p/{self.name}/data/{ours}"

    def on_transfer(self, request):
        m = request.json
        ours = pid()
        where = {"@type": "DataAddress", "endpointType": "https://w3id.org/idsa/v4.1/HTTP", "endpoint": self.address(ours),
                 "endpointProperties": [{"@type": "EndpointProperty", "name": "authorization", "value": "secret-" + ours},
                                        {"@type": "EndpointProperty", "name": "authType", "value": "bearer"}]}
        self.later(f"{m['callbackAddress']}/transfers/{m['consumerPid']}/start", self.audience(request),
                   dsp("TransferStartMessage", providerPid=ours, consumerPid=m["consumerPid"], dataAddress=where))
        return 201, {}, process("TransferProcess", m, "REQUESTED", ours)

    def on_data(self, request):
        served = next(iter(self.served.values())) if len(self.served) == 1 else self.now_served
        return served(request) if callable(served) else (200, {"Content-Type": "application/octet-stream"}, served)
