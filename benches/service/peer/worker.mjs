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

export default app;
