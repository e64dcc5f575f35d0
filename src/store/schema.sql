-- The schema of a node's store, version 2. Written from LIFECYCLE, IDENTITY and LEAF; doc/adr/0001 says what was decided here.
--
-- Times are microseconds since 1970-01-01 UTC (_us) or seconds (_s). Enums are the numbers of model/market.h and
-- model/leaf.h, which never change their meaning. Ids that we mint are urn:uuid version 7, so that every index grows at its end.
-- Everything that one step changes is changed in one transaction. Rows of leaf are never changed, only erased.

-- What the node is: 'public_url', and whatever else is fixed at the first start.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- A party that this node hosts. Row 0 is never used: it stands for the node itself in leaf.
CREATE TABLE party (
  row      INTEGER PRIMARY KEY CHECK (row > 0),
  id       TEXT NOT NULL UNIQUE,          -- in paths: /p/ID
  name     TEXT NOT NULL,                 -- for people
  did      TEXT NOT NULL UNIQUE,
  chain    INTEGER NOT NULL,              -- index of the first leaf of the party's own chain
  made_us  INTEGER NOT NULL
);

-- Public keys of the parties, oldest first. The private half is a file in keys/. A retired key stays in the document
-- until its last token has expired.
CREATE TABLE party_key (
  party      INTEGER NOT NULL REFERENCES party(row),
  kid        TEXT NOT NULL,               -- DID#THUMBPRINT
  public     BLOB NOT NULL CHECK (length(public) = 32),
  made_us    INTEGER NOT NULL,
  retired_us INTEGER,
  PRIMARY KEY (party, kid)
) WITHOUT ROWID;

-- Bearer tokens of the management API; only their hash is kept.
CREATE TABLE token (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  role       INTEGER NOT NULL,            -- one of enum ht_role
  party      INTEGER REFERENCES party(row), -- NULL: operator, regulator
  made_us    INTEGER NOT NULL,
  revoked_us INTEGER
);

-- Every version of every product. The newest of an id is offered; an agreement is about the version whose offer it took.
CREATE TABLE product (
  row          INTEGER PRIMARY KEY,
  party        INTEGER NOT NULL REFERENCES party(row),
  id           TEXT NOT NULL,             -- the dataset's @id, verbatim
  version      INTEGER NOT NULL,          -- 1, 2 ...
  title        TEXT NOT NULL,
  policy       TEXT NOT NULL,             -- ODRL, as it was published
  offer        TEXT NOT NULL,             -- @id of the offer: hash of party, id, version and policy, or as published
  audience     TEXT NOT NULL,             -- DIDs with commas between; empty: everybody
  manual       INTEGER NOT NULL,          -- 1: a person decides each step
  file         TEXT NOT NULL,             -- name as published
  size         INTEGER NOT NULL,          -- bytes
  sha256       BLOB NOT NULL CHECK (length(sha256) = 32), -- the file is products/PARTY/HEX
  published_us INTEGER NOT NULL,
  chain        INTEGER NOT NULL,
  newest       INTEGER NOT NULL,          -- 1: what the catalog shows
  UNIQUE (party, id, version)
);
CREATE UNIQUE INDEX product_offer ON product (party, offer) WHERE newest = 1;
CREATE INDEX product_offered ON product (party, offer);
CREATE INDEX product_newest ON product (party) WHERE newest = 1;

-- A negotiation or transfer as one party sees it: its state, and at most one pending message (whose letter is in `letter`).
CREATE TABLE process (
  row        INTEGER PRIMARY KEY,
  party      INTEGER NOT NULL REFERENCES party(row),
  machine    INTEGER NOT NULL,
  role       INTEGER NOT NULL,            -- our side
  manual     INTEGER NOT NULL,
  state      INTEGER NOT NULL,            -- what both sides are known to agree on
  pending    INTEGER NOT NULL,            -- 0: nothing
  mark       INTEGER NOT NULL,            -- what became of the pending message so far
  unanswered INTEGER NOT NULL,
  stalled    INTEGER NOT NULL,            -- a dead letter
  person     INTEGER NOT NULL,            -- waits for a person
  pid        TEXT NOT NULL UNIQUE,        -- ours
  peer_pid   TEXT,                        -- NULL while unknown
  peer       TEXT NOT NULL,               -- DID, or id of the peers file
  base       TEXT NOT NULL,               -- where the peer takes messages, without a last slash
  product    TEXT NOT NULL,
  version    INTEGER NOT NULL,
  offer      TEXT NOT NULL,               -- last offer; '' for a transfer
  agreement  TEXT NOT NULL,               -- '' until there is one
  format     TEXT NOT NULL,
  address    TEXT NOT NULL,               -- DataAddress that came, or that we gave: '' before the first start
  access     BLOB,                        -- SHA-256 of the access token that we gave
  pushed     BLOB,                        -- SHA-256 of the file that was pushed to us; it is products/PARTY/HEX
  pushed_size INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  last       BLOB NOT NULL,               -- SHA-256 of the last accepted body
  chain      INTEGER NOT NULL,
  parent     INTEGER NOT NULL,            -- transfer: its negotiation
  made_us    INTEGER NOT NULL,
  changed_us INTEGER NOT NULL
);
-- An initial request is known by peer and the peer's pid: the second one gets the same process.
CREATE UNIQUE INDEX process_peer ON process (party, peer_pid, peer, machine) WHERE peer_pid IS NOT NULL;
CREATE INDEX process_party ON process (party, machine);
-- The transfers of an agreement, which its policy may count.
CREATE INDEX process_parent ON process (parent) WHERE parent > 0;
CREATE INDEX process_pushed ON process (party, pushed) WHERE pushed IS NOT NULL;

-- A contract. It counts when its negotiation is FINALIZED. Two parties of one node each keep their own row.
CREATE TABLE agreement (
  party       INTEGER NOT NULL REFERENCES party(row),
  id          TEXT NOT NULL,
  negotiation INTEGER NOT NULL REFERENCES process(row),
  role        INTEGER NOT NULL,
  peer        TEXT NOT NULL,
  product     TEXT NOT NULL,
  version     INTEGER NOT NULL,
  base        TEXT NOT NULL,
  policy      TEXT NOT NULL,              -- as it came or went
  made_us     INTEGER NOT NULL,
  PRIMARY KEY (party, id)
) WITHOUT ROWID;
-- A consumer looks for what it has already agreed on (role 1).
CREATE INDEX agreement_product ON agreement (party, product) WHERE role = 1;

-- The outbox: messages that are not settled. The body is the content of their leaf. Settled means deleted.
CREATE TABLE letter (
  process  INTEGER PRIMARY KEY REFERENCES process(row),
  msg      INTEGER NOT NULL,
  id       TEXT NOT NULL,                 -- @id of the message
  url      TEXT NOT NULL,
  leaf     INTEGER NOT NULL REFERENCES leaf(idx),
  made_us  INTEGER NOT NULL,
  due_us   INTEGER NOT NULL,              -- next attempt or, when refused, next look at the peer; 2^63 - 1: a dead letter
  open_us  INTEGER NOT NULL,              -- until then an unanswered attempt can still arrive
  again_us INTEGER NOT NULL,
  attempts INTEGER NOT NULL
);

-- Accepted messages: the mark by which a duplicate is known, and what proves who sent it even when the peer is gone.
CREATE TABLE message (
  process INTEGER NOT NULL REFERENCES process(row),
  id      TEXT NOT NULL,                  -- @id; for a message without one: 'leaf:' and the index of its leaf
  leaf    INTEGER NOT NULL REFERENCES leaf(idx),
  token   TEXT NOT NULL,                  -- '' for peers with a fixed header
  key     BLOB NOT NULL,                  -- the public key that verified it
  PRIMARY KEY (process, id)
) WITHOUT ROWID;

-- Tokens that became steps: none is taken twice, also after a restart. Forgotten at until_s.
CREATE TABLE seen (
  jti     TEXT NOT NULL,
  issuer  TEXT NOT NULL,
  until_s INTEGER NOT NULL,
  PRIMARY KEY (jti, issuer)
) WITHOUT ROWID;

-- Something that is due: kind 1 asks the peer after a day of quiet.
CREATE TABLE timer (
  due_us  INTEGER NOT NULL,
  process INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  PRIMARY KEY (due_us, process, kind)
) WITHOUT ROWID;

-- The evidence: one row for each event, LEAF format 1. Index without a gap, given by the one writer. The texts of the
-- opening are kept here as they were sealed, so that a row can be recomputed from itself alone.
CREATE TABLE leaf (
  idx          INTEGER PRIMARY KEY CHECK (idx >= 0),
  kind         INTEGER NOT NULL,
  at_us        INTEGER NOT NULL,
  party        INTEGER NOT NULL,          -- row of party; 0: the node itself
  event        INTEGER NOT NULL,          -- number for this party, from 1
  chain        INTEGER NOT NULL,          -- idx of the first leaf of the chain
  seq          INTEGER NOT NULL,          -- number in the chain, from 0
  previous     INTEGER NOT NULL,          -- idx of the one before in the chain; -1: none
  party_did    TEXT NOT NULL,
  peer         TEXT NOT NULL,
  chain_id     TEXT NOT NULL,
  process      TEXT NOT NULL,
  agreement    TEXT NOT NULL,
  content_type TEXT NOT NULL,
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  content      BLOB,                      -- NULL: erased, with the salt
  salt         BLOB CHECK (salt IS NULL OR length(salt) = 32),
  commitment   BLOB NOT NULL CHECK (length(commitment) = 32)
);
CREATE UNIQUE INDEX leaf_event ON leaf (party, event);
CREATE UNIQUE INDEX leaf_chain ON leaf (chain, seq);
