import { element } from '../element.js';
import { History } from './history.js';
import { NewExport } from './new-export.js';

/** The first part of the service: a new export, where one may be asked for, and the history. */
export class ExportsPanel {
  #history;
  #newExport;

  constructor(given) {
    this.#history = new History(given);
    if (given.may('exports:create')) this.#newExport = new NewExport(given, () => this.#history.showNewest());
    const parts = [...(this.#newExport === undefined ? [] : [this.#newExport.element]), this.#history.element];
    this.element = element('div', { class: parts.length > 1 ? 'exports' : 'exports alone' }, ...parts);
  }

  /** Somebody looks at it. */
  show() {
    this.#history.load();
    this.#newExport?.show();
  }
}
