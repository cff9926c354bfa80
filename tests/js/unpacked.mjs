// A reader of packed rows that was written apart from the engine's: it gives the JSON text that they stand for.

const LIST = 0x80000000;

export class Unpacker {
  #shapes = [];
  #last = '[';

  /** The JSON text of a chunk of input, which may be that already. */
  text(chunk) {
    const text = chunk[0] === 0 ? this.#rows(chunk.slice()) : new TextDecoder().decode(chunk);
    this.#last = text.at(-1) ?? this.#last;
    return text;
  }

  #rows(chunk) {
    const { buffer } = chunk;
    const [, keysAt, textEnd, numberCount, shapeCount, runCount] = new Uint32Array(buffer, 0, 8);
    const decoded = (from, to) => new TextDecoder().decode(chunk.subarray(from, to));
    const numbersAt = Math.ceil(textEnd / 8) * 8;
    const numbers = [...new Float64Array(buffer, numbersAt, numberCount)];
    const words = [...new Uint32Array(buffer, numbersAt + 8 * numberCount)];
    let keyAt = keysAt;
    const key = () => {
      const length = words.shift();
      return decoded(keyAt, (keyAt += length));
    };
    for (let shape = 0; shape < shapeCount; shape += 1) {
      const width = words.shift();
      this.#shapes.push(Array.from({ length: width }, key));
    }
    const runs = words.splice(0, 2 * runCount);
    let textAt = 32;
    const text = (length) => decoded(textAt, (textAt += length));
    // How many more cells are missing.
    let missing = 0;
    const cell = () => {
      if (missing > 0) {
        missing -= 1;
        return undefined;
      }
      const word = words.shift();
      const rest = word >>> 4;
      const read = [
        () => { missing = rest; },
        () => 'null',
        () => 'false',
        () => 'true',
        () => 'none',
        () => String((word | 0) >> 4),
        () => String(numbers.shift()),
        () => JSON.stringify(new Date(numbers.shift())),
        () => text(rest),
        () => JSON.stringify(text(rest)),
        () => JSON.stringify(text(rest)),
        () => text(rest),
      ];
      return read[word % 16]();
    };
    const rows = [];
    for (let run = 0; run < runs.length; run += 2) {
      for (let count = runs[run + 1]; count > 0; count -= 1) {
        if (runs[run] >= LIST) {
          rows.push(`[${Array.from({ length: runs[run] - LIST }, cell)}]`);
        } else {
          const members = this.#shapes[runs[run]].map((key) => [key, cell()]).filter(([, value]) => value !== undefined);
          rows.push(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`)}}`);
        }
      }
    }
    return `${this.#last === '[' ? '' : ','}${rows}`;
  }
}
