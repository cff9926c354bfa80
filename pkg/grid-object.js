import { ExportError } from './error.js';

// Objects of grids are not their rows: what they are known by, and the call that gives the rows.
const GRIDS = [
  ['DataTables', ['rows', 'draw', 'ajax'], "table.rows({ search: 'applied', order: 'applied' }).data().toArray()"],
  ['TanStack Table', ['getRowModel', 'getState'], 'table.getPrePaginationRowModel().rows.map((row) => row.original)'],
  ['Tabulator', ['getData', 'setColumns'], "table.getData('active')"],
  ['AG Grid', ['forEachNodeAfterFilterAndSort', 'getDisplayedRowCount'], 'each `node.data` of api.forEachNodeAfterFilterAndSort'],
];

/** Refuses the object of a grid, which would make a file of its settings. */
export function refuseGrid(value) {
  const grid = GRIDS.find(([, methods]) => methods.every((method) => typeof value[method] === 'function'));
  if (grid === undefined) return;
  const [name, , call] = grid;
  throw new ExportError('not_tabular', `The data is an object of ${name}, and not its rows.`, { hint: `Export what this gives: ${call}.` });
}

/** Refuses what has a method where a table has its rows or columns. */
export function refuseMethods(value) {
  const method = ['rows', 'items', 'columns'].find((key) => typeof value[key] === 'function');
  if (method === undefined) return;
  throw new ExportError('not_tabular', `The data has a function \`${method}\` where a table has an array or an iterable.`, {
    hint: `Call it, and export what it gives.`,
  });
}
