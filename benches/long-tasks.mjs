// Measures how long an export keeps a page from doing anything else: the longest task that the browser's own observer
// saw, and the longest gap between two animation frames.
//
//   node benches/long-tasks.mjs [rows] [format]
//
// The package has to be built (`cargo xtask build`). CHROMIUM names the browser.
import { launch, serveRunner } from '../tests/browser/site.mjs';

const rows = Number(process.argv[2] ?? 1_000_000);
const format = process.argv[3] ?? 'csv';

const site = await serveRunner();
const browser = await launch();
try {
  const page = await browser.newPage();
  // A page without content or scripts of its own, so that every long task is the export's.
  await page.goto(`${site.url}/blank.html`);
  // What a page that only spins in slices of 8 ms shows is the machine's own doing: other programs, and nothing else.
  console.log(JSON.stringify({ kind: 'control', ...(await page.evaluate(measure, { rows, format, kind: 'control' })) }));
  for (const worker of [false, true]) {
    for (const kind of ['exportFile', 'exportStream']) {
      const result = await page.evaluate(measure, { rows, format, kind, worker });
      console.log(JSON.stringify({ kind, worker, rows, format, ...result }));
    }
  }
} finally {
  await browser.close();
  site.close();
}

/** Runs in the page. */
async function measure({ rows, format, kind, worker }) {
  const { exportFile, exportStream, init } = await import('/pkg/load/browser.js');
  await init();
  const data = Array.from({ length: rows }, (_, index) => ({
    id: index,
    name: `Name ${index % 1000} of a person`,
    amount: index / 8,
    joined: '2026-01-31T12:00:00Z',
    active: index % 3 === 0,
  }));
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  // Making the rows was one long task itself, which the observer may report late.
  await pause(500);
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  observer.observe({ type: 'longtask' });
  let previous = performance.now();
  let longestFrame = 0;
  let running = true;
  const frame = (now) => {
    longestFrame = Math.max(longestFrame, now - previous);
    previous = now;
    if (running) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  await pause(100);
  longestFrame = 0;
  const start = performance.now();
  const options = worker ? { format, worker } : { format };
  let bytes = 0;
  if (kind === 'control') {
    const { hostTurn } = await import('/pkg/turns.js');
    while (performance.now() - start < 2000) {
      const slice = performance.now();
      while (performance.now() - slice < 8);
      await hostTurn();
    }
  } else if (kind === 'exportFile') {
    bytes = (await exportFile(data, options)).size;
  } else {
    const reader = exportStream(data, options).getReader();
    for (let read; !(read = await reader.read()).done; ) bytes += read.value.length;
  }
  const milliseconds = Math.round(performance.now() - start);
  await pause(200);
  running = false;
  observer.disconnect();
  const longestTask = Math.max(0, ...tasks.filter((task) => task.startTime + task.duration > start).map((task) => task.duration));
  return { bytes, milliseconds, longTasks: tasks.length, longestTask, longestFrameGap: Math.round(longestFrame) };
}
