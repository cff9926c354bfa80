// A type of resource that exists in tests alone: the facts of invoices.json, written down a second time in the form of
// reference.json, and records of it.

import { readFileSync } from 'node:fs';
import { Maker } from './records.mjs';

/** The definition, as a user writes one. */
export const definition = JSON.parse(readFileSync(new URL('invoices.json', import.meta.url), 'utf8'));

export const INVOICES = {
  formats: ['csv', 'json', 'jsonl', 'html', 'markdown'],
  envelope: [
    { name: 'export_type', type: 'string' },
    { name: 'software_version', type: 'string' },
    { name: 'account_id', type: 'string' },
    { name: 'exported_at', type: 'string' },
    { name: 'invoice_count', type: 'integer', counts: 'invoices' },
    { name: 'invoices', type: 'array', record: 'Invoice' },
    { name: 'terms', type: 'string', text: '30 Tage netto' },
  ],
  records: {
    Invoice: [
      { name: 'id', type: 'string' },
      { name: 'number', type: 'string' },
      { name: 'status', type: 'string', values: ['draft', 'open', 'paid', 'void'] },
      { name: 'customer', type: 'object' },
      { name: 'note', type: 'string', nullable: true },
      { name: 'total', type: 'number' },
      { name: 'reminded', type: 'boolean' },
      { name: 'tags', type: 'array', items: 'string', nullable: true },
      { name: 'issued_at', type: 'string' },
      { name: 'paid_at', type: 'string', nullable: true },
      { name: 'lines', type: 'array', record: 'Line' },
      { name: 'line_count', type: 'integer', counts: 'lines' },
      { name: 'batch_total', type: 'integer', counts: 'lines.batches' },
    ],
    Line: [
      { name: 'id', type: 'string' },
      { name: 'article', type: 'string' },
      { name: 'quantity', type: 'integer' },
      { name: 'price', type: 'number' },
      { name: 'discount', type: 'number', nullable: true },
      { name: 'taxes', type: 'array', items: 'object' },
      { name: 'batches', type: 'array', record: 'Batch' },
      { name: 'batch_count', type: 'integer', counts: 'batches' },
    ],
    Batch: [
      { name: 'code', type: 'string' },
      { name: 'bestBefore', type: 'string', nullable: true },
    ],
  },
  filters: [
    { name: 'status', test: 'one_of', fields: ['invoices.status'] },
    { name: 'reminded', test: 'equals', fields: ['invoices.reminded'] },
    { name: 'tags', test: 'any_of', fields: ['invoices.tags'] },
    { name: 'from_date', test: 'at_least', fields: ['invoices.issued_at'] },
    { name: 'to_date', test: 'less_than', fields: ['invoices.issued_at'] },
    { name: 'min_total', test: 'at_least', fields: ['invoices.total'] },
    { name: 'max_total', test: 'at_most', fields: ['invoices.total'] },
    { name: 'unpaid_only', test: 'is_null', fields: ['invoices.paid_at'] },
    { name: 'limit', test: 'limit', fields: ['invoices'] },
    {
      name: 'include_lines',
      test: 'switch',
      fields: ['invoices.lines', 'invoices.line_count', 'invoices.batch_total'],
      default: true,
    },
  ],
};

/** So many invoices, in the order of their making. */
export function invoices(count) {
  return new Maker('invoices', 2, INVOICES).records('Invoice', count);
}
