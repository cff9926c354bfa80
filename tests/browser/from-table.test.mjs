// A table of the page becomes data: the whole of it, as a reader of the page sees it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, open, runner } from './site.mjs';

let page;
before(async () => {
  page = await open(await browser(), `${(await runner()).url}/blank.html`);
});
after(() => page.context().close());

/** What comes of the first table of this markup; numbers with a form of their own as their text. */
const read = (html, options, target = 'table') =>
  page.evaluate(
    async ([html, options, target]) => {
      const { fromTable } = await import('/pkg/load/browser.js');
      document.body.innerHTML = html;
      try {
        const { columns, rows } = fromTable(target, options);
        return { columns, rows: rows.map((row) => row.map((value) => (JSON.isRawJSON?.(value) ? { raw: value.rawJSON } : value))) };
      } catch ({ name, code, message }) {
        return { name, code, message };
      }
    },
    [html, options, target],
  );

const CELLS = {
  'white space is collapsed': ['<td>\n  a \t b\n</td>', 'a b'],
  'a no-break space stays': ['<td>a\u00a0 b</td>', 'a\u00a0 b'],
  'an empty cell is null': ['<td> </td>', null],
  'a line break is one': ['<td>a <br> b<br>\nc</td>', 'a\nb\nc'],
  'blocks stand in lines of their own': ['<td><p>a</p><div>b <i>c</i></div>d<ul><li>e</li><li>f</li></ul></td>', 'a\nb c\nd\ne\nf'],
  'inline elements flow': ['<td><b>a</b><i>b</i> <a href="#">c</a></td>', 'ab c'],
  'a pre keeps its spaces': ['<td><pre>a  b\n c</pre></td>', 'a  b\n c'],
  'white-space: pre keeps spaces': ['<td style="white-space: pre-wrap">a  b\n c</td>', 'a  b\n c'],
  'white-space: pre-line keeps lines': ['<td style="white-space: pre-line">\n   a   b\n   c\n</td>', 'a b\nc'],
  'a pre amid text keeps its spaces': ['<td>x<span style="white-space: pre">  y  z</span></td>', 'x  y  z'],
  'children that are blocks by style stand in lines': ['<td><b style="display: block">12</b><b style="display: block">34</b></td>', '12\n34'],
  'custom elements are what their style says': ['<td><x-n style="display: block">1</x-n><x-n style="display: block">2</x-n></td>', '1\n2'],
  'inline custom elements flow': ['<td><x-n>1</x-n><x-n>2</x-n></td>', 12],
  'blocks that are inline by style flow': ['<td><div style="display: inline">1</div><div style="display: inline">2</div></td>', 12],
  'items of a flex container stand in lines': ['<td><span style="display: flex"><span>12</span><span>34</span></span></td>', '12\n34'],
  'items of a grid stand in lines': ['<td><span style="display: grid">12<span>34</span></span></td>', '12\n34'],
  'inline blocks flow': ['<td><span style="display: inline-block">12</span><span style="display: inline-flex">34</span></td>', 1234],
  'closed details show their summary': ['<td><details><summary>3 items</summary><p>a</p></details></td>', '3 items'],
  'open details show all': ['<td><details open><summary>2 items</summary><p>a</p></details></td>', '2 items\na'],
  'what is not visible is no text': ['<td><span style="visibility: hidden; position: absolute">9</span>12</td>', 12],
  'what is visible in what is not is text': ['<td style="visibility: hidden">a<b style="visibility: visible">b</b></td>', 'b'],
  'a cell that is not visible is empty': ['<td style="visibility: hidden">x</td>', null],
  'a value of a cell that is not visible is no value': ['<td style="visibility: hidden" data-value="7">x</td>', null],
  'what is skipped for its size is no text': ['<td>a<div style="content-visibility: hidden">b</div></td>', 'a'],
  'what is not displayed is no text': ['<td>a<span hidden>b</span><span style="display: none">c</span><span class="gone">d</span></td>', 'a'],
  'what assistive technology passes over is no text': ['<td><span aria-hidden="true">★</span> four</td>', 'four'],
  'scripts and styles are no text': ['<td>a<script>b</script><style>c</style><template>d</template></td>', 'a'],
  'data-value goes first': ['<td data-value="x 12">twelve</td>', 'x 12'],
  'data-export goes first': ['<td data-export="x 12">twelve</td>', 'x 12'],
  'an empty data-value is null': ['<td data-value="">none</td>', null],
  'data has a value': ['<td><data value="id-7">Seven</data></td>', 'id-7'],
  'time has a moment': ['<td> <time datetime="2026-01-31">last day</time> </td>', '2026-01-31'],
  'data amid text is text': ['<td><data value="7">Seven</data> dwarfs</td>', 'Seven dwarfs'],
  'a picture says its alternative': ['<td><img alt="Yes" src="data:,"></td>', 'Yes'],
  'a box is true or false': ['<td><input type="checkbox" checked></td>', true],
  'an input holds its value': ['<td><input value="typed"></td>', 'typed'],
  'a password stays where it is': ['<td><input type="password" value="typed"></td>', null],
  'a choice is its text': ['<td><select><option>a<option value="2" selected>b b</select></td>', 'b b'],
  'a textarea holds its lines': ['<td><textarea>a\nb</textarea></td>', 'a\nb'],
  'markup in text stays text': ['<td>&lt;b&gt;&amp;</td>', '<b>&'],
};

for (const [rule, [cell, expected]] of Object.entries(CELLS)) {
  test(`a cell: ${rule}`, async () => {
    const { rows } = await read(`<style>.gone { display: none }</style><table><thead><tr><th>h</th></tr></thead><tbody><tr>${cell}</tr></tbody></table>`);
    assert.deepEqual(rows, [[expected]]);
  });
}

const head = (...labels) => `<thead><tr>${labels.map((label) => `<th>${label}</th>`).join('')}</tr></thead>`;
const body = (...rows) => `<tbody>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</tbody>`;

const TABLES = {
  'every row of every tbody, and none of tfoot': [
    `<table>${head('a')}${body(['x'])}${body(['y'])}<tfoot><tr><td>sum</td></tr></tfoot></table>`,
    { columns: ['a'], rows: [['x'], ['y']] },
  ],
  'rows of headings without a thead': ['<table><tr><th>a<th>b<tr><th>x<td>y</table>', { columns: ['a', 'b'], rows: [['x', 'y']] }],
  'no headings at all': ['<table><tr><td>x<td>y</table>', { columns: ['Column 1', 'Column 2'], rows: [['x', 'y']] }],
  'headings of several rows are joined, and a title over all is none': [
    `<table><thead><tr><th colspan="3">Title<tr><th rowspan="2">Name<th colspan="2">2026<tr><th>Q1<th>Q2</thead>${body(['n', 'x', 'y'])}</table>`,
    { columns: ['Name', '2026 / Q1', '2026 / Q2'], rows: [['n', 'x', 'y']] },
  ],
  'a row of filters is no heading': [
    `<table><thead><tr><th>a<th>b<tr><th><input value="f"><th><select><option>all</select></thead>${body(['x', 'y'])}</table>`,
    { columns: ['a', 'b'], rows: [['x', 'y']] },
  ],
  'equal labels are both kept': [`<table>${head('a', 'a')}${body(['x', 'y'])}</table>`, { columns: ['a', 'a'], rows: [['x', 'y']] }],
  'a cell over rows stands in each, a cell over columns in the first': [
    `<table>${head('a', 'b', 'c')}<tbody><tr><td rowspan="2">x<td colspan="2">y<tr><td>z<td>w</tbody></table>`,
    { columns: ['a', 'b', 'c'], rows: [['x', 'y', null], ['x', 'z', 'w']] },
  ],
  'rowspan 0 goes on to the end of its section': [
    `<table>${head('a', 'b')}<tbody><tr><td rowspan="0">x<td>y<tr><td>z</tbody>${body(['u', 'v'])}</table>`,
    { columns: ['a', 'b'], rows: [['x', 'y'], ['x', 'z'], ['u', 'v']] },
  ],
  'short rows end in nulls, long ones widen the table': [
    `<table>${head('a', 'b')}${body(['x'], ['y', 'z', 'w'])}</table>`,
    { columns: ['a', 'b', 'Column 3'], rows: [['x', null, null], ['y', 'z', 'w']] },
  ],
  'hidden rows and columns are left out': [
    `<style>.off { display: none }</style><table><thead><tr><th>a<th class="off">b<th hidden>c</thead><tbody><tr><td>x<td class="off">y<td hidden>z<tr hidden><td>1<td>2<td>3<tr class="off"><td>1<td>2<td>3</tbody></table>`,
    { columns: ['a'], rows: [['x']] },
  ],
  'a cell that is not displayed takes no place, whatever its row': [
    `<style>.off { display: none }</style><table>${head('A', 'B')}<tbody><tr><td style="display: none">id<td>1<td>2<tr><td>3<td hidden>note<td>4<tr><td>5<td>6<td class="off">x</tbody></table>`,
    { columns: ['A', 'B'], rows: [[1, 2], [3, 4], [5, 6]] },
  ],
  'a tbody that is not displayed has no rows': [
    `<style>.off { display: none }</style><table>${head('A')}${body(['1'])}<tbody hidden><tr><td>2</tbody><tbody class="off"><tr><td>3</tbody><tbody style="display: none"><tr><td>4</tbody></table>`,
    { columns: ['A'], rows: [[1]] },
  ],
  'each row keeps spaces by its own style': [
    `<table>${head('A')}<tbody><tr><td style="white-space: pre">x  y<tr><td>\n a\n b</tbody></table>`,
    { columns: ['A'], rows: [['x  y'], ['a b']] },
  ],
  'a table in a hidden place is read all the same': [`<div hidden><table>${head('a')}${body(['<span>x</span> y'])}</table></div>`, { columns: ['a'], rows: [['x y']] }],
  'a hidden row does not move the cells that it spans into': [
    `<table>${head('a', 'b')}<tbody><tr hidden><td rowspan="2">x<td>y<tr><td>z</tbody></table>`,
    { columns: ['a', 'b'], rows: [['x', 'z']] },
  ],
  'rows and columns that are not for export are left out': [
    `<table><colgroup><col><col data-export="false"></colgroup><thead><tr><th>a<th>b<th data-export="false">c<th aria-hidden="true">d</thead><tbody><tr><td>1<td>2<td>3<td>4<tr data-export="false"><td>x</tbody></table>`,
    { columns: ['a'], rows: [[1]] },
  ],
  'columns of buttons and boxes without a heading are left out': [
    `<table>${head('<input type="checkbox">', 'a', '', '')}${body(['<input type="checkbox">', 'x', '<button>Edit</button> <a role="button">Delete</a>', 'told'])}</table>`,
    { columns: ['a', 'Column 4'], rows: [['x', 'told']] },
  ],
  'columns of numbers are numbers, others are text': [
    `<table>${head('n', 'price', 'code', 'mixed', 'big')}${body(['1', '1.50', '007', '1', '12345678901234567890'], ['-2.5', '2.25', '8', 'x', '1'], ['', '', '', '', ''])}</table>`,
    {
      columns: ['n', 'price', 'code', 'mixed', 'big'],
      rows: [
        [1, { raw: '1.50' }, '007', '1', '12345678901234567890'],
        [-2.5, 2.25, '8', 'x', '1'],
        [null, null, null, null, null],
      ],
    },
  ],
  'numbers that a spreadsheet would round are text': [
    `<table>${head('card', 'sum', 'small', 'long')}${body(['4111111111111111', '0.30000000000000004', '123456789012345', '1.1234567890123456789'], ['1', '1.5', '0.000000000000001', '1'])}</table>`,
    {
      columns: ['card', 'sum', 'small', 'long'],
      rows: [
        ['4111111111111111', 0.30000000000000004, 123456789012345, '1.1234567890123456789'],
        ['1', 1.5, { raw: '0.000000000000001' }, '1'],
      ],
    },
  ],
  'a table within a cell stays within it': [
    `<table>${head('a', 'b')}<tbody><tr><td><table><tr><td>x<td>y</table><td>z</tbody></table>`,
    { columns: ['a', 'b'], rows: [['x\ty', 'z']] },
  ],
  'an empty table': ['<table></table>', { columns: [], rows: [] }],
};

for (const [rule, [html, expected]] of Object.entries(TABLES)) {
  test(`a table: ${rule}`, async () => assert.deepEqual(await read(html), expected));
}

test('hidden rows and columns are read where that is asked for', async () => {
  const html = '<table><thead><tr><th>a<th hidden>b</thead><tbody><tr><td>x<td hidden>y<tr hidden><td>z</tbody></table>';
  assert.deepEqual(await read(html, { hidden: true }), { columns: ['a', 'b'], rows: [['x', 'y'], ['z', null]] });
});

test('everything is text where that is asked for', async () => {
  assert.deepEqual((await read('<table><tr><th>a<tr><td>1</table>', { types: 'text' })).rows, [['1']]);
});

test('a table is found in what is around it, and its absence is an error', async () => {
  assert.deepEqual((await read('<div id="around"><table><tr><th>a<tr><td>x</table></div>', {}, '#around')).rows, [['x']]);
  for (const [target, code] of [['#nothing', 'not_tabular'], ['body > p', 'not_tabular'], ['>', 'invalid_option']]) {
    const error = await read('<p>no table</p>', {}, target);
    assert.deepEqual([error.name, error.code], ['ExportError', code]);
  }
});

test('what is read is exported as it stands', async () => {
  const texts = await page.evaluate(async () => {
    const { exportFile, fromTable } = await import('/pkg/load/browser.js');
    document.body.innerHTML = '<table><tr><th>a<th>a<th>price<tr><td>x<br>y<td>007<td>1.50</table>';
    const files = ['csv', 'json'].map((format) => exportFile(fromTable('table'), { format, json: { pretty: false } }));
    return Promise.all((await Promise.all(files)).map((file) => file.text()));
  });
  assert.equal(texts[0], 'a,a,price\r\n"x\ny",007,1.50\r\n');
  assert.equal(texts[1].trim(), '[{"a":"x\\ny","a_2":"007","price":1.50}]');
});

test('a table element can be handed over as it is', async () => {
  const text = await page.evaluate(async () => {
    const { exportFile } = await import('/pkg/load/browser.js');
    document.body.innerHTML = '<table><tr><th>a<th>b<tr><td>x<td>1<tr><td>y<td hidden>secret<td>2</table>';
    return (await exportFile(document.querySelector('table'), { format: 'json', json: { pretty: false } })).text();
  });
  assert.equal(text.trim(), '[{"a":"x","b":1},{"a":"y","b":2}]');
});

test('a list of elements is no data, and its error says so', async () => {
  const errors = await page.evaluate(async () => {
    const { exportFile } = await import('/pkg/load/browser.js');
    document.body.innerHTML = '<table><tr><td>x</table><table></table>';
    const all = [document.querySelectorAll('table'), document.querySelectorAll('td'), document.body.children];
    return Promise.all(all.map((data) => exportFile(data, { format: 'csv' }).catch(({ code, row }) => [code, row])));
  });
  assert.deepEqual(errors, [['invalid_data', 1], ['invalid_data', 1], ['invalid_data', 1]]);
});

test('a column of buttons with comments among them is there to be clicked, and no column', async () => {
  const row = '<tr><td>a</td><td><!--if--><button>x</button><!--end--></td></tr>';
  const table = await read(`<table><thead><tr><th>A</th><th></th></tr></thead><tbody>${row}${row}</tbody></table>`);
  assert.deepEqual(table, { columns: ['A'], rows: [['a'], ['a']] });
});

test('cells that span more than there is end with the table, and tables that nobody shows are read too', async () => {
  const spans = '<table><tr><th>A<th>B</tr><tr><td rowspan="0">a<td rowspan="65534">b</tr><tr></tr></table>';
  assert.deepEqual(await read(spans), { columns: ['A', 'B'], rows: [['a', 'b'], ['a', 'b']] });
  const found = await page.evaluate(async () => {
    const { fromTable } = await import('/pkg/load/browser.js');
    const markup = '<table><tr><th>A</tr><tr><td>a<table><tr><td>inner</table><script>gone</script></tr></table>';
    const detached = document.createElement('div');
    detached.innerHTML = markup;
    document.body.innerHTML = '<div id="host"></div>';
    const shadow = document.querySelector('#host').attachShadow({ mode: 'open' });
    shadow.innerHTML = markup;
    return [detached, shadow].map((target) => fromTable(target.querySelector('table')));
  });
  for (const table of found) assert.deepEqual(table, { columns: ['A'], rows: [['a\ninner']] });
});
