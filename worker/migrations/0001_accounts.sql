-- Who uses the service: users of accounts, their API keys, and the sessions that keys were exchanged for.
-- Moments of the service itself are milliseconds since 1970.

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT,
  plan TEXT,
  -- What the user may do: the table of roles is worker/src/access/roles.rs.
  role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'viewer')),
  referral_code TEXT,
  referral_credits INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (account_id, id)
) STRICT;

CREATE TABLE api_keys (
  -- The part of the key that is no secret, by which it is found.
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- SHA-256 of the secret part, in hexadecimal. The secret has 256 random bits, so no salt is needed.
  secret_hash TEXT NOT NULL,
  -- A JSON array of permissions; NULL allows all that the role does.
  scopes TEXT,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
) STRICT;

CREATE INDEX api_keys_of_account ON api_keys (account_id, created_at DESC, id);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  -- A session is worth what its key is worth at each request.
  key_id TEXT NOT NULL REFERENCES api_keys (id),
  secret_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
