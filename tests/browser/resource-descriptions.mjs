// What `GET /v1/resources` of the stand-in answers: resources that no service has, with everything that a description can hold.
const text = (name, more) => ({ name, type: 'string', description: `The ${name} of it.`, ...more });
const money = { name: 'amount', type: 'number', description: 'What it costs, in euros.' };
const STANDARD = [
  { name: 'export_type', holds: 'type', description: 'The type of resource.' },
  { name: 'software_version', holds: 'software_version', description: 'The version of the software that the data come from.' },
  { name: 'account_id', holds: 'account_id', description: 'The account that the data belong to.' },
  { name: 'exported_at', holds: 'moment', description: 'When the export was made.' },
];

const FILTERS = [
  { name: 'customer_id', test: 'equals', field: 'customer_id', type: 'string', description: 'Those of one customer.' },
  { name: 'state', test: 'equals', field: 'state', type: 'string', enum: ['draft', 'sent', 'paid'], description: 'Those in a state.' },
  { name: 'reminded', test: 'equals', field: 'reminded', type: 'boolean', description: 'Those with or without a reminder.' },
  { name: 'currencies', test: 'one_of', field: 'currency', most: 3, type: 'string', enum: ['EUR', 'USD', 'JPY'], description: 'Those in some currencies.' },
  { name: 'labels', test: 'any_of', field: 'labels', most: 2, type: 'array', description: 'Those with some labels.' },
  { name: 'from_amount', test: 'at_least', field: 'amount', type: 'number', description: 'Those of so much or more.' },
  { name: 'priority', test: 'equals', field: 'priority', type: 'integer', description: 'Those of a priority.' },
  { name: 'created_after', test: 'at_least', field: 'created_at', type: 'timestamp', description: 'Those from then on.' },
  { name: 'created_before', test: 'less_than', field: 'created_at', type: 'timestamp', description: 'Those before then.' },
  { name: 'unpaid_only', test: 'is_null', field: 'paid_at', type: 'boolean', description: 'Those that nobody has paid.' },
  { name: 'limit', test: 'limit', type: 'integer', description: 'So many at most.' },
];

export const RESOURCES = [
  {
    name: 'invoices',
    label: 'Invoices',
    description: 'What customers have to pay, with the lines of each invoice.',
    formats: ['json', 'csv', 'xlsx'],
    file_name: 'invoices-{date}',
    by_id: false,
    record: {
      fields: [
        text('id'),
        text('customer_id'),
        text('state', { enum: ['draft', 'sent', 'paid'] }),
        money,
        { name: 'labels', type: 'array', items: 'string', description: 'Its labels.' },
        { name: 'paid_at', type: 'timestamp', nullable: true, description: 'When it was paid.' },
        { name: 'lines', type: 'records', description: 'What is charged.', record: { fields: [text('article'), money, { name: 'extra', type: 'object', optional: true, description: 'Whatever else.' }] } },
        { name: 'line_count', type: 'count', of: 'lines', description: 'How many lines it has.' },
      ],
    },
    envelope: [...STANDARD, { name: 'item_count', holds: 'count', of: 'items', description: 'How many records there are.' }, { name: 'items', holds: 'items', description: 'The records.' }],
    filters: FILTERS,
    switches: [
      { name: 'include_lines', fields: ['lines'], default: true, description: 'Whether the lines are there.' },
      { name: 'include_notes', fields: ['notes'], default: false, description: 'Whether notes are there.' },
    ],
  },
  {
    name: 'folder',
    label: 'Folder',
    description: 'A folder with all that is in it.',
    formats: ['json'],
    file_name: 'folder-{resource_id:8}',
    by_id: true,
    records: { entry: { fields: [text('title'), { name: 'entries', type: 'records', record: 'entry', nullable: true, description: 'What is in it.' }], open: true } },
    envelope: [...STANDARD, { name: 'folder', holds: 'record', record: 'entry', description: 'The folder.' }, { name: 'note', holds: 'value', type: 'any', description: 'A note.' }],
    filters: [{ name: 'from_date', test: 'at_least', field: 'folder.entries.created_at', type: 'timestamp', description: 'What was made from then on.' }],
  },
];
