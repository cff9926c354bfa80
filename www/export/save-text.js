/** Has the browser save a text as a JSON file. */
export function saveText(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken up the download by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
