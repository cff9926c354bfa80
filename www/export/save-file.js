/** Has the browser save a file under its name. */
export function saveFile(file) {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // The browser has taken up the download by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
