-- The records that are exported. Their moments are texts of one width, as 2026-01-31T12:00:00.000Z, which sort as
-- the moments do and stand in files as they are.

CREATE TABLE memories (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  content TEXT NOT NULL,
  user_id TEXT,
  agent_id TEXT,
  session_id TEXT,
  priority TEXT CHECK (priority IN ('LOW', 'MEDIUM', 'HIGH')),
  -- A JSON array of strings.
  categories TEXT NOT NULL DEFAULT '[]' CHECK (json_type(categories) = 'array'),
  -- A JSON object.
  metadata TEXT CHECK (metadata IS NULL OR json_type(metadata) = 'object'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT NOT NULL CHECK (length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

-- Pages are read in this order; each filter by an equal value has an index that keeps it.
CREATE INDEX memories_of_account ON memories (account_id, created_at, id);
CREATE INDEX memories_of_user ON memories (account_id, user_id, created_at, id);
CREATE INDEX memories_of_agent ON memories (account_id, agent_id, created_at, id);
CREATE INDEX memories_of_session ON memories (account_id, session_id, created_at, id);
CREATE INDEX memories_of_priority ON memories (account_id, priority, created_at, id);

CREATE TABLE agents (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT NOT NULL CHECK (length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX agents_of_user ON agents (account_id, user_id, created_at, id);

CREATE TABLE scheduled_tasks (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  cron_schedule TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX scheduled_tasks_of_user ON scheduled_tasks (account_id, user_id, created_at, id);

CREATE TABLE workflows (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX workflows_of_user ON workflows (account_id, user_id, created_at, id);
