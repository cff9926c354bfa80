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
    let at = 0;
    const take = (type, count) => new type(buffer, (at += count * type.BYTES_PER_ELEMENT) - count * type.BYTES_PER_ELEMENT, count);
    const [, shapeCount, runCount, textCount, numberCount, cellCount, wideLength] = take(Uint32Array, 8);
    const numbers = [...take(Float64Array, numberCount)];
    const widths = take(Uint32Array, shapeCount);
    const runs = take(Uint32Array, 2 * runCount);
    const lengths = [...take(Uint32Array, textCount)];
    const kinds = [...take(Uint8Array, cellCount)];
    const all = new TextDecoder().decode(take(Uint8Array, chunk.length - at));
    const wide = all.slice(0, wideLength).split(',');
    let rest = all.slice(wideLength);
    const text = () => {
      const length = lengths.shift();
      const found = rest.slice(0, length);
      rest = rest.slice(length);
      return found;
    };
    for (const width of widths) this.#shapes.push(Array.from({ length: width }, text));
    const cell = () => {
      const kind = kinds.shift();
      const read = [() => undefined, () => 'null', () => 'false', () => 'true', () => 'none', () => String(numbers.shift()), () => String(numbers.shift() / 1e6), () => wide.shift(), text, () => JSON.stringify(text()), () => JSON.stringify(text()), text];
      return read[kind]();
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
