const PAGE_SIZE = 100;
// A bound, so that no answer can keep the page asking.
const MOST_PAGES = 20;

/** The templates of the account and those of the system. Event: `change`. */
export class TemplateStore extends EventTarget {
  items = [];
  #api;

  constructor(api) {
    super();
    this.#api = api;
  }

  async load() {
    const items = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const answer = await this.#api.get('/v1/templates', { query: { page, page_size: PAGE_SIZE } });
      items.push(...answer.items);
      if (answer.items.length === 0 || items.length >= answer.total) break;
    }
    this.items = items;
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
