const PAGE_SIZE = 100;
// A bound, so that no answer can keep the page asking.
const MOST_PAGES = 20;

/**
 * A list of the service, whole.
 *
 * @param {import('./api.js').Api} api
 * @param {string} path
 */
export async function everyItem(api, path) {
  const items = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await api.get(path, { query: { page, page_size: PAGE_SIZE } });
    items.push(...answer.items);
    if (answer.items.length === 0 || items.length >= answer.total) break;
  }
  return items;
}
