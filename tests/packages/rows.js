// What every app of these tests exports: values that JavaScript engines and bundlers could write each in their way.
export const rows = [
  { name: 'Zoë "Z"', born: 1990, note: null, when: new Date(0), id: 12345678901234567890n },
  { name: '=1+1', born: 12.5, note: { a: [1e21, 1e-7, -0, 5e-324] }, when: undefined, id: 0.1 + 0.2 },
  { name: 'a,b|c\r\n<d>', born: NaN, note: '\ud83d\ude00\u2028', when: '2026-01-31', id: 2 ** 53 },
];

// Exports that load more than the core: the table of time zones, the engine that reads CSV, the one with the catalog, and what
// makes a document of an object.
export const others = {
  zone: [[{ at: '2026-07-01T22:30:00Z' }, { at: '2026-01-31T23:30:00Z' }], { format: 'csv', timeZone: 'Europe/Berlin', columns: [{ key: 'at', type: 'datetime' }] }],
  dated: [rows, { template: { name: 'dated', format: 'html', footer_text: 'on {date}.' }, timeZone: 'Asia/Tokyo', now: '2026-01-01T15:00:00Z' }],
  resource: [[{ verdict: 'flag' }, { verdict: 'pass' }], { resource: 'governance_evaluations', format: 'csv', filters: { verdict: 'pass' }, now: '2026-01-31T12:00:00Z' }],
  document: [
    { memory_bank: { id: 'b', name: 'Zoë' }, entries: new Set([{ id: 'e', text: '😀'.repeat(50_000) }]) },
    { resource: 'memory_bank', envelope: { softwareVersion: '1', accountId: 'a' }, now: '2026-01-31T12:00:00Z' },
  ],
  full: ['name;joined\r\nZoë;2026-01-31\r\n', { format: 'json', input: { format: 'csv', delimiter: ';' } }],
};
