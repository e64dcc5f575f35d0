/* store/sql.h - every statement of the store, and the columns of its nouns, each once. Private to the store.
 *
 * A row of columns is (type, member of the struct, column). store/row.h says what a type binds and reads. The first column
 * of a table stands outside of its list, so that a comma can be put before each that follows.
 * A set of parties is BETWEEN two numbers: twice the same, or from the lowest to the highest for all. */
#ifndef HT_STORE_SQL_H
#define HT_STORE_SQL_H

#define HT_PARTY_COLUMNS(X)         \
	X(TEXT, party.id, id)       \
	X(TEXT, party.name, name)   \
	X(TEXT, party.did, did)     \
	X(INT, chain, chain)        \
	X(INT, made_us, made_us)

#define HT_KEY_COLUMNS(X)                   \
	X(TEXT, kid, kid)                   \
	X(HASH, pub, public)                \
	X(INT, made_us, made_us)            \
	X(SOME_INT, retired_us, retired_us)

#define HT_TOKEN_COLUMNS(X)                 \
	X(HASH, hash, hash)                 \
	X(ENUM, role, role)                 \
	X(SOME_INT, party, party)           \
	X(INT, made_us, made_us)            \
	X(SOME_INT, revoked_us, revoked_us)

#define HT_PRODUCT_COLUMNS(X)               \
	X(INT, party, party)                \
	X(TEXT, id, id)                     \
	X(INT, version, version)            \
	X(TEXT, title, title)               \
	X(TEXT, policy, policy)             \
	X(TEXT, offer, offer)               \
	X(TEXT, audience, audience)         \
	X(BOOL, manual, manual)             \
	X(TEXT, file, file)                 \
	X(INT, size, size)                  \
	X(HASH, sha256, sha256)             \
	X(INT, published_us, published_us)  \
	X(INT, chain, chain)

#define HT_PROCESS_FIXED(X)                 \
	X(INT, party, party)                \
	X(ENUM, machine, machine)           \
	X(ENUM, role, role)                 \
	X(TEXT, pid, pid)                   \
	X(SOME_TEXT, peer_pid, peer_pid)    \
	X(TEXT, peer, peer)                 \
	X(INT, parent, parent)              \
	X(INT, chain, chain)                \
	X(INT, made_us, made_us)
#define HT_PROCESS_SAVED(X)                 \
	X(BOOL, manual, manual)             \
	X(ENUM, state, state)               \
	X(ENUM, pending, pending)           \
	X(ENUM, mark, mark)                 \
	X(BOOL, unanswered, unanswered)     \
	X(BOOL, stalled, stalled)           \
	X(BOOL, person, person)             \
	X(TEXT, base, base)                 \
	X(TEXT, product, product)           \
	X(INT, version, version)            \
	X(TEXT, offer, offer)               \
	X(TEXT, agreement, agreement)       \
	X(TEXT, format, format)             \
	X(TEXT, address, address)           \
	X(SOME_HASH, access, access)        \
	X(SOME_HASH, pushed, pushed)        \
	X(INT, pushed_size, pushed_size)    \
	X(TEXT, reason, reason)             \
	X(HASH, last, last)

#define HT_AGREEMENT_COLUMNS(X)             \
	X(TEXT, id, id)                     \
	X(INT, negotiation, negotiation)    \
	X(ENUM, role, role)                 \
	X(TEXT, peer, peer)                 \
	X(TEXT, product, product)           \
	X(INT, version, version)            \
	X(TEXT, base, base)                 \
	X(TEXT, policy, policy)             \
	X(INT, made_us, made_us)

#define HT_LETTER_COLUMNS(X)                \
	X(ENUM, msg, msg)                   \
	X(TEXT, id, id)                     \
	X(TEXT, url, url)                   \
	X(INT, leaf, leaf)                  \
	X(INT, made_us, made_us)            \
	X(INT, due_us, due_us)              \
	X(INT, open_us, open_us)            \
	X(INT, again_us, again_us)          \
	X(INT, attempts, attempts)

#define HT_MESSAGE_COLUMNS(X)               \
	X(TEXT, id, id)                     \
	X(INT, leaf, leaf)                  \
	X(TEXT, token, token)               \
	X(HASH, key, key)

#define HT_LEAF_COLUMNS(X)                      \
	X(ENUM, kind, kind)                     \
	X(INT, at_us, at_us)                    \
	X(INT, party_row, party)                \
	X(INT, event, event)                    \
	X(INT, chain_index, chain)              \
	X(INT, seq, seq)                        \
	X(INT, previous, previous)              \
	X(TEXT, party, party_did)               \
	X(TEXT, peer, peer)                     \
	X(TEXT, chain, chain_id)                \
	X(TEXT, process, process)               \
	X(TEXT, agreement, agreement)           \
	X(TEXT, content_type, content_type)     \
	X(HASH, content_sha256, content_hash)   \
	X(HASH, commitment, commitment)

#define HT_NAME(type, member, column) ", " #column
#define HT_MARK(type, member, column) ", ?"
#define HT_SET(type, member, column) ", " #column " = ?"
#define HT_OF_G(type, member, column) ", g." #column

#define HT_SELECT_PARTY "SELECT row" HT_PARTY_COLUMNS(HT_NAME) " FROM party "
#define HT_SELECT_TOKEN                                                     \
	"SELECT token.id, hash, role, party, token.made_us, revoked_us, ifnull(party.id, '') " \
	"FROM token LEFT JOIN party ON party.row = token.party "
#define HT_SELECT_PRODUCT "SELECT row" HT_PRODUCT_COLUMNS(HT_NAME) " FROM product "
#define HT_SELECT_PROCESS "SELECT row, changed_us" HT_PROCESS_FIXED(HT_NAME) HT_PROCESS_SAVED(HT_NAME) " FROM process "
#define HT_SELECT_AGREEMENT "SELECT party" HT_AGREEMENT_COLUMNS(HT_NAME) " FROM agreement "
#define HT_SELECT_LETTER "SELECT process" HT_LETTER_COLUMNS(HT_NAME) " FROM letter "
#define HT_SELECT_LEAF "SELECT idx" HT_LEAF_COLUMNS(HT_NAME) ", content, salt FROM leaf "

/* A leaf's event number orders the leaves of a party as the index does. The plus keeps the search for where to begin on
 * the row before `after`, which is nearly always the party's own. */
#define HT_SQL_TABLE(X)                                                                                                            \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                                                \
	X(COMMIT, "COMMIT")                                                                                                        \
	X(META, "SELECT value FROM meta WHERE name = ?")                                                                           \
	X(META_PUT, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")                                                     \
	X(PARTY_ADD, "INSERT INTO party (row" HT_PARTY_COLUMNS(HT_NAME) ") VALUES (NULL" HT_PARTY_COLUMNS(HT_MARK) ")")            \
	X(PARTY, HT_SELECT_PARTY "WHERE row = ?")                                                                                  \
	X(PARTY_BY_ID, HT_SELECT_PARTY "WHERE id = ?")                                                                             \
	X(PARTY_BY_DID, HT_SELECT_PARTY "WHERE did = ?")                                                                           \
	X(PARTIES, HT_SELECT_PARTY "WHERE row > ? ORDER BY row LIMIT ?")                                                           \
	X(KEY_ADD, "INSERT INTO party_key (party" HT_KEY_COLUMNS(HT_NAME) ") VALUES (?" HT_KEY_COLUMNS(HT_MARK) ")")               \
	X(KEYS, "SELECT party" HT_KEY_COLUMNS(HT_NAME) " FROM party_key WHERE party = ? AND (retired_us IS NULL OR retired_us >= ?) " \
		"ORDER BY made_us DESC, kid DESC")                                                                                 \
	X(TOKEN_ADD, "INSERT INTO token (id" HT_TOKEN_COLUMNS(HT_NAME) ") VALUES (NULL" HT_TOKEN_COLUMNS(HT_MARK) ")")             \
	X(TOKEN, HT_SELECT_TOKEN "WHERE token.id = ?")                                                                             \
	X(TOKEN_BY_HASH, HT_SELECT_TOKEN "WHERE hash = ?")                                                                         \
	X(TOKEN_REVOKE, "UPDATE token SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL")                                     \
	X(TOKENS, HT_SELECT_TOKEN "WHERE token.id > ? ORDER BY token.id LIMIT ?")                                                  \
	X(PRODUCT_OLD, "UPDATE product SET newest = 0 WHERE party = ? AND id = ? AND newest = 1")                                  \
	X(PRODUCT_ADD, "INSERT INTO product (newest" HT_PRODUCT_COLUMNS(HT_NAME) ") VALUES (1" HT_PRODUCT_COLUMNS(HT_MARK) ")")    \
	X(PRODUCT, HT_SELECT_PRODUCT "WHERE party = ? AND id = ? AND version = ?")                                                 \
	X(PRODUCT_NEWEST, HT_SELECT_PRODUCT "WHERE party = ? AND id = ? ORDER BY version DESC LIMIT 1")                            \
	X(PRODUCT_BY_OFFER, HT_SELECT_PRODUCT "WHERE party = ? AND offer = ? AND newest = 1")                                      \
	X(PRODUCT_OFFERED, HT_SELECT_PRODUCT "WHERE party = ? AND offer = ? LIMIT 1")                                              \
	X(PRODUCTS, HT_SELECT_PRODUCT "WHERE row > ? AND newest = 1 ORDER BY row LIMIT ?")                                         \
	X(PRODUCTS_OF, HT_SELECT_PRODUCT "WHERE party = ? AND row > ? AND newest = 1 ORDER BY row LIMIT ?")                        \
	X(PRODUCT_AFTER, HT_SELECT_PRODUCT "WHERE party = ? AND row > ? AND newest = 1 ORDER BY row LIMIT 1")                      \
	X(PRODUCT_BEFORE, HT_SELECT_PRODUCT "WHERE party = ? AND row < ? AND newest = 1 ORDER BY row DESC LIMIT 1")                \
	X(PRODUCT_HAS, "SELECT 1 FROM product WHERE party = ?1 AND sha256 = ?2 UNION ALL "                                         \
		"SELECT 1 FROM process WHERE party = ?1 AND pushed = ?2 AND state <> ?3 LIMIT 1")                                  \
	X(PROCESS_ADD, "INSERT INTO process (changed_us" HT_PROCESS_FIXED(HT_NAME) HT_PROCESS_SAVED(HT_NAME)                       \
		") VALUES (?" HT_PROCESS_FIXED(HT_MARK) HT_PROCESS_SAVED(HT_MARK) ")")                                             \
	X(PROCESS_SAVE, "UPDATE process SET changed_us = ?" HT_PROCESS_SAVED(HT_SET) " WHERE row = ?")                             \
	X(PROCESS_PEER_PID, "UPDATE process SET peer_pid = ? WHERE row = ?")                                                       \
	X(PROCESS, HT_SELECT_PROCESS "WHERE row = ?")                                                                              \
	X(PROCESS_BY_PID, HT_SELECT_PROCESS "WHERE pid = ?")                                                                       \
	X(PROCESS_BY_PEER, HT_SELECT_PROCESS "WHERE party = ? AND peer = ? AND peer_pid = ? AND machine = ?")                      \
	X(PROCESS_STARTED, "SELECT count(*) FROM process WHERE parent = ? AND parent > 0 AND row <> ? AND machine = 1 AND address <> ''")          \
	X(PROCESSES, HT_SELECT_PROCESS "WHERE row > ? AND machine = ? ORDER BY row LIMIT ?")                                       \
	X(PROCESSES_OF, HT_SELECT_PROCESS "WHERE row > ? AND machine = ? AND party = ? ORDER BY row LIMIT ?")                       \
	X(AGREEMENT_ADD, "INSERT INTO agreement (party" HT_AGREEMENT_COLUMNS(HT_NAME) ") VALUES (?" HT_AGREEMENT_COLUMNS(HT_MARK) ")") \
	X(AGREEMENT, HT_SELECT_AGREEMENT "WHERE party = ? AND id = ?")                                                             \
	X(AGREEMENT_ANY, "SELECT g.party" HT_AGREEMENT_COLUMNS(HT_OF_G) " FROM party p CROSS JOIN agreement g ON g.party = p.row AND g.id = ? LIMIT 1") \
	X(AGREEMENTS, "SELECT g.party" HT_AGREEMENT_COLUMNS(HT_OF_G) " FROM process n CROSS JOIN agreement g ON g.party = n.party AND g.id = n.agreement " \
		"WHERE n.row > ? AND n.machine = 0 ORDER BY n.row LIMIT ?")                                                        \
	X(AGREEMENTS_OF, "SELECT g.party" HT_AGREEMENT_COLUMNS(HT_OF_G) " FROM process n CROSS JOIN agreement g ON g.party = n.party AND g.id = n.agreement " \
		"WHERE n.row > ? AND n.machine = 0 AND n.party = ? ORDER BY n.row LIMIT ?")                                        \
	X(AGREEMENTS_FOR, "SELECT g.party" HT_AGREEMENT_COLUMNS(HT_OF_G) " FROM agreement g INDEXED BY agreement_product CROSS JOIN process n ON n.row = g.negotiation " \
		"WHERE g.party = ? AND g.base = ? AND g.product = ? AND g.role = 1 AND n.state = ? "                               \
		"ORDER BY g.made_us DESC, g.id DESC LIMIT ?")                                                                      \
	X(LETTER_PUT, "INSERT OR REPLACE INTO letter (process" HT_LETTER_COLUMNS(HT_NAME) ") VALUES (?" HT_LETTER_COLUMNS(HT_MARK) ")") \
	X(LETTER_REMOVE, "DELETE FROM letter WHERE process = ?")                                                                   \
	X(LETTER, HT_SELECT_LETTER "WHERE process = ?")                                                                            \
	X(LETTERS, HT_SELECT_LETTER "WHERE process > ? ORDER BY process LIMIT ?")                                                  \
	X(LETTERS_OF, HT_SELECT_LETTER "WHERE process > ? AND (SELECT party FROM process WHERE row = letter.process) = ? "         \
		"ORDER BY process LIMIT ?")                                                                                        \
	X(LETTERS_REOPEN, "UPDATE letter SET due_us = ?, open_us = max(open_us, ?) WHERE due_us < ?")                              \
	X(MESSAGE_ADD, "INSERT INTO message (process" HT_MESSAGE_COLUMNS(HT_NAME) ") VALUES (?" HT_MESSAGE_COLUMNS(HT_MARK) ")")   \
	X(MESSAGE, "SELECT process" HT_MESSAGE_COLUMNS(HT_NAME) " FROM message WHERE process = ? AND id = ?")                      \
	X(SEEN_ADD, "INSERT OR IGNORE INTO seen (jti, issuer, until_s) VALUES (?, ?, ?)")                                          \
	X(SEEN, "SELECT 1 FROM seen WHERE jti = ? AND issuer = ?")                                                                 \
	X(SEEN_WINDOW, "SELECT jti FROM seen WHERE jti > ? ORDER BY jti LIMIT 1 OFFSET ?")                                         \
	X(SEEN_FORGET, "DELETE FROM seen WHERE jti > ? AND jti <= ? AND until_s <= ?")                                             \
	X(SEEN_FORGET_REST, "DELETE FROM seen WHERE jti > ? AND until_s <= ?")                                                     \
	X(TIMER_ADD, "INSERT OR IGNORE INTO timer (due_us, process, kind) VALUES (?, ?, ?)")                                       \
	X(TIMER_REMOVE, "DELETE FROM timer WHERE due_us = ? AND process = ? AND kind = ?")                                         \
	X(TIMER_FIRST, "SELECT due_us, process, kind FROM timer ORDER BY due_us, process, kind LIMIT 1")                           \
	X(LEAF_HEAD, "SELECT ifnull((SELECT max(idx) FROM leaf), -1), ifnull((SELECT max(event) FROM leaf WHERE party = ?), 0)")   \
	X(LEAF_CHAIN, "SELECT seq, idx FROM leaf WHERE chain = ? ORDER BY seq DESC LIMIT 1")                                       \
	X(LEAF_ADD, "INSERT INTO leaf (idx" HT_LEAF_COLUMNS(HT_NAME) ", content, salt) VALUES (?" HT_LEAF_COLUMNS(HT_MARK) ", ?, ?)") \
	X(LEAF, HT_SELECT_LEAF "WHERE idx = ?")                                                                                    \
	X(LEAVES, HT_SELECT_LEAF "WHERE idx > ? ORDER BY idx LIMIT ?")                                                             \
	X(LEAVES_OF_PARTY, HT_SELECT_LEAF "WHERE party = ?1 AND event > ifnull((SELECT event FROM leaf WHERE idx <= ?2 "            \
		"AND +party = ?1 ORDER BY idx DESC LIMIT 1), 0) ORDER BY event LIMIT ?3")                                          \
	X(LEAVES_BEHIND, HT_SELECT_LEAF "WHERE party = ? AND event > ? ORDER BY event LIMIT ?")                                    \
	X(LEAVES_OF_CHAIN, HT_SELECT_LEAF "WHERE chain = ? AND +idx > ? AND party BETWEEN ? AND ? ORDER BY seq LIMIT ?")           \
	X(CHAIN_OF, "SELECT chain FROM process WHERE pid = ?1 AND party BETWEEN ?2 AND ?3 "                                        \
		"UNION ALL SELECT n.chain FROM party y CROSS JOIN agreement g ON g.party = y.row CROSS JOIN process n "            \
		"ON n.row = g.negotiation WHERE y.row BETWEEN ?2 AND ?3 AND g.id = ?1 "                                            \
		"UNION ALL SELECT d.chain FROM party y CROSS JOIN product d ON d.party = y.row "                                   \
		"WHERE y.row BETWEEN ?2 AND ?3 AND d.id = ?1 LIMIT 1")

#define X(name, text) HT_SQL_##name,
enum ht_sql { HT_SQL_TABLE(X) HT_SQL_COUNT };
#undef X

#endif
