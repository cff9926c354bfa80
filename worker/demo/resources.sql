-- Records of every type of resource, of the account :account. Chance comes from the number of a row alone. What is there
-- already stays as it is. `cargo xtask demo-data` puts the parameter in, and the long texts into the bucket.

INSERT INTO governance_policies
  (id, account_id, policy_name, policy_text, category, enabled, flag_threshold, block_threshold, review_input,
   review_output, enforcement_level, inheritance_mode, knowledge_base_names, agent_id, agent_step_id,
   source_connection_id, created_at, updated_at)
SELECT column1, :account, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11,
  column12, column13, column14, column15, column16, column17
FROM (VALUES
  ('policy-pii', 'No personal data', 'Answers must not hold addresses, telephone numbers or numbers of accounts of anybody but the person who asks.', 'pii', 1, 0.5, 0.8, 1, 1, 'locked', NULL, NULL, NULL, NULL, NULL, '2025-03-01T08:00:00.000Z', '2025-09-12T10:30:00.000Z'),
  ('policy-safety', 'Nothing that harms', 'Refuse instructions for weapons, for drugs, and for hurting oneself or others.', 'content_safety', 1, 0.4, 0.7, 1, 1, 'required', NULL, NULL, NULL, NULL, NULL, '2025-03-01T08:05:00.000Z', '2025-03-01T08:05:00.000Z'),
  ('policy-bias', 'Fair words', 'Speak of people without judging them by origin, sex, faith or age.', 'bias', 1, 0.6, 0.95, 0, 1, 'flexible', NULL, NULL, NULL, NULL, NULL, '2025-03-02T09:00:00.000Z', '2025-06-30T16:00:00.000Z'),
  ('policy-legal', 'No legal advice', 'Point to a lawyer where a question is about rights, contracts or courts; "see § 5" is no answer.', 'legal', 0, 0.5, 0.9, 0, 1, 'flexible', NULL, '["Handbook","Terms & conditions"]', NULL, NULL, NULL, '2025-03-02T09:10:00.000Z', '2025-11-02T07:45:00.000Z'),
  ('policy-brand', 'Our own voice', 'Friendly, short, without exclamation marks; the product is written "Küche+".', 'brand', 1, 0.7, 1.0, 0, 1, NULL, NULL, '["Handbook"]', NULL, NULL, NULL, '2025-04-11T12:00:00.000Z', '2025-04-11T12:00:00.000Z'),
  ('policy-pii-support', 'Personal data at the support desk', 'As the rule of the whole account, but order numbers may be repeated.', 'pii', 1, 0.6, 0.85, 1, 1, 'flexible', 'merge', NULL, 'agent-support-desk', NULL, NULL, '2025-05-05T05:05:05.005Z', '2025-05-06T00:00:00.000Z'),
  ('policy-pii-reply', 'Personal data in replies', '=HYPERLINK("https://example.com") and the like must not be passed on.', 'pii', 1, 0.3, 0.6, 0, 1, 'flexible', 'inherit', NULL, 'agent-support-desk', 'reply', NULL, '2025-05-05T05:06:00.000Z', '2025-05-05T05:06:00.000Z'),
  ('policy-news', 'News as they are', 'Content of this source is not screened for opinions.', NULL, 0, 0.9, 1.0, 1, 0, NULL, 'disable', '[]', NULL, NULL, 'source-news', '2025-08-20T18:00:00.000Z', '2025-08-21T18:00:00.000Z')
) WHERE true ON CONFLICT DO NOTHING;

INSERT INTO governance_evaluations
  (id, account_id, policy_id, policy_name, screening_point, verdict, score, flag_threshold_used, block_threshold_used,
   explanation, content_excerpt, agent_id, agent_run_id, source_connection_id, content_version_id, resolved_at,
   resolved_by, resolution_note, created_at)
WITH RECURSIVE
  numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 240),
  rolled (n, score, point) AS (SELECT n, (n * 7919 + 104729) % 1000 / 1000.0, (n * 31 + n / 7) % 4 FROM numbers),
  policies (i, id, name, flag, block) AS (
    SELECT row_number() OVER (ORDER BY created_at, id) - 1, id, policy_name, flag_threshold, block_threshold
    FROM governance_policies WHERE account_id = :account
  )
SELECT
  printf('evaluation-%04d', n), :account, policies.id, iif(n % 17 = 0, NULL, policies.name),
  CASE point WHEN 0 THEN 'source_content' WHEN 1 THEN 'agent_input' WHEN 2 THEN 'step_output' ELSE 'policy_test' END,
  CASE WHEN score >= block THEN 'block' WHEN score >= flag THEN 'flag' ELSE 'pass' END,
  score, flag, block,
  iif(score < flag, NULL, printf('The text comes close to what the rule is about (%d %%); "%s" stands in it.', CAST(score * 100 AS INTEGER), substr('Straße, Ünal, +49 30 1234567', 1, 6 + n % 20))),
  iif(n % 3 = 0, NULL, printf('… %s, number %d …', CASE n % 4 WHEN 0 THEN 'as we said on the telephone' WHEN 1 THEN '-1,5 % rabatt' WHEN 2 THEN 'お問い合わせ' ELSE 'line one' || char(10) || 'line two' END, n)),
  iif(point IN (1, 2), CASE n % 3 WHEN 0 THEN 'agent-support-desk' WHEN 1 THEN 'agent-billing' ELSE 'agent-research' END, NULL),
  iif(point IN (1, 2), printf('run-%03d', 1 + n % 48), NULL),
  iif(point = 0, iif(n % 2 = 0, 'source-handbook', 'source-news'), NULL),
  iif(point = 0, printf('item-%03d', 1 + n % 36), NULL),
  iif(score >= flag AND n % 2 = 0, strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-02', (n * 37) || ' minutes'), NULL),
  iif(score >= flag AND n % 2 = 0, 'reviewer-' || (n % 3), NULL),
  iif(score >= flag AND n % 4 = 0, 'Fine: the customer asked for it, twice.', NULL),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-01', (n * 37) || ' minutes', (n % 1000 / 1000.0) || ' seconds')
FROM rolled JOIN policies ON policies.i = n % (SELECT count(*) FROM policies)
WHERE true ON CONFLICT DO NOTHING;

INSERT INTO knowledge_bases
  (id, account_id, name, description, reranker_model, default_top_n, default_top_k, default_score_threshold, created_at, updated_at)
VALUES
  ('kb-handbook', :account, 'Handbook of ' || :account, 'How we work: holidays, travel, "who does what".', 'rerank-v3', 50, 8, 0.35, '2025-01-10T08:00:00.000Z', '2025-10-01T09:00:00.000Z'),
  ('kb-press', :account, 'Press', NULL, NULL, NULL, NULL, NULL, '2025-02-14T14:00:00.000Z', NULL)
ON CONFLICT DO NOTHING;

INSERT INTO source_connections
  (id, account_id, name, source_url, polling, polling_action, polling_max_items, seed, retention_days, crawl_limit,
   crawl_depth, created_at, updated_at)
VALUES
  ('source-handbook', :account, 'Intranet', 'https://intranet.example.com/handbook', 'weekly', 'replace', 200, 'all', NULL, 500, 4, '2025-01-10T08:10:00.000Z', '2025-09-30T00:00:00.000Z'),
  ('source-news', :account, 'Nachrichten', 'https://news.example.org/feed.xml', 'hourly', 'add', 25, 'latest', 90, NULL, NULL, '2025-02-14T14:05:00.000Z', '2025-02-14T14:05:00.000Z'),
  ('source-upload', :account, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-03-03T03:03:03.030Z', NULL)
ON CONFLICT DO NOTHING;

INSERT INTO knowledge_base_sources (account_id, knowledge_base_id, source_connection_id)
VALUES
  (:account, 'kb-handbook', 'source-handbook'), (:account, 'kb-handbook', 'source-upload'),
  (:account, 'kb-press', 'source-news'), (:account, 'kb-press', 'source-upload')
ON CONFLICT DO NOTHING;

INSERT INTO content_items
  (id, account_id, source_connection_id, title, text, text_key, url, status, word_count, token_count, published_at, created_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 36)
SELECT
  printf('item-%03d', n), :account,
  CASE n % 3 WHEN 0 THEN 'source-handbook' WHEN 1 THEN 'source-news' ELSE 'source-upload' END,
  iif(n % 11 = 0, NULL, printf('%s %d', CASE n % 4 WHEN 0 THEN 'Reisekosten' WHEN 1 THEN 'Release notes, part' WHEN 2 THEN '"Quoted" title' ELSE 'タイトル' END, n)),
  iif(n IN (9, 20), NULL, printf('# Part %d%s%sThe text of this part, with "quotes", a tab%sand a line of its own: %s', n, char(10), char(10), char(9), replace(hex(zeroblob(n * 8)), '00', 'word '))),
  iif(n IN (9, 20), printf('texts/%s/content_items/item-%03d', :account, n), NULL),
  iif(n % 3 = 2, NULL, printf('https://example.org/%d?a=1&b=2', n)),
  CASE WHEN n % 13 = 0 THEN 'failed' WHEN n % 7 = 0 THEN 'pending' ELSE 'indexed' END,
  iif(n % 7 = 0, NULL, 20 + n * 8), iif(n % 7 = 0, NULL, 30 + n * 11),
  iif(n % 9 = 0, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', '2025-06-01', (n * 3) || ' days')),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2025-06-02', (n * 3) || ' days', (n * 977) || ' seconds')
FROM numbers WHERE true ON CONFLICT DO NOTHING;

INSERT INTO memory_banks
  (id, account_id, name, description, type, mode, compaction_prompt, max_age_days, max_size_tokens, max_turns,
   embedding_model, dimensions, chunk_size, chunk_overlap, created_at, updated_at)
VALUES
  ('bank-support', :account, 'Support conversations', 'What customers of ' || :account || ' told us.', 'conversation', 'balanced', 'Keep names, dates and promises; drop greetings.', 180, 200000, 500, 'embed-small', 768, 512, 64, '2025-02-01T10:00:00.000Z', '2025-08-08T08:08:08.080Z'),
  ('bank-notes', :account, 'Notes', NULL, 'general', 'custom', NULL, NULL, NULL, NULL, 'embed-large', 3072, 1024, 0, '2025-04-04T04:04:04.040Z', NULL)
ON CONFLICT DO NOTHING;

INSERT INTO memory_bank_entries
  (id, account_id, memory_bank_id, title, text, text_key, published_at, metadata, content_metadata, created_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 24)
SELECT
  printf('entry-%03d', n), :account, iif(n % 3 = 0, 'bank-notes', 'bank-support'),
  iif(n % 4 = 0, NULL, printf('Call %d', n)),
  iif(n = 12, NULL, printf('Customer %d says: "the oven of %s is %d °C too cold".', n, CASE n % 3 WHEN 0 THEN 'Zoë' WHEN 1 THEN 'O''Brien' ELSE '田中' END, n)),
  iif(n = 12, printf('texts/%s/memory_bank_entries/entry-%03d', :account, n), NULL),
  iif(n % 5 = 0, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', '2025-07-01', (n * 9) || ' hours')),
  iif(n % 3 = 0, NULL, json_object('key', printf('ticket-%d', 4000 + n), 'speaker', iif(n % 2 = 0, 'customer', 'agent'))),
  iif(n % 6 = 0, NULL, json_object('language', iif(n % 2 = 0, 'de', 'en'), 'turns', n)),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2025-07-01', (n * 9 + 1) || ' hours')
FROM numbers WHERE true ON CONFLICT DO NOTHING;

INSERT INTO solutions (id, account_id, name, description, created_at, updated_at)
VALUES
  ('solution-support', :account, 'Support', 'All that answers customers.', '2025-05-01T00:00:00.000Z', '2025-10-10T10:10:10.100Z'),
  ('solution-press', :account, 'Press room', NULL, '2025-05-02T00:00:00.000Z', NULL)
ON CONFLICT DO NOTHING;

INSERT INTO solution_agents (account_id, solution_id, agent_id)
SELECT :account, column1, column2 FROM (VALUES
  ('solution-support', 'agent-support-desk'), ('solution-support', 'agent-billing'), ('solution-press', 'agent-research')
) WHERE true ON CONFLICT DO NOTHING;

INSERT INTO solution_knowledge_bases (account_id, solution_id, knowledge_base_id)
VALUES (:account, 'solution-support', 'kb-handbook'), (:account, 'solution-press', 'kb-press') ON CONFLICT DO NOTHING;

INSERT INTO solution_source_connections (account_id, solution_id, source_connection_id)
VALUES (:account, 'solution-support', 'source-handbook'), (:account, 'solution-press', 'source-news') ON CONFLICT DO NOTHING;

INSERT INTO solution_memory_banks (account_id, solution_id, memory_bank_id)
VALUES (:account, 'solution-support', 'bank-support') ON CONFLICT DO NOTHING;

INSERT INTO agent_runs (id, account_id, agent_id, status, error_count, priority, call_depth, usages, created_at, updated_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 48)
SELECT
  printf('run-%03d', n), :account,
  CASE n % 3 WHEN 0 THEN 'agent-support-desk' WHEN 1 THEN 'agent-billing' ELSE 'agent-research' END,
  CASE WHEN n % 10 = 0 THEN 'failed' WHEN n = 47 THEN 'processing' WHEN n = 48 THEN 'pending' ELSE 'completed' END,
  iif(n % 10 = 0, 1 + n % 3, 0), n % 5, n % 2,
  iif(n > 46, '[]', json_array(json_object('credits', n * 0.25, 'model', 'claude-sonnet-4', 'kind', 'prompt'), json_object('credits', 1, 'kind', 'retrieval'))),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-01', (n * 173) || ' minutes'),
  iif(n = 48, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-01', (n * 173) || ' minutes', '42.5 seconds'))
FROM numbers WHERE true ON CONFLICT DO NOTHING;

INSERT INTO agent_step_runs
  (id, account_id, agent_run_id, step_id, step_type, status, error_count, input_checksum, output_content_type, input,
   input_key, output, output_key, created_at)
WITH RECURSIVE
  numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 47),
  steps (i, id, type) AS (VALUES (0, 'find', 'retrieval'), (1, 'reply', 'prompt_call'), (2, 'check', 'gate'))
SELECT
  printf('step-%03d-%d', n, i), :account, printf('run-%03d', n), steps.id, type,
  CASE WHEN n % 10 = 0 AND i = 1 THEN 'failed' WHEN n = 47 AND i = 2 THEN 'pending' ELSE 'completed' END,
  iif(n % 10 = 0 AND i = 1, 2, 0),
  iif(n = 47 AND i = 2, NULL, printf('sha256:%08x', n * 7919 + i)),
  CASE i WHEN 0 THEN 'application/json' WHEN 1 THEN 'text/markdown' ELSE NULL END,
  iif(n = 47 AND i = 2, NULL, printf('{"question": "Wann kommt Nr. %d?"}', n)), NULL,
  CASE WHEN n = 7 AND i = 0 THEN NULL WHEN i = 0 THEN printf('[{"score": 0.%d, "text": "Part %d"}]', n, n) WHEN i = 1 THEN '**Morgen**, sagt das "Lager".' || char(10) ELSE NULL END,
  iif(n = 7 AND i = 0, printf('texts/%s/agent_step_runs/step-007-0', :account), NULL),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-01', (n * 173) || ' minutes', (i * 3.25) || ' seconds')
FROM numbers, steps WHERE n % 3 > 0 OR i < 2 ON CONFLICT DO NOTHING;

INSERT INTO agent_step_attempts
  (id, account_id, agent_step_run_id, status, started_at, ended_at, duration, error, cache_stats, created_at)
SELECT
  s.id || '-' || a.value, :account, s.id, iif(a.value < s.error_count OR s.status = 'failed', 'failed', 'completed'), s.created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.created_at, '+1.25 seconds'), 1.25 + a.value,
  iif(a.value < s.error_count OR s.status = 'failed', 'The model did not answer within 30 s; "retry" later.', NULL),
  iif(s.step_type = 'prompt_call', json_object('read', 1200, 'written', 0), NULL),
  strftime('%Y-%m-%dT%H:%M:%fZ', s.created_at, a.value || ' seconds')
FROM agent_step_runs AS s JOIN json_each('[0, 1, 2]') AS a ON a.value <= s.error_count
WHERE s.account_id = :account AND s.status <> 'pending' ON CONFLICT DO NOTHING;

INSERT INTO agent_evaluations
  (id, account_id, criteria_id, criteria_step_id, criteria_mode, criteria_enabled, criteria_pass_threshold, agent_run_id,
   agent_step_run_id, status, score, details, retry_triggered, retry_count, flagged, evaluated_at, created_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 60)
SELECT
  printf('result-%03d', n), :account, 'criteria-' || (n % 3), iif(n % 3 = 2, 'find', 'reply'),
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN 'output_expectation' WHEN 2 THEN 'eval_and_retry' ELSE 'sample_and_flag' END,
  n % 3 < 2, iif(n % 4 = 0, NULL, 0.75), printf('run-%03d', 1 + n % 46), iif(n % 6 = 0, NULL, printf('step-%03d-1', 1 + n % 46)),
  CASE WHEN n % 15 = 0 THEN 'error' WHEN n % 11 = 0 THEN 'skipped' WHEN n % 13 = 0 THEN 'pending' WHEN n % 4 = 3 THEN 'failed' ELSE 'passed' END,
  iif(n % 11 = 0 OR n % 13 = 0 OR n % 15 = 0, NULL, (n * 7919 % 1000) / 1000.0),
  iif(n % 5 = 0, NULL, json_object('reason', 'Names the day; says "Lager", not "Warehouse".', 'tokens', n * 10)),
  iif(n % 4 = 0, NULL, n % 4 = 2), iif(n % 4 = 0, NULL, n % 3), iif(n % 4 = 0, NULL, n % 4 = 3),
  iif(n % 13 = 0, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-02', (n * 91) || ' minutes', '5 seconds')),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2025-10-02', (n * 91) || ' minutes')
FROM numbers WHERE true ON CONFLICT DO NOTHING;

-- Agents that were there before their definitions were.
UPDATE agents SET
  description = 'Answers customers, and asks a person where it is not sure.',
  definition = json_object(
    'name', 'Support desk', 'description', 'Find, answer, check.', 'tags', json_array('support', 'größte Last'),
    'steps', json_array(
      json_object('id', 'find', 'step_type', 'retrieval', 'knowledge_base_id', 'kb-handbook', 'top_k', 8),
      json_object('id', 'each', 'step_type', 'for_each', 'steps', json_array(
        json_object('id', 'reply', 'step_type', 'prompt_call', 'prompt', 'Answer "{{question}}" in two sentences.', 'model', 'gpt-4o', 'temperature', 0.2)
      )),
      json_object('id', 'check', 'step_type', 'gate', 'notify', json_array('zoe-mueller'))
    )
  ),
  schema_version = '3', default_evaluation_tier = 'balanced', evaluation_mode = 'sample_and_flag',
  sampling_config = json_object('rate', 0.1, 'rules', json_array(json_object('step_id', 'reply', 'rate', 0.5))),
  max_retries = 2, retry_on_failure = 1, prompt_model_auto_upgrade_strategy = 'middle_of_road',
  prompt_model_auto_rollback_enabled = 1, prompt_model_auto_rollback_triggers = json_array('agent_eval_fail', 'governance_block'),
  alert_configs = json_array(json_object('type', 'failure_rate', 'threshold', 0.2, 'recipients', json_array('zoe-mueller'))),
  evaluation_criteria = json_array(json_object('step_id', 'reply', 'mode', 'sample_and_flag', 'pass_threshold', 0.75, 'expectation', 'Names a day.')),
  governance_policies = json_array(json_object('policy_name', 'Personal data at the support desk', 'inheritance_mode', 'merge', 'knowledge_base_names', json_array('Handbook of ' || :account))),
  dependencies = json_object(
    'knowledge_bases', json_object('kb-handbook', json_object('name', 'Handbook of ' || :account, 'source_count', 2)),
    'users', json_object('zoe-mueller', json_object('name', 'Zoë Müller', 'email', 'zoe@acme.example'))
  ),
  solutions = json_array('Support')
WHERE account_id = :account AND id = 'agent-support-desk' AND description IS NULL;

INSERT INTO agent_triggers
  (id, account_id, agent_id, trigger_type, name, input, input_content_type, allow_empty_input, default_input, metadata_,
   knowledge_base_id, schedules, created_at)
VALUES
  ('trigger-support', :account, 'agent-support-desk', 'template_input', 'Every morning', 'Which of yesterday''s questions are open?', 'text/plain', 0, NULL, '{"owner":"Zoë"}', NULL, '[{"frequency":"weekly","repeat_interval":1,"day_of_week":"monday","day_of_month":null,"hour_of_day":8,"minute_of_hour":30,"weekday_of_month":null}]', '2024-03-01T00:00:00.000Z'),
  ('trigger-research', :account, 'agent-research', 'content_added', NULL, NULL, NULL, 1, '', NULL, 'kb-press', NULL, '2025-01-15T03:30:00.250Z')
ON CONFLICT DO NOTHING;

INSERT INTO data_tables (id, account_id, title, created_at)
VALUES ('table-costs', :account, 'Costs by month', '2025-11-01T00:00:00.000Z') ON CONFLICT DO NOTHING;

INSERT INTO data_table_rows (id, account_id, data_table_id, cells, created_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12)
SELECT
  printf('row-%02d', n), :account, 'table-costs',
  json_object('Monat', printf('2025-%02d', n), 'Rent', 1200, 'Power (kWh)', 310.5 - n * 12.25, 'paid', json(iif(n < 11, 'true', 'false')), 'note', iif(n % 4 = 0, '=sum(B2:B5)', NULL)),
  '2025-11-01T00:00:00.000Z'
FROM numbers WHERE true ON CONFLICT DO NOTHING;

INSERT INTO conversations (id, account_id, title, created_at)
VALUES ('conversation-oven', :account, 'The oven', '2025-11-05T09:00:00.000Z') ON CONFLICT DO NOTHING;

INSERT INTO conversation_messages (id, account_id, conversation_id, role, content, content_key, model, metadata, created_at)
VALUES
  ('message-1', :account, 'conversation-oven', 'system', 'You are the support desk of ' || :account || '.', NULL, NULL, NULL, '2025-11-05T09:00:00.000Z'),
  ('message-2', :account, 'conversation-oven', 'user', 'My oven is too cold.' || char(10) || 'What now?', NULL, NULL, '{"channel":"mail"}', '2025-11-05T09:00:01.000Z'),
  ('message-3', :account, 'conversation-oven', 'assistant', '- Turn it to 200 °C.' || char(10) || '- Wait 10 minutes.', NULL, 'gpt-4o', '{"tokens":21}', '2025-11-05T09:00:07.500Z'),
  ('message-4', :account, 'conversation-oven', 'user', NULL, NULL, NULL, '{"attachment":"oven.jpg"}', '2025-11-05T09:12:00.000Z')
ON CONFLICT DO NOTHING;

INSERT INTO analyses (id, account_id, title, created_at)
VALUES ('analysis-october', :account, 'October', '2025-11-02T06:00:00.000Z') ON CONFLICT DO NOTHING;

INSERT INTO analysis_outputs (id, account_id, analysis_id, title, output_type, content, content_key, value, unit, details, created_at)
VALUES
  ('output-1', :account, 'analysis-october', 'Summary', 'summary', 'Fewer calls than in September; "cold ovens" lead again.', NULL, NULL, NULL, NULL, '2025-11-02T06:00:00.000Z'),
  ('output-2', :account, 'analysis-october', 'Calls', 'figure', NULL, NULL, 1284, 'calls', '{"september":1411}', '2025-11-02T06:00:01.000Z'),
  ('output-3', :account, 'analysis-october', 'Answered at once', 'figure', NULL, NULL, 0.83, NULL, '{"by_agent":{"agent-support-desk":0.9,"agent-billing":0.71}}', '2025-11-02T06:00:02.000Z'),
  ('output-4', :account, 'analysis-october', NULL, 'list', NULL, printf('texts/%s/analysis_outputs/output-4', :account), NULL, NULL, NULL, '2025-11-02T06:00:03.000Z')
ON CONFLICT DO NOTHING;
