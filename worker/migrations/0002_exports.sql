-- Export jobs, the templates of accounts, and the trail of who did what.

CREATE TABLE exports (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  created_by TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'READY', 'FAILED', 'EXPIRED')),
  format TEXT NOT NULL,
  -- What is exported: the records of a resource, or, where this is NULL, data from the request in `input_key`.
  resource TEXT,
  -- The filters on a resource's records, as a JSON object of strings and arrays of strings.
  filters TEXT NOT NULL DEFAULT '{}',
  -- Where data of a request come from, as the request says: a JSON object.
  source TEXT,
  template_id TEXT,
  -- The engine's options as a JSON object, with a snapshot of the template in it.
  options TEXT NOT NULL,
  -- The object in the bucket that holds the data of the request, and the member of it that they stand in.
  input_key TEXT,
  input_member TEXT,
  -- How often the work was begun, and how often the job was claimed: the fence that shuts out whoever lost the lease.
  attempts INTEGER NOT NULL DEFAULT 0,
  fence INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER,
  -- A job that waits is not begun before this moment.
  not_before INTEGER NOT NULL DEFAULT 0,
  -- What a job that is continued by a further message goes on from.
  checkpoint TEXT,
  upload_id TEXT,
  file_key TEXT,
  file_name TEXT,
  content_type TEXT,
  content_disposition TEXT,
  row_count INTEGER,
  file_size INTEGER,
  sha256 TEXT,
  report TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  completed_at INTEGER,
  expires_at INTEGER
) STRICT;

CREATE INDEX exports_of_account ON exports (account_id, created_at DESC, id);
CREATE INDEX exports_of_user ON exports (account_id, created_by, created_at DESC, id);
-- The quota of active jobs, and what the sweep looks for.
CREATE INDEX exports_active ON exports (account_id, status) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX exports_to_sweep ON exports (status, updated_at) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX exports_to_expire ON exports (expires_at) WHERE status = 'READY';

CREATE TABLE idempotency_keys (
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  -- SHA-256 of the query and the body.
  request_hash TEXT NOT NULL,
  export_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, user_id, route, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- Objects that no job needs any more. They are written down together with the change that makes them useless, so
-- that nothing stays behind when the deletion itself fails.
CREATE TABLE discarded_objects (
  key TEXT PRIMARY KEY,
  -- Where the object was still being uploaded.
  upload_id TEXT,
  discarded_at INTEGER NOT NULL
) STRICT;

-- Where the search for orphans in the bucket goes on.
CREATE TABLE sweep_state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE templates (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT,
  -- The template as in the README, a JSON object.
  template TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX templates_of_account ON templates (account_id, created_at DESC, id);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- NULL: the service itself.
  user_id TEXT,
  key_id TEXT,
  action TEXT NOT NULL,
  target_type TEXT,
  target_id TEXT,
  request_id TEXT,
  -- A JSON object, never with contents of tables.
  details TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX audit_of_account ON audit (account_id, at DESC, id DESC);
-- What the rate limit counts.
CREATE INDEX audit_of_work ON audit (account_id, at, action)
  WHERE action IN ('export.create', 'export.stream', 'export.download', 'account.export');

CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- `INSERT OR REPLACE` deletes what it replaces without asking the trigger about deletions.
CREATE TRIGGER audit_keeps_ids BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
