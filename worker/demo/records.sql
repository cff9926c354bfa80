-- Agents, scheduled tasks and workflows of the account :account, dealt out among its users.

INSERT INTO agents (id, account_id, user_id, name, model, status, created_at, updated_at)
WITH
  owners (i, id) AS (
    SELECT row_number() OVER (ORDER BY created_at, id) - 1, id FROM users WHERE account_id = :account
  ),
  made (i, id, name, model, status, created_at, updated_at) AS (VALUES
    (0, 'agent-support-desk', 'Support desk', 'gpt-4o', 'running', '2024-03-01T00:00:00.000Z', '2025-11-02T16:20:05.125Z'),
    (1, 'agent-travel', 'Reisebüro "Weltweit"', 'claude-sonnet-4', 'running', '2024-03-04T08:15:00.000Z', '2025-10-30T09:00:00.000Z'),
    (2, 'agent-meeting-notes', 'Meeting notes, weekly', 'gpt-4o-mini', 'paused', '2024-04-18T12:30:45.678Z', '2025-06-01T07:45:00.000Z'),
    (3, 'agent-billing', '=Billing & dunning', 'llama-3.3-70b', 'running', '2024-06-11T10:05:09.001Z', '2025-12-01T11:11:11.111Z'),
    (4, 'agent-onboarding', 'Onboarding (São Paulo)', 'mistral-large', 'stopped', '2024-09-02T14:00:00.000Z', '2024-12-24T18:00:00.000Z'),
    (5, 'agent-research', '調査アシスタント', 'claude-opus-4', 'running', '2025-01-15T03:30:00.250Z', '2025-12-15T22:59:59.999Z'),
    (6, 'agent-kueche', 'Küche & Vorräte 🥖', 'gpt-4o', 'error', '2025-02-28T23:59:59.999Z', '2025-03-01T00:00:00.000Z'),
    (7, 'agent-release-watch', 'Release watch' || char(10) || '(all repositories)', 'qwen-3-32b', 'running', '2025-08-08T08:08:08.080Z', '2025-12-30T12:00:00.000Z')
  )
SELECT made.id, :account, owners.id, name, model, status, created_at, updated_at
FROM made JOIN owners ON owners.i = made.i % (SELECT count(*) FROM owners)
WHERE true ON CONFLICT DO NOTHING;

INSERT INTO scheduled_tasks (id, account_id, user_id, name, cron_schedule, enabled, created_at)
WITH
  owners (i, id) AS (
    SELECT row_number() OVER (ORDER BY created_at, id) - 1, id FROM users WHERE account_id = :account
  ),
  made (i, id, name, cron_schedule, enabled, created_at) AS (VALUES
    (0, 'task-daily-report', 'daily-report', '0 9 * * *', 1, '2024-03-15T00:00:00.000Z'),
    (1, 'task-monatsabschluss', 'Monatsabschluss (Übertrag)', '30 6 1 * *', 1, '2024-05-02T10:20:30.400Z'),
    (2, 'task-digest', 'Digest for "Team B"', '0 17 * * 5', 1, '2024-07-19T15:00:00.000Z'),
    (3, 'task-cleanup', 'clean up; then archive', '*/30 * * * *', 0, '2024-11-30T23:00:00.000Z'),
    (4, 'task-backup', '+backup', '15 2 * * *', 1, '2025-02-11T01:02:03.004Z'),
    (5, 'task-reminder', 'リマインダー', '0 8 * * 1-5', 0, '2025-09-01T00:00:00.000Z')
  )
SELECT made.id, :account, owners.id, name, cron_schedule, enabled, created_at
FROM made JOIN owners ON owners.i = made.i % (SELECT count(*) FROM owners)
WHERE true ON CONFLICT DO NOTHING;

INSERT INTO workflows (id, account_id, user_id, name, enabled, created_at)
WITH
  owners (i, id) AS (
    SELECT row_number() OVER (ORDER BY created_at, id) - 1, id FROM users WHERE account_id = :account
  ),
  made (i, id, name, enabled, created_at) AS (VALUES
    (0, 'workflow-onboarding', 'onboarding-flow', 1, '2024-03-20T00:00:00.000Z'),
    (1, 'workflow-refund', 'Refunds > 500 €', 1, '2024-08-05T09:41:00.000Z'),
    (2, 'workflow-escalation', 'Eskalation "Stufe 2"', 0, '2025-01-07T13:37:00.000Z'),
    (3, 'workflow-release', '@release checklist', 1, '2025-10-10T10:10:10.101Z')
  )
SELECT made.id, :account, owners.id, name, enabled, created_at
FROM made JOIN owners ON owners.i = made.i % (SELECT count(*) FROM owners)
WHERE true ON CONFLICT DO NOTHING;
