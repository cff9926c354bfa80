// The engine is loaded once, a failure costs only the call it happens in, and memory is given back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import * as catalog from '../../pkg/wasm/catalog.js';
import * as glue from '../../pkg/wasm/core.js';
import * as full from '../../pkg/wasm/full.js';
import { exportFile, exportStream, formats, init } from '../../pkg/load/node.js';
import { version } from '../../pkg/version.js';
import { echoGlue, emptyModule } from './echo-glue.mjs';

const WASM = new URL('../../pkg/wasm/core_bg.wasm', import.meta.url);
const FULL_WASM = new URL('../../pkg/wasm/full_bg.wasm', import.meta.url);
const CATALOG_WASM = new URL('../../pkg/wasm/catalog_bg.wasm', import.meta.url);
const ROWS = [{ a: 1 }];

test('the package, its engine and its list of formats are one version', () => {
  const { version: published } = JSON.parse(readFileSync(new URL('../../pkg/package.json', import.meta.url), 'utf8'));
  assert.equal(version, published);
  for (const [build, wasm] of [[glue, WASM], [full, FULL_WASM], [catalog, CATALOG_WASM]]) {
    build.initSync({ module: readFileSync(wasm) });
    assert.equal(build.version(), published);
  }
  for (const build of [full, catalog]) assert.deepEqual(JSON.parse(build.formats()).formats, formats);
});

test('the engine is loaded by the first call and kept', async () => {
  let loads = 0;
  const api = createApi(echoGlue(), () => {
    loads += 1;
    return emptyModule();
  });
  await api.exportFile(ROWS, {});
  await api.init();
  await Promise.all([api.exportFile(ROWS, {}), api.exportFile(ROWS, {})]);
  assert.equal(loads, 1);
});

test('calls that come while the engine loads share the load', async () => {
  let loads = 0;
  const api = createApi(echoGlue(), async () => {
    loads += 1;
    return emptyModule();
  });
  await Promise.all([api.exportFile(ROWS, {}), api.init(), api.exportFile(ROWS, {})]);
  assert.equal(loads, 1);
});

test('a failed load is tried again', async () => {
  for (const wrap of [(load) => load, (load) => async () => load()]) {
    let up = false;
    const load = wrap(() => {
      if (!up) throw new TypeError('fetch failed');
      return emptyModule();
    });
    const api = createApi(echoGlue(), load);
    await assert.rejects(api.init(), { name: 'ExportError', code: 'engine_load_failed' });
    await assert.rejects(api.exportFile(ROWS, {}), { code: 'engine_load_failed' });
    up = true;
    await api.init();
    await api.exportFile(ROWS, {});
  }
});

test('init takes a module, bytes, a response or a URL', async () => {
  const bytes = readFileSync(WASM);
  const response = () => new Response(bytes, { headers: { 'Content-Type': 'application/wasm' } });
  const url = `data:application/wasm;base64,${bytes.toString('base64')}`;
  for (const source of [new WebAssembly.Module(bytes), bytes, response(), Promise.resolve(response()), new Response(bytes), url, new URL(url)]) {
    const api = createApi(echoGlue(), () => assert.fail('the runtime is not to load an engine by itself'));
    await api.init(source);
    await api.init(source);
    await api.exportFile(ROWS, {});
  }
});

test('init refuses what is no engine, and recovers', async () => {
  const api = createApi(echoGlue(), emptyModule);
  for (const source of [new Response('gone', { status: 404 }), new Uint8Array([1, 2, 3]), 'data:text/plain,hello']) {
    await assert.rejects(api.init(source), { name: 'ExportError', code: 'engine_load_failed' });
  }
  await assert.rejects(api.init(7), { name: 'ExportError', code: 'invalid_option' });
  await api.init();
});

test('an engine of another version is refused', async () => {
  const api = createApi({ ...echoGlue(), version: () => '9.9.9' }, emptyModule);
  await assert.rejects(api.exportFile(ROWS, {}), { name: 'ExportError', code: 'version_mismatch' });
});

test('after a trap live exports fail, nothing of the old instance is touched, and the next call works', async () => {
  let trap = false;
  const echo = echoGlue({
    push() {
      if (trap) throw new WebAssembly.RuntimeError('unreachable');
    },
  });
  const api = createApi(echo, emptyModule);
  const live = api.exportStream(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10)) }), {});
  const reader = live.getReader();
  await reader.read();
  trap = true;
  await assert.rejects(api.exportFile(ROWS, {}), (error) => {
    assert.equal(error.code, 'engine_crashed');
    assert.equal(error.cause instanceof WebAssembly.RuntimeError, true);
    return true;
  });
  trap = false;
  await api.exportFile(ROWS, {});
  await assert.rejects(reader.read(), { code: 'engine_crashed' });
  await assert.rejects(live.report, { code: 'engine_crashed' });
  // Two exporters crashed and were not freed, one finished and was.
  assert.deepEqual(echo.events.filter((event) => /start|free/.test(event)), ['start', 'restart', 'free']);
});

test('the real engine recovers from a real trap', async () => {
  let trap = false;
  const breakable = {
    ...glue,
    Exporter: class extends glue.Exporter {
      push(chunk) {
        // A pointer outside of the memory makes the engine itself trap.
        if (trap) this.__wbg_ptr = 0xffff_fff0;
        return super.push(chunk);
      }
    },
  };
  const api = createApi(breakable, () => new WebAssembly.Module(readFileSync(WASM)));
  const before = await (await api.exportFile(ROWS, { format: 'csv' })).text();
  const live = api.exportStream(ROWS, { format: 'csv' });
  trap = true;
  await assert.rejects(api.exportFile(ROWS, { format: 'csv' }), { code: 'engine_crashed' });
  trap = false;
  await assert.rejects(live.getReader().read(), { code: 'engine_crashed' });
  assert.equal(await (await api.exportFile(ROWS, { format: 'csv' })).text(), before);
});

test('an error of the engine is an ExportError with all it says, and costs no other export', async () => {
  const echo = echoGlue({
    push(chunk) {
      const error = { code: 'invalid_json', message: 'unexpected `!`', hint: 'remove it', row: 1, column: 'a', details: { line: 2 } };
      if (chunk[0] === 33) throw JSON.stringify(error);
    },
  });
  const api = createApi(echo, emptyModule);
  await assert.rejects(api.exportFile('!', {}), {
    name: 'ExportError',
    message: 'unexpected `!`',
    code: 'invalid_json',
    hint: 'remove it',
    row: 1,
    column: 'a',
    details: { line: 2 },
  });
  await api.exportFile('ok', {});
  assert.deepEqual(echo.events.filter((event) => /start|new|free/.test(event)), ['start', 'new', 'free', 'new', 'free']);
});

const FAILURES = {
  'JSON that breaks off': () => exportFile('[{"a":1', { format: 'csv' }),
  'an unknown format': () => exportFile(ROWS, { format: 'cvs' }),
  'a format that is not built': () => exportFile(ROWS, { format: 'pdf' }),
  'an unknown option': () => exportFile(ROWS, { format: 'csv', delimeter: ';' }),
  'an unknown option of a format': () => exportFile(ROWS, { format: 'csv', csv: { delimeter: ';' } }),
  'an unknown field of a template': () => exportFile(ROWS, { format: 'csv', template: { colum_mapping: {} } }),
  'no format': () => exportFile(ROWS),
  'options that are no object': () => exportFile(ROWS, 'csv'),
  'an option that is a function': () => exportFile(ROWS, { format: 'csv', filename: () => 'x' }),
  'a signal that is none': () => exportFile(ROWS, { format: 'csv', signal: {} }),
  'options that hold themselves': () => {
    const template = {};
    template.template = template;
    return exportFile(ROWS, { format: 'csv', template });
  },
};

for (const [name, fail] of Object.entries(FAILURES)) {
  test(`the next call works after ${name}`, async () => {
    await assert.rejects(fail(), (error) => {
      assert.equal(error.name, 'ExportError');
      assert.match(error.code, /^[a-z_]+$/);
      return true;
    });
    assert.equal(await (await exportFile(ROWS, { format: 'csv' })).text(), 'a\r\n1\r\n');
  });
}

test('a getter among the options throws before the engine is called', async () => {
  const failure = new Error('mine');
  const options = {
    format: 'csv',
    template: {
      get name() {
        throw failure;
      },
    },
  };
  await assert.rejects(exportFile(ROWS, options), (error) => error === failure);
  await exportFile(ROWS, { format: 'csv' });
});

test('memory stays level over a thousand mixed exports', async () => {
  const { memory } = glue.initSync({ module: readFileSync(WASM) });
  const rows = Array.from({ length: 2000 }, (_, index) => ({ index, text: `row ${index}` }));
  const mixed = async () => {
    for (const format of ['csv', 'json', 'html']) await exportFile(rows, { format });
    await assert.rejects(exportFile(JSON.stringify(rows).slice(0, -2), { format: 'csv' }));
    const reader = exportStream(rows, { format: 'csv' }).getReader();
    await reader.read();
    await reader.cancel();
  };
  await mixed();
  const first = memory.buffer.byteLength;
  for (let pass = 0; pass < 200; pass += 1) await mixed();
  assert.equal(memory.buffer.byteLength <= first * 1.1, true, `${first} grew to ${memory.buffer.byteLength}`);
});

test('init is optional and may be repeated', async () => {
  await init();
  await init();
});
