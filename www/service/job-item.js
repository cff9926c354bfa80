import { element } from '../element.js';
import { warningList } from '../export/report.js';
import { counted, errorText, sentence } from '../wording.js';
import { whileBusy } from './busy.js';
import { filterText, measure, STATUSES, subject } from './job-wording.js';
import { moment } from './moment.js';

/** One export in the history. Its elements stay while the job changes, so a focus in them stays too. */
export class JobItem {
  job;
  #me;
  #formats;
  #status = element('span', { class: 'status' });
  #title = element('h3', {});
  #facts = element('p', { class: 'muted facts' });
  #filters = element('p', { class: 'note' });
  #failure = element('p', { class: 'failure' });
  #warnings = element('details', { hidden: true }, element('summary', {}), element('div', {}));
  #trouble = element('p', { class: 'failure', role: 'alert' });
  #actions = element('div', { class: 'bar' });
  #download;
  #delete;

  /**
   * @param {object} job the export object
   * @param {object} given
   * @param {object} given.me
   * @param {(permission: string) => boolean} given.may
   * @param {{id: string, label: string}[]} given.formats
   * @param {(item: JobItem) => Promise<void>} given.remove
   */
  constructor(job, { me, may, formats, remove }) {
    this.#me = me;
    this.#formats = formats;
    if (may('exports:download')) {
      const href = `/v1/exports/${encodeURIComponent(job.id)}/download`;
      this.#download = element('a', { class: 'button', href, download: true, hidden: true }, 'Download');
      this.#actions.append(this.#download);
    }
    if (may('exports:delete')) {
      this.#delete = element('button', { type: 'button' }, 'Delete');
      this.#delete.addEventListener('click', () => whileBusy(this.#delete, () => this.#remove(remove)));
      this.#actions.append(this.#delete);
    }
    this.element = element(
      'li',
      { 'data-id': job.id },
      element('div', { class: 'job-head' }, this.#title, this.#status, this.#actions),
      this.#facts,
      this.#filters,
      this.#failure,
      this.#warnings,
      this.#trouble,
    );
    this.show(job);
  }

  /** Shows the job as it is now; an older answer that comes late is passed over. Returns whether it has changed. */
  show(job) {
    if (this.job !== undefined && job.updated_at < this.job.updated_at) return false;
    const changed = this.job?.status !== job.status;
    this.job = job;
    const name = job.file_name ?? subject(job);
    this.#title.textContent = subject(job);
    this.#status.textContent = STATUSES.get(job.status) ?? job.status;
    this.#status.dataset.status = job.status;
    this.#facts.replaceChildren(...this.#factList(job));
    const filters = filterText(job);
    this.#filters.textContent = filters === '' ? '' : `Only ${filters}`;
    this.#filters.hidden = filters === '';
    this.#failure.textContent = job.status === 'FAILED' ? sentence(job.error?.message ?? 'It is not known why') : '';
    this.#showWarnings(job);
    if (this.#download !== undefined) {
      this.#download.hidden = job.status !== 'READY';
      this.#download.setAttribute('aria-label', `Download ${name}`);
    }
    this.#delete?.setAttribute('aria-label', `Delete the export of ${name}`);
    return changed;
  }

  #factList(job) {
    const { created_by: by, created_at: created, status, expires_at: expires, resource_id: id } = job;
    const texts = [...(id == null ? [] : [`ID ${id}`]), this.#formats.find(({ id }) => id === job.format)?.label ?? job.format, ...(job.file_name == null ? [] : [job.file_name]), ...measure(job)];
    const facts = texts.map((text) => element('span', {}, text));
    facts.push(element('span', {}, by === this.#me.user_id ? 'by you' : `by ${by}`), element('span', {}, moment(created)));
    if (expires != null && status === 'READY') facts.push(element('span', {}, 'until ', moment(expires)));
    if (expires != null && status === 'EXPIRED') facts.push(element('span', {}, 'expired ', moment(expires)));
    return facts;
  }

  #showWarnings({ status, report }) {
    const warnings = status === 'READY' ? (report?.warnings ?? []) : [];
    const [summary, content] = this.#warnings.children;
    this.#warnings.hidden = warnings.length === 0;
    summary.textContent = counted(warnings.length, 'thing') + ' to know about';
    content.replaceChildren(warningList(warnings));
  }

  async #remove(remove) {
    this.#trouble.textContent = '';
    try {
      await remove(this);
    } catch (error) {
      this.#trouble.textContent = errorText(error);
    }
  }
}
