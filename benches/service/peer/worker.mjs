// The same service as it is usually written: the body is parsed whole, and the file made whole, by packages of npm.
import { Hono } from 'hono';
import Papa from 'papaparse';

const app = new Hono();

app.post('/api/export', async (context) => {
  const rows = JSON.parse(await context.req.text());
  return context.body(Papa.unparse(rows), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="export.csv"',
    'Cache-Control': 'no-store',
  });
});

const FIELDS =
  'id, policy_id, policy_name, screening_point, verdict, score, flag_threshold_used, block_threshold_used, explanation, content_excerpt, ' +
  'agent_id, agent_run_id, source_connection_id, content_version_id, resolved_at, resolved_by, resolution_note, created_at';

const EVALUATIONS = `SELECT ${FIELDS} FROM governance_evaluations WHERE account_id = ? AND verdict = ? ORDER BY created_at, id`;

app.get('/noted', ({ json }) => json([{ sql: EVALUATIONS, values: ['bench', 'pass'], method: 'all' }]));

app.get('/v1/resources/governance_evaluations/export', async (context) => {
  const { results: items } = await context.env.DB.prepare(EVALUATIONS).bind('bench', context.req.query('verdict')).all();
  const headers = (type, extension) => ({
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="governance-evaluations.${extension}"`,
    'Cache-Control': 'no-store',
  });
  if (context.req.query('format') === 'csv') return context.body(Papa.unparse(items), 200, headers('text/csv; charset=utf-8', 'csv'));
  const file = {
    export_type: 'governance_evaluations',
    software_version: '1.0',
    account_id: 'bench',
    exported_at: new Date().toISOString(),
    item_count: items.length,
    items,
  };
  return context.body(JSON.stringify(file, null, 2), 200, headers('application/json', 'json'));
});

// Only reads, by the statements that a Worker makes a file with, so that the time of the database can be told from that of the file.
app.post('/read', async ({ env, req, json }) => {
  let count = 0;
  for (const { sql, values, method } of await req.json()) {
    const answer = await env.DB.prepare(sql).bind(...values)[method]();
    count += (answer.results ?? answer).length;
  }
  return json({ count });
});

export default app;
