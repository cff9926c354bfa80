// The demo page: one table, a template, and the engine that runs in this page.
import { download, exportFile, formats } from './pkg/load/browser.js';
import { Preview } from './preview.js';
import { showFailure, showReport } from './report.js';
import { DataTable } from './table.js';
import { TemplateForm } from './template-form.js';

// The one place the rows come from.
const DATA_URL = './data/matches.json';

const built = formats.filter((format) => format.built);
const byId = (id) => document.getElementById(id);

byId('origin').textContent = location.origin;

try {
  start(await loadRows());
} catch (error) {
  byId('table-size').textContent = 'The data could not be loaded.';
  showFailure(byId('report'), error);
}

async function loadRows() {
  const response = await fetch(DATA_URL);
  if (!response.ok) throw new Error(`The data could not be loaded: the server answered ${response.status}.`);
  return response.json();
}

function start(rows) {
  const table = new DataTable(rows);
  const form = new TemplateForm(byId('template'), table.keys);
  const preview = new Preview(byId('preview'), byId('preview-formats'), built, (format, count) =>
    exportFile(rows.slice(0, count), form.options(format)),
  );
  form.onChange = () => preview.update();
  preview.update();
  for (const format of built) byId('formats').append(downloadButton(format, rows, form));
}

function downloadButton({ id, label }, rows, form) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'primary';
  button.dataset.format = id;
  button.textContent = label;
  button.setAttribute('aria-label', `Download ${label}`);
  button.addEventListener('click', async () => {
    const options = form.options(id);
    const began = performance.now();
    try {
      const report = await download(rows, options);
      showReport(byId('report'), label, report, performance.now() - began);
    } catch (error) {
      showFailure(byId('report'), error);
    }
  });
  return button;
}
