// Exports for the Python readers. Standard input holds a list of {data, options: [...]}, whose data are JSON text;
// the file of each option lies afterwards in the folder that the first argument names, numbered in order.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exportFile } from '../../pkg/load/node.js';

let number = 0;
for (const request of JSON.parse(await text(process.stdin))) {
  for (const options of request.options) {
    const file = await exportFile(request.data, options);
    await writeFile(join(process.argv[2], String(number)), file.stream());
    number += 1;
  }
}
