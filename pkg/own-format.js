import { ExportError } from './error.js';

/** The options of a function that decides the format itself, so that neither they nor their template name another. */
export function withoutFormat(options, name) {
  if (options?.format !== undefined) {
    throw new ExportError('invalid_option', `\`${name}\` takes no option \`format\`: it decides that itself.`);
  }
  const template = options?.template;
  if (typeof template !== 'object' || template === null) return options;
  const { format, ...rest } = template;
  return { ...options, template: rest };
}
