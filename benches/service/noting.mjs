// tablecast's Worker over a database that notes what is asked of it, so that another can ask the same and do nothing else.
import { handlers } from '../../worker/handlers.js';

let noted = [];

/** The Worker knows its database by the name of its class. */
class D1Database {
  #database;

  constructor(database) {
    this.#database = database;
  }

  prepare(sql) {
    return new Statement(this.#database.prepare(sql), sql, []);
  }

  batch(statements) {
    return this.#database.batch(statements.map((statement) => statement.own));
  }
}

class Statement {
  #sql;
  #values;

  constructor(own, sql, values) {
    this.own = own;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values) {
    return new Statement(this.own.bind(...values), this.#sql, values);
  }

  all() {
    return this.#run('all');
  }

  raw(options) {
    return this.#run('raw', options);
  }

  first(column) {
    return this.#run('first', column);
  }

  run() {
    return this.#run('run');
  }

  #run(method, argument) {
    noted.push({ sql: this.#sql, values: this.#values, method });
    return this.own[method](argument);
  }
}

const worker = handlers('');

export default {
  ...worker,
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/noted') return worker.fetch(request, { ...env, DB: new D1Database(env.DB) }, context);
    const answer = Response.json(noted);
    noted = [];
    return answer;
  },
};
