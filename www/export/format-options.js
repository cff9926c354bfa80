// The options that people change, by format: each row makes one field. A choice is [value, what it is called]; the first
// one is the default, which is not sent. A field with `choices` is a list, with `text` a line of text, else a box.
export const FORMAT_OPTIONS = {
  csv: [
    {
      option: 'delimiter',
      label: 'Delimiter',
      choices: [
        [',', 'Comma'],
        [';', 'Semicolon'],
        ['\t', 'Tab'],
        ['|', 'Pipe'],
      ],
    },
    {
      option: 'decimal',
      label: 'Decimal mark',
      choices: [
        ['.', 'Point'],
        [',', 'Comma'],
      ],
    },
    {
      option: 'quoteStyle',
      label: 'Quotes',
      choices: [
        ['necessary', 'If needed'],
        ['non_numeric', 'Around text'],
        ['always', 'Always'],
      ],
    },
    {
      option: 'terminator',
      label: 'Line ends',
      choices: [
        ['\r\n', 'CRLF'],
        ['\n', 'LF'],
      ],
    },
    { option: 'bom', label: 'Byte order mark, for umlauts in Excel', checked: false },
    { option: 'header', label: 'Headings in the first line', checked: true },
    { option: 'formulaGuard', label: 'Guard against formulas', checked: true },
  ],
  json: [
    { option: 'pretty', label: 'Indented', checked: true },
    { option: 'root', label: 'Name for the list of rows', text: 'none: the file is a list' },
  ],
  html: [
    { option: 'title', label: 'Title', text: 'that of the template, or the file' },
    { option: 'lang', label: 'Language', text: 'a tag such as en' },
    { option: 'fragment', label: 'Only the table element', checked: false },
  ],
};

/** Presets stand for all options of one format, whose own fields then rest. */
export const PRESETS = {
  format: 'csv',
  label: 'Made for',
  choices: [
    [undefined, 'My own settings'],
    ['excel', 'Excel'],
    ['excel-de', 'Excel in German'],
    ['google-sheets', 'Google Sheets'],
    ['postgres', 'PostgreSQL'],
    ['tsv', 'Tabs between cells'],
    ['machine', 'Other programs'],
  ],
};
