// Puts records into the tables that definitions name, as an operator's own software does.

import { readFileSync } from "node:fs";

/** The definition of a type that ships. */
export function definitionOf(name) {
  return JSON.parse(readFileSync(new URL(`../../src/catalog/${name}.json`, import.meta.url), "utf8"));
}

/** How many ids and moments were made up, so that no two are the same. */
let made = 0;

/** Writes rows of one definition's types into the database of an account. */
export class Tables {
  #statements = [];
  #columns = new Map();

  /** @param {Service} service @param {object} definition @param {string} account */
  constructor(service, definition, account) {
    Object.assign(this, { service, definition, account });
  }

  /** Adds the records of a table type; those of one object, where the type has such. */
  async addRecords(records, id) {
    const { object_table: objectTable } = this.definition;
    if (objectTable) await this.#insert(objectTable, { id });
    for (const record of records) await this.#add(this.#typeOf(this.definition.record), record, { parent: id });
    await this.#run();
  }

  /** Adds what a document type holds, for the object of this id. */
  async addDocument(document, id, user) {
    const members = this.definition.envelope.filter((member) => typeof member !== "string" && member.name in document);
    const { object_table: objectTable } = this.definition;
    const values = members.filter(({ holds }) => holds === "value");
    const own = {};
    for (const member of values) own[member.column ?? member.name] = encoded(document[member.name], member);
    let isStored = false;
    for (const member of members.filter(({ holds }) => /^records?$/.test(holds))) {
      const type = this.#typeOf(member.record);
      const isObject = type.table === objectTable && type.parent === undefined;
      isStored ||= isObject;
      for (const value of [document[member.name] ?? []].flat()) {
        await this.#add(type, value, { parent: id, user, ...(isObject ? { id, own } : {}) });
      }
    }
    if (objectTable && !isStored) await this.#insert(objectTable, { id, ...own });
    await this.#run();
  }

  #typeOf(record) {
    return typeof record === "string" ? this.definition.records[record] : record;
  }

  async #add(type, value, { parent, user, id, own = {} } = {}) {
    const row = { ...own };
    const inner = [];
    const described = new Set();
    for (const field of type.fields) {
      described.add(field.name);
      if (field.type === "count" || !(field.name in value)) continue;
      const nested = /^records?$/.test(field.type) && this.#typeOf(field.record);
      if (nested?.table) inner.push([nested, [value[field.name] ?? []].flat()]);
      else row[field.column ?? field.name] = encoded(value[field.name], field);
    }
    if (type.open_column) {
      row[type.open_column] = JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => !described.has(name))));
    }
    if (type.user_column) row[type.user_column] ??= user;
    row.id ??= id ?? `row-${String((made += 1)).padStart(6, "0")}`;
    if (typeof type.parent === "string") row[type.parent] = parent;
    await this.#insert(type.table, row);
    if (typeof type.parent === "object" && parent !== undefined) {
      const { table, parent: of, child } = type.parent;
      await this.#insert(table, { [of]: parent, [child]: row.id });
    }
    for (const [nested, values] of inner) {
      for (const item of values) await this.#add(nested, item, { parent: row.id, user });
    }
  }

  /** One row; what the table needs beside is filled with something. */
  async #insert(table, row) {
    if (!this.#columns.has(table)) {
      const found = await this.service.sql(`SELECT name, type, "notnull" AS needed, dflt_value AS usual FROM pragma_table_info('${table}')`);
      if (found.length === 0) throw new Error(`there is no table ${table}`);
      this.#columns.set(table, found);
    }
    const all = { ...row, account_id: this.account };
    for (const { name, type, needed, usual } of this.#columns.get(table)) {
      if (!needed || usual !== null || name in all) continue;
      all[name] = /_at$/.test(name) ? new Date(Date.UTC(2026, 0, 1) + (made += 1)).toISOString() : type === "TEXT" ? "other" : 0;
    }
    const names = Object.keys(all);
    const places = names.map(() => "?").join(", ");
    const sql = `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${places})`;
    this.#statements.push(this.service.env.DB.prepare(sql).bind(...Object.values(all)));
  }

  async #run() {
    for (let start = 0; start < this.#statements.length; start += 100) {
      await this.service.env.DB.batch(this.#statements.slice(start, start + 100));
    }
    this.#statements = [];
  }
}

/** A value as a column holds it. */
function encoded(value, { type }) {
  if (value === null || value === undefined) return null;
  if (type === "boolean") return value ? 1 : 0;
  return ["string", "timestamp", "number", "integer"].includes(type) ? value : JSON.stringify(value);
}
