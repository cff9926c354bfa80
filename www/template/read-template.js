import { exportFile } from '../pkg/load/browser.js';

/**
 * Reads a template from its text if the engine takes it: the engine says where JSON goes wrong, and what it does not know
 * in a template.
 *
 * @param {string} text
 * @param {string} usual the format, where the template names none
 * @returns {Promise<{template: object, format: string}>}
 */
export async function readTemplate(text, usual) {
  await exportFile(text, { format: 'json' });
  const template = JSON.parse(text);
  const format = template.format ?? usual;
  await exportFile({ columns: ['name'], rows: [] }, { format, template });
  return { template, format };
}
