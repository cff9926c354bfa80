// A stand-in for the edge service, as its interface is described: people, their roles, export jobs, templates, audit.
// Jobs move only when a test moves them.
import { randomUUID } from 'node:crypto';
import { RESOURCES } from './resource-descriptions.mjs';

const PERMISSIONS = {
  owner: ['exports:create', 'exports:download', 'exports:delete', 'exports:templates', 'audit:read', 'keys:manage'],
  member: ['exports:create', 'exports:download'],
  viewer: ['exports:download'],
};

export const SYSTEM_TEMPLATES = [
  { id: 'report', name: 'Report', format: null, template: { name: 'Report', header_text: '{name}', footer_text: '{rows} rows, {date}' } },
  { id: 'spreadsheet', name: 'Spreadsheet', format: 'csv', template: { name: 'Spreadsheet', format: 'csv', preset: 'excel' } },
].map((template) => ({ ...template, system: true, created_by: null, created_at: null, updated_at: null }));

const FILTERS = ['user_id', 'agent_id', 'session_id', 'priority', 'categories', 'created_after', 'created_before'];

class Problem extends Error {
  constructor(status, error, message, { details, headers = {} } = {}) {
    super(message);
    Object.assign(this, { status, headers, document: { type: 'about:blank', status, error, message, detail: message, ...(details && { details }) } });
  }
}

export class FakeService {
  people = Object.fromEntries(
    Object.keys(PERMISSIONS).map((role) => [
      `tc_${role.padEnd(16, '0')}_${'5e'.repeat(32)}`,
      { account_id: 'acme', user_id: `u-${role}`, email: `${role}@acme.test`, name: `Ada ${role}`, role, permissions: PERMISSIONS[role], key_id: role.padEnd(16, '0'), expires_at: null },
    ]),
  );
  exports = [];
  resources = RESOURCES;
  templates = [];
  audit = [];
  /** What was asked: `{method, path, query, headers, body}`. */
  requests = [];
  #sessions = new Map();
  #faults = [];
  #moments = 0;

  /** The key of a role. */
  key(role) {
    return Object.keys(this.people).find((key) => this.people[key].role === role);
  }

  /**
   * Has the next request of a kind go wrong.
   *
   * @param {string} request such as `POST /v1/exports`
   * @param {object} fault `{status, code, message, details, headers}`, `{lost: true}`: done, but
   * the answer breaks off, `{broken: true}`: a file that breaks off, `{status, text}` or `{until: Promise}`
   */
  fault(request, fault) {
    this.#faults.push({ request, fault });
  }

  /** Moves a job on. */
  move(id, changes) {
    const job = this.exports.find((each) => each.id === id);
    Object.assign(job, changes, { updated_at: this.#now() });
    if (job.status === 'READY') Object.assign(job, { completed_at: job.updated_at, expires_at: new Date(Date.parse(job.updated_at) + 72 * 3600_000).toISOString() });
    return job;
  }

  /** Puts a job into the history that was made before. */
  add(changes = {}) {
    const at = this.#now();
    const job = {
      id: randomUUID(), format: 'csv', status: 'PENDING', resource: 'memories', ...Object.fromEntries(FILTERS.map((name) => [name, null])),
      created_at: at, updated_at: at, created_by: 'u-owner', source: null, template_id: null, file_name: null, row_count: null, file_size: null,
      sha256: null, error: null, report: null, attempts: 0, completed_at: null, expires_at: null, ...changes,
    };
    this.exports.unshift(job);
    return job;
  }

  endSessions() {
    this.#sessions.clear();
  }

  /** Answers what is under `/v1`. */
  async answer(request, response) {
    const url = new URL(request.url, 'http://localhost');
    if (!url.pathname.startsWith('/v1/')) return false;
    const chunks = await request.toArray();
    const body = Buffer.concat(chunks).toString();
    const asked = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: request.headers, body };
    this.requests.push(asked);
    try {
      const { status = 200, headers = {}, document, file } = (await this.#failing(asked, response)) ?? this.#route(asked);
      if (response.destroyed) return true;
      response.writeHead(status, { 'Content-Type': 'application/json', 'X-Request-Id': randomUUID(), ...headers });
      response.end(file ?? (document === undefined ? '' : JSON.stringify(document)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      response.writeHead(error.status, { 'Content-Type': 'application/problem+json', ...error.headers });
      response.end(JSON.stringify(error.document));
    }
    return true;
  }

  async #failing(asked, response) {
    const index = this.#faults.findIndex(({ request }) => request === `${asked.method} ${asked.path}`);
    if (index < 0) return undefined;
    const [{ fault }] = this.#faults.splice(index, 1);
    if (fault.until !== undefined) {
      await fault.until;
      return undefined;
    }
    if (fault.lost) {
      this.#route(asked);
      response.writeHead(200, { 'Content-Length': 1000 });
      // Headers have to be on their way: a browser repeats by itself what got no answer at all.
      await new Promise((resolve) => response.write('{', resolve));
      response.destroy();
      return {};
    }
    if (fault.broken) {
      response.writeHead(200, { 'Content-Length': 1000, 'Content-Disposition': 'attachment; filename="broken.json"' });
      await new Promise((resolve) => response.write('{', resolve));
      response.destroy();
      return {};
    }
    if (fault.text !== undefined) return { status: fault.status, headers: { 'Content-Type': 'text/html' }, file: fault.text };
    throw new Problem(fault.status, fault.code, fault.message, fault);
  }

  #route(asked) {
    const { method, path } = asked;
    const [, , kind, id, part, last] = path.split('/');
    if (kind === 'resources' && id !== undefined) return this.#resourceFile(this.#signedIn(asked), asked, last === undefined ? [id] : [id, part]);
    const route = `${method} ${[kind, id === undefined ? '' : '/:id', part === undefined ? '' : `/${part}`].join('')}`;
    if (route === 'POST session') return this.#signIn(asked);
    const me = this.#signedIn(asked);
    const needs = (...permissions) => {
      if (permissions.some((permission) => me.permissions.includes(permission))) return;
      this.#note(me, 'permission.denied', 'permission', permissions[0], { method });
      throw new Problem(403, 'FORBIDDEN', 'Your role does not allow this.', { details: { permission: permissions[0] } });
    };
    switch (route) {
      case 'GET me':
        return { document: me };
      case 'DELETE session':
        this.endSessions();
        return { status: 204, headers: { 'Set-Cookie': 'tablecast_session=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0' } };
      case 'GET exports':
        needs('exports:download');
        return this.#list(asked, this.exports, { status: (job, value) => job.status === value, format: (job, value) => job.format === value, mine: (job, value) => value === 'false' || job.created_by === me.user_id });
      case 'POST exports':
        needs('exports:create');
        return this.#create(me, asked);
      case 'GET exports/:id':
        needs('exports:download');
        return { document: this.#export(id) };
      case 'GET exports/:id/download':
        needs('exports:download');
        return this.#file(me, this.#export(id));
      case 'DELETE exports/:id':
        needs('exports:delete');
        this.exports.splice(this.exports.indexOf(this.#export(id)), 1);
        this.#note(me, 'export.delete', 'export', id);
        return { status: 204 };
      case 'GET resources':
        needs('exports:download');
        return this.#list(asked, this.resources, {});
      case 'GET templates':
        needs('exports:create', 'exports:templates');
        return this.#list(asked, [...SYSTEM_TEMPLATES, ...this.templates], {});
      case 'POST templates':
        needs('exports:templates');
        return this.#writeTemplate(me, asked, undefined);
      case 'PUT templates/:id':
        needs('exports:templates');
        return this.#writeTemplate(me, asked, this.#template(id));
      case 'DELETE templates/:id':
        needs('exports:templates');
        this.templates.splice(this.templates.indexOf(this.#template(id)), 1);
        this.#note(me, 'template.delete', 'template', id);
        return { status: 204 };
      case 'GET audit':
        needs('audit:read');
        return this.#list(asked, this.audit, { action: (entry, value) => entry.action === value });
      default:
        throw new Problem(404, 'NOT_FOUND', 'There is nothing at this path.');
    }
  }

  #signedIn({ headers }) {
    const me = this.#sessions.get(/tablecast_session=(\w+)/.exec(headers.cookie ?? '')?.[1]);
    if (me === undefined) throw new Problem(401, 'UNAUTHENTICATED', 'This needs credentials.');
    return me;
  }

  /** The file of a resource, whose content is what was asked for. */
  #resourceFile(me, { path, query }, [type, id]) {
    const resource = this.resources.find(({ name }) => name === type);
    if (resource.by_id && id === 'gone') throw new Problem(404, 'RESOURCE_NOT_FOUND', 'There is no such folder.');
    this.#note(me, 'resource.export', type, id ?? null, query);
    const name = `${type}-Zoë.${query.format}`;
    return {
      file: JSON.stringify({ path, ...query }),
      headers: { 'Content-Type': 'application/json', 'Content-Disposition': `attachment; filename="${type}.${query.format}"; filename*=UTF-8''${encodeURIComponent(name)}` },
    };
  }

  #signIn({ body }) {
    const { key } = JSON.parse(body);
    const me = Object.hasOwn(this.people, key) ? this.people[key] : undefined;
    if (me === undefined) throw new Problem(401, 'UNAUTHENTICATED', 'The credentials are not valid.');
    const session = randomUUID().replaceAll('-', '');
    this.#sessions.set(session, me);
    this.#note(me, 'session.create', 'session', session.slice(0, 8));
    return { status: 201, document: me, headers: { 'Set-Cookie': `tablecast_session=${session}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=43200` } };
  }

  #create(me, { body, headers }) {
    const { resource = null, filters = {}, format = 'json', source = null, template_id: template = null } = JSON.parse(body);
    if (headers['idempotency-key'] === undefined) throw new Problem(400, 'TEST', 'The page sends a key with each job.');
    const known = this.exports.find(({ idempotency }) => idempotency === headers['idempotency-key']);
    if (known !== undefined) return { status: 202, document: known };
    if (filters.categories?.length > 20) throw new Problem(422, 'INVALID_PARAMETER', 'There are more than 20 categories.', { details: { parameter: 'categories' } });
    const job = this.add({ format, resource, source, template_id: template, created_by: me.user_id, ...filters });
    Object.defineProperty(job, 'idempotency', { value: headers['idempotency-key'], enumerable: false });
    this.#note(me, 'export.create', 'export', job.id, { format });
    return { status: 202, document: job, headers: { Location: `/v1/exports/${job.id}` } };
  }

  #export(id) {
    const job = this.exports.find((each) => each.id === decodeURIComponent(id));
    if (job === undefined) throw new Problem(404, 'EXPORT_NOT_FOUND', 'There is no such export.');
    return job;
  }

  #file(me, job) {
    if (job.status !== 'READY') throw new Problem(409, 'EXPORT_NOT_READY', 'The export is still in progress.');
    this.#note(me, 'export.download', 'export', job.id);
    return { file: job.content ?? 'id\r\n1\r\n', headers: { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': `attachment; filename="${job.file_name}"` } };
  }

  #template(id) {
    if (SYSTEM_TEMPLATES.some((template) => template.id === id)) throw new Problem(403, 'SYSTEM_TEMPLATE', 'Templates of the system stay as they are.');
    const template = this.templates.find((each) => each.id === id);
    if (template === undefined) throw new Problem(404, 'TEMPLATE_NOT_FOUND', 'There is no such template.');
    return template;
  }

  #writeTemplate(me, { body }, before) {
    const document = JSON.parse(body);
    if (document.name === undefined) throw new Problem(422, 'INVALID_TEMPLATE', 'A template needs a `name`.', { details: { field: 'name' } });
    const at = this.#now();
    const template = before ?? { id: randomUUID(), system: false, created_by: me.user_id, created_at: at };
    Object.assign(template, { name: document.name, format: document.format ?? null, template: document, updated_at: at });
    if (before === undefined) this.templates.unshift(template);
    this.#note(me, before === undefined ? 'template.create' : 'template.update', 'template', template.id);
    return { status: before === undefined ? 201 : 200, document: template };
  }

  #list({ query }, all, filters) {
    const { page = '1', page_size: size = '20', ...rest } = query;
    const unknown = Object.keys(rest).find((name) => !(name in filters));
    if (unknown !== undefined) throw new Problem(422, 'UNKNOWN_PARAMETER', `There is no parameter \`${unknown}\`.`, { details: { parameter: unknown } });
    const found = all.filter((item) => Object.entries(rest).every(([name, value]) => filters[name](item, value)));
    const from = (Number(page) - 1) * Number(size);
    return { document: { items: found.slice(from, from + Number(size)), page: Number(page), page_size: Number(size), total: found.length } };
  }

  #note(me, action, type, id, details = {}) {
    this.audit.unshift({ id: this.audit.length + 1, at: this.#now(), user_id: me.user_id, key_id: me.key_id, action, target_type: type, target_id: id, request_id: randomUUID(), details });
  }

  /** Each moment is later than the one before. */
  #now() {
    this.#moments += 1;
    return new Date(Date.UTC(2026, 0, 31, 12) + this.#moments * 1000).toISOString();
  }
}
