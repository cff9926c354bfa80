// The demo page: a table, a template, and the engine that runs in this page; and the service, where the page has one.
import { formats as known } from './pkg/load/browser.js';
import { byId } from './element.js';
import { ExportPanel } from './export/export-panel.js';
import { FormatChoice } from './export/format-choice.js';
import { OptionsForm } from './export/options-form.js';
import { Preview } from './export/preview.js';
import { showFailure } from './export/report.js';
import { Scope } from './export/scope.js';
import { OwnData } from './own-data/own-data.js';
import { millionReadings } from './rows/million.js';
import { Records } from './rows/records.js';
import { PageTable } from './service/page-table.js';
import { Service } from './service/service.js';
import { DataTable } from './table/data-table.js';
import { Pager } from './table/pager.js';
import { TableState } from './table/table-state.js';
import { Toolbar } from './table/toolbar.js';
import { Columns } from './template/columns.js';
import { ColumnsEditor } from './template/columns-editor.js';
import { TemplateEditor } from './template/template-editor.js';
import { TemplateJson } from './template/template-json.js';
import { Views } from './views.js';

// The one place the rows of the page come from.
const DATA = { url: './data/matches.json', name: 'matches', title: 'Football matches, 2013–2017' };

const state = new TableState();
const columns = new Columns();
const table = new DataTable(byId('table'), state, columns, new Pager(state));
new Toolbar(state, table);
new ColumnsEditor(columns);
const editor = new TemplateEditor(columns);
const built = known.filter(({ built: here }) => here);
const formats = new FormatChoice(byId('formats'), built);
new TemplateJson(editor, formats);
const options = new OptionsForm(formats);
const scope = new Scope(state);
const panel = new ExportPanel({ state, scope, formats, options, editor });
const preview = new Preview(byId('preview'), (count, signal) => panel.preview(count, signal));
for (const changing of [editor, formats, options, scope]) changing.addEventListener('change', () => state.rows && preview.update());

const views = new Views();
new Service(byId('service'), { views, formats: built, table: new PageTable({ state, scope, editor }) });

const ownData = new OwnData(show, () => !views.service);
byId('million').addEventListener('click', () => {
  ownData.clear();
  show(millionReadings(), 'A million weather readings');
});
byId('matches').addEventListener('click', () => {
  ownData.clear();
  showMatches();
  // The button goes away with the other data.
  byId('million').focus();
});
byId('origin').textContent = location.origin;
await showMatches();

/** Puts other rows on the page. */
function show(rows, title) {
  byId('table-title').textContent = title;
  byId('matches').hidden = title === DATA.title;
  const arranged = state.take(rows);
  columns.reset(rows.keys);
  editor.take({});
  return arranged;
}

async function showMatches() {
  try {
    const response = await fetch(DATA.url);
    if (!response.ok) throw new Error(`The data could not be loaded: the server answered ${response.status}.`);
    await show(Records.of(DATA.name, await response.json()), DATA.title);
  } catch (error) {
    byId('table-size').textContent = 'The data could not be loaded.';
    showFailure(byId('report'), error);
  }
}
