/**
 * Lets the items of a list be dragged by their handles, with a mouse, a pen or a finger.
 *
 * @param {HTMLElement} list its items hold an element of class `handle`
 * @param {(item: HTMLElement, to: number) => void} onDrop
 */
export function dragToReorder(list, onDrop) {
  list.addEventListener('pointerdown', (event) => {
    const handle = event.target.closest('.handle');
    if (handle === null || event.button !== 0) return;
    event.preventDefault();
    follow(list, handle, event.pointerId, onDrop);
  });
}

function follow(list, handle, pointer, onDrop) {
  const item = handle.closest('li');
  const from = [...list.children].indexOf(item);
  const end = new AbortController();
  const { signal } = end;
  item.classList.add('dragged');
  // The list hears of the pointer wherever it goes, while its items change their places under it.
  list.setPointerCapture(pointer);
  list.addEventListener('pointermove', ({ clientY }) => place(list, item, clientY), { signal });
  const drop = (cancelled) => {
    end.abort();
    item.classList.remove('dragged');
    const to = [...list.children].indexOf(item);
    if (cancelled) list.insertBefore(item, list.children[from + (from > to ? 1 : 0)] ?? null);
    else if (to !== from) onDrop(item, to);
  };
  list.addEventListener('pointerup', () => drop(false), { signal });
  list.addEventListener('pointercancel', () => drop(true), { signal });
  list.ownerDocument.addEventListener('keydown', ({ key }) => key === 'Escape' && drop(true), { signal });
}

function place(list, item, y) {
  const others = [...list.children].filter((other) => other !== item);
  const next = others.find((other) => {
    const { top, height } = other.getBoundingClientRect();
    return y < top + height / 2;
  });
  if (item.nextElementSibling !== (next ?? null)) list.insertBefore(item, next ?? null);
}
