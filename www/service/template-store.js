import { everyItem } from './every-item.js';

/** The templates of the account and those of the system. Event: `change`. */
export class TemplateStore extends EventTarget {
  items = [];
  #api;

  constructor(api) {
    super();
    this.#api = api;
  }

  async load() {
    this.items = await everyItem(this.#api, '/v1/templates');
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} text the document as it was typed, in which no digit is altered */
  create(text) {
    return this.#api.post('/v1/templates', text);
  }

  replace(id, text) {
    return this.#api.put(pathOf(id), text);
  }

  /** It is well if somebody else has been faster. */
  remove(id) {
    return this.#api.delete(pathOf(id)).catch((error) => {
      if (error.code !== 'TEMPLATE_NOT_FOUND') throw error;
    });
  }
}

function pathOf(id) {
  return `/v1/templates/${encodeURIComponent(id)}`;
}
