// What can be said of a column beside its heading: each row makes one field and one member of the column in the template.
// A choice is [value, what it is called]; the first one says nothing.
export const COLUMN_SETTINGS = [
  {
    member: 'type',
    label: 'Type',
    choices: [
      [undefined, 'Automatic'],
      ['text', 'Text'],
      ['integer', 'Integer'],
      ['number', 'Number'],
      ['boolean', 'Yes or no'],
      ['date', 'Date'],
      ['datetime', 'Date and time'],
      ['duration', 'Duration'],
      ['percent', 'Percent'],
      ['currency', 'Currency'],
      ['link', 'Link'],
    ],
  },
  { member: 'format', label: 'Number format', text: 'as in Excel: #,##0.00' },
  {
    member: 'align',
    label: 'Alignment',
    choices: [
      [undefined, 'Automatic'],
      ['left', 'Left'],
      ['center', 'Centre'],
      ['right', 'Right'],
    ],
  },
  {
    member: 'total',
    label: 'Total',
    choices: [
      [undefined, 'None'],
      ['sum', 'Sum'],
      ['average', 'Average'],
      ['min', 'Least'],
      ['max', 'Greatest'],
      ['count', 'Count'],
    ],
  },
];
