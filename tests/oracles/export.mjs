// Exports for the Python readers: a list of {data, options} on standard input, the files in base64 on standard output.
import { text } from 'node:stream/consumers';
import { exportFile } from '../../pkg/load/node.js';

const files = [];
for (const { data, options } of JSON.parse(await text(process.stdin))) {
  const file = await exportFile(data, options);
  files.push(Buffer.from(await file.arrayBuffer()).toString('base64'));
}
console.log(JSON.stringify(files));
