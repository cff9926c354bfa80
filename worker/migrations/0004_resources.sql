-- The records of all types of resources, in the tables and columns that their definitions in src/catalog name. Moments
-- are texts of one width, as 2026-01-31T12:00:00.000Z; arrays and objects are JSON; booleans are 0 and 1. What a
-- definition takes only some words for is not checked here: the export reports what is none of them.
--
-- Every table has `account_id`, `id` and `created_at`. Its records are read by what they belong to, in the order of
-- `created_at` and `id`, and each has an index for that.
--
-- A text of more than 256 KiB lies in the bucket, under the key in the column beside it, and its own column is null.

ALTER TABLE exports ADD COLUMN resource_id TEXT;

CREATE TABLE governance_policies (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  policy_text TEXT NOT NULL,
  category TEXT,
  enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  flag_threshold REAL NOT NULL,
  block_threshold REAL NOT NULL,
  review_input INTEGER NOT NULL DEFAULT 1 CHECK (review_input IN (0, 1)),
  review_output INTEGER NOT NULL DEFAULT 1 CHECK (review_output IN (0, 1)),
  enforcement_level TEXT,
  inheritance_mode TEXT,
  -- A JSON array of strings.
  knowledge_base_names TEXT CHECK (knowledge_base_names IS NULL OR json_type(knowledge_base_names) = 'array'),
  agent_id TEXT,
  agent_step_id TEXT,
  source_connection_id TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT NOT NULL CHECK (length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX governance_policies_of_account ON governance_policies (account_id, created_at, id);

CREATE TABLE governance_evaluations (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  policy_id TEXT NOT NULL,
  policy_name TEXT,
  screening_point TEXT NOT NULL,
  verdict TEXT NOT NULL,
  score REAL NOT NULL,
  flag_threshold_used REAL NOT NULL,
  block_threshold_used REAL NOT NULL,
  explanation TEXT,
  content_excerpt TEXT,
  agent_id TEXT,
  agent_run_id TEXT,
  source_connection_id TEXT,
  content_version_id TEXT,
  resolved_at TEXT CHECK (resolved_at IS NULL OR length(resolved_at) = 24),
  resolved_by TEXT,
  resolution_note TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX governance_evaluations_of_account ON governance_evaluations (account_id, created_at, id);
CREATE INDEX governance_evaluations_of_agent ON governance_evaluations (account_id, agent_id, created_at, id);
CREATE INDEX governance_evaluations_of_policy ON governance_evaluations (account_id, policy_id, created_at, id);
CREATE INDEX governance_evaluations_of_source ON governance_evaluations (account_id, source_connection_id, created_at, id);
CREATE INDEX governance_evaluations_of_verdict ON governance_evaluations (account_id, verdict, created_at, id);
CREATE INDEX governance_evaluations_unresolved ON governance_evaluations (account_id, created_at, id)
  WHERE resolved_at IS NULL;

CREATE TABLE knowledge_bases (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  reranker_model TEXT,
  default_top_n INTEGER,
  default_top_k INTEGER,
  default_score_threshold REAL,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT CHECK (updated_at IS NULL OR length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX knowledge_bases_of_account ON knowledge_bases (account_id, created_at, id);

CREATE TABLE source_connections (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT,
  source_url TEXT,
  polling TEXT,
  polling_action TEXT,
  polling_max_items INTEGER,
  seed TEXT,
  retention_days INTEGER,
  crawl_limit INTEGER,
  crawl_depth INTEGER,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT CHECK (updated_at IS NULL OR length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX source_connections_of_account ON source_connections (account_id, created_at, id);

CREATE TABLE content_items (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  source_connection_id TEXT NOT NULL,
  title TEXT,
  text TEXT,
  -- Where a long text lies in the bucket.
  text_key TEXT,
  url TEXT,
  status TEXT,
  word_count INTEGER,
  token_count INTEGER,
  published_at TEXT CHECK (published_at IS NULL OR length(published_at) = 24),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX content_items_of_source ON content_items (account_id, source_connection_id, created_at, id);

CREATE TABLE memory_banks (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  type TEXT,
  mode TEXT,
  compaction_prompt TEXT,
  max_age_days INTEGER,
  max_size_tokens INTEGER,
  max_turns INTEGER,
  embedding_model TEXT,
  dimensions INTEGER,
  chunk_size INTEGER,
  chunk_overlap INTEGER,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT CHECK (updated_at IS NULL OR length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX memory_banks_of_account ON memory_banks (account_id, created_at, id);

CREATE TABLE memory_bank_entries (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  memory_bank_id TEXT NOT NULL,
  title TEXT,
  text TEXT,
  text_key TEXT,
  published_at TEXT CHECK (published_at IS NULL OR length(published_at) = 24),
  metadata TEXT CHECK (metadata IS NULL OR json_type(metadata) = 'object'),
  content_metadata TEXT CHECK (content_metadata IS NULL OR json_type(content_metadata) = 'object'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX memory_bank_entries_of_bank ON memory_bank_entries (account_id, memory_bank_id, created_at, id);

CREATE TABLE solutions (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT CHECK (updated_at IS NULL OR length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX solutions_of_account ON solutions (account_id, created_at, id);

-- What belongs to several others is linked to each of them.

CREATE TABLE knowledge_base_sources (
  account_id TEXT NOT NULL,
  knowledge_base_id TEXT NOT NULL,
  source_connection_id TEXT NOT NULL,
  PRIMARY KEY (account_id, knowledge_base_id, source_connection_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE solution_agents (
  account_id TEXT NOT NULL,
  solution_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  PRIMARY KEY (account_id, solution_id, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE solution_knowledge_bases (
  account_id TEXT NOT NULL,
  solution_id TEXT NOT NULL,
  knowledge_base_id TEXT NOT NULL,
  PRIMARY KEY (account_id, solution_id, knowledge_base_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE solution_source_connections (
  account_id TEXT NOT NULL,
  solution_id TEXT NOT NULL,
  source_connection_id TEXT NOT NULL,
  PRIMARY KEY (account_id, solution_id, source_connection_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE solution_memory_banks (
  account_id TEXT NOT NULL,
  solution_id TEXT NOT NULL,
  memory_bank_id TEXT NOT NULL,
  PRIMARY KEY (account_id, solution_id, memory_bank_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_runs (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  agent_id TEXT,
  status TEXT,
  error_count INTEGER,
  priority INTEGER,
  call_depth INTEGER,
  -- A JSON array of objects.
  usages TEXT NOT NULL DEFAULT '[]' CHECK (json_type(usages) = 'array'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT CHECK (updated_at IS NULL OR length(updated_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX agent_runs_of_account ON agent_runs (account_id, created_at, id);
CREATE INDEX agent_runs_of_status ON agent_runs (account_id, status, created_at, id);

CREATE TABLE agent_step_runs (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  agent_run_id TEXT NOT NULL,
  step_id TEXT NOT NULL,
  step_type TEXT,
  status TEXT,
  error_count INTEGER,
  input_checksum TEXT,
  output_content_type TEXT,
  input TEXT,
  input_key TEXT,
  output TEXT,
  output_key TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX agent_step_runs_of_run ON agent_step_runs (account_id, agent_run_id, created_at, id);

CREATE TABLE agent_step_attempts (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  agent_step_run_id TEXT NOT NULL,
  status TEXT,
  started_at TEXT CHECK (started_at IS NULL OR length(started_at) = 24),
  ended_at TEXT CHECK (ended_at IS NULL OR length(ended_at) = 24),
  -- In seconds.
  duration REAL,
  error TEXT,
  cache_stats TEXT CHECK (cache_stats IS NULL OR json_type(cache_stats) = 'object'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX agent_step_attempts_of_step ON agent_step_attempts (account_id, agent_step_run_id, created_at, id);

-- Each result with the criteria that it was found by.
CREATE TABLE agent_evaluations (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  criteria_id TEXT NOT NULL,
  criteria_step_id TEXT NOT NULL,
  criteria_mode TEXT,
  criteria_enabled INTEGER NOT NULL DEFAULT 1 CHECK (criteria_enabled IN (0, 1)),
  criteria_pass_threshold REAL,
  agent_run_id TEXT NOT NULL,
  agent_step_run_id TEXT,
  status TEXT,
  score REAL,
  details TEXT CHECK (details IS NULL OR json_type(details) = 'object'),
  retry_triggered INTEGER CHECK (retry_triggered IN (0, 1)),
  retry_count INTEGER,
  flagged INTEGER CHECK (flagged IN (0, 1)),
  evaluated_at TEXT CHECK (evaluated_at IS NULL OR length(evaluated_at) = 24),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX agent_evaluations_of_account ON agent_evaluations (account_id, created_at, id);
CREATE INDEX agent_evaluations_of_criteria ON agent_evaluations (account_id, criteria_id, created_at, id);
CREATE INDEX agent_evaluations_of_status ON agent_evaluations (account_id, status, created_at, id);

-- What the definition of an agent tells beside what is above. The workflow is a JSON object with its steps, which may
-- have steps inside.
ALTER TABLE agents ADD COLUMN description TEXT;
ALTER TABLE agents ADD COLUMN definition TEXT NOT NULL DEFAULT '{"name":"","description":null,"tags":null,"steps":[]}'
  CHECK (json_type(definition) = 'object');
ALTER TABLE agents ADD COLUMN schema_version TEXT NOT NULL DEFAULT '1';
ALTER TABLE agents ADD COLUMN default_evaluation_tier TEXT;
ALTER TABLE agents ADD COLUMN evaluation_mode TEXT;
ALTER TABLE agents ADD COLUMN sampling_config TEXT CHECK (sampling_config IS NULL OR json_type(sampling_config) = 'object');
ALTER TABLE agents ADD COLUMN max_retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN retry_on_failure INTEGER NOT NULL DEFAULT 0 CHECK (retry_on_failure IN (0, 1));
ALTER TABLE agents ADD COLUMN prompt_model_auto_upgrade_strategy TEXT NOT NULL DEFAULT 'none';
ALTER TABLE agents ADD COLUMN prompt_model_auto_rollback_enabled INTEGER NOT NULL DEFAULT 0
  CHECK (prompt_model_auto_rollback_enabled IN (0, 1));
ALTER TABLE agents ADD COLUMN prompt_model_auto_rollback_triggers TEXT
  CHECK (prompt_model_auto_rollback_triggers IS NULL OR json_type(prompt_model_auto_rollback_triggers) = 'array');
ALTER TABLE agents ADD COLUMN alert_configs TEXT CHECK (alert_configs IS NULL OR json_type(alert_configs) = 'array');
ALTER TABLE agents ADD COLUMN evaluation_criteria TEXT
  CHECK (evaluation_criteria IS NULL OR json_type(evaluation_criteria) = 'array');
ALTER TABLE agents ADD COLUMN governance_policies TEXT
  CHECK (governance_policies IS NULL OR json_type(governance_policies) = 'array');
ALTER TABLE agents ADD COLUMN dependencies TEXT CHECK (dependencies IS NULL OR json_type(dependencies) = 'object');
ALTER TABLE agents ADD COLUMN solutions TEXT CHECK (solutions IS NULL OR json_type(solutions) = 'array');

CREATE INDEX agents_of_account ON agents (account_id, created_at, id);

CREATE TABLE agent_triggers (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  trigger_type TEXT NOT NULL,
  name TEXT,
  input TEXT,
  input_content_type TEXT,
  allow_empty_input INTEGER NOT NULL DEFAULT 0 CHECK (allow_empty_input IN (0, 1)),
  default_input TEXT,
  metadata_ TEXT CHECK (metadata_ IS NULL OR json_type(metadata_) = 'object'),
  knowledge_base_id TEXT,
  -- A JSON array of objects.
  schedules TEXT CHECK (schedules IS NULL OR json_type(schedules) = 'array'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

-- An agent has one.
CREATE UNIQUE INDEX agent_triggers_of_agent ON agent_triggers (account_id, agent_id);

CREATE TABLE data_tables (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  title TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE TABLE data_table_rows (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  data_table_id TEXT NOT NULL,
  -- A JSON object of the row's cells by the names of their columns.
  cells TEXT NOT NULL CHECK (json_type(cells) = 'object'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX data_table_rows_of_table ON data_table_rows (account_id, data_table_id, created_at, id);

CREATE TABLE conversations (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  title TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE TABLE conversation_messages (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  role TEXT NOT NULL,
  content TEXT,
  content_key TEXT,
  model TEXT,
  metadata TEXT CHECK (metadata IS NULL OR json_type(metadata) = 'object'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX conversation_messages_of_conversation
  ON conversation_messages (account_id, conversation_id, created_at, id);

CREATE TABLE analyses (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  title TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE TABLE analysis_outputs (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  analysis_id TEXT NOT NULL,
  title TEXT,
  output_type TEXT,
  content TEXT,
  content_key TEXT,
  value REAL,
  unit TEXT,
  details TEXT CHECK (details IS NULL OR json_type(details) = 'object'),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (account_id, id)
) STRICT;

CREATE INDEX analysis_outputs_of_analysis ON analysis_outputs (account_id, analysis_id, created_at, id);
