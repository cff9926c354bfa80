/**
 * The items of a menu button and their keys, after the menu button pattern of the ARIA Authoring Practices Guide.
 * The focus is on the button or on an item; where it leaves both, the menu closes.
 */
export class Menu {
  #button;
  #menu;
  #choose;

  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} menu the element that holds the items
   * @param {(id: string) => void} choose called after the menu was closed
   */
  constructor(button, menu, choose) {
    this.#button = button;
    this.#menu = menu;
    this.#choose = choose;
    button.addEventListener('keydown', (event) => this.#onButtonKey(event));
    menu.addEventListener('keydown', (event) => this.#onMenuKey(event));
    menu.addEventListener('click', ({ target }) => this.#activate(target.closest('[role="menuitem"]')));
    menu.addEventListener('focusout', ({ relatedTarget }) => {
      // A click on what takes no focus leaves nobody with it; the button itself sees clicks elsewhere.
      if (relatedTarget !== null && !menu.contains(relatedTarget) && relatedTarget !== button) this.close();
    });
  }

  get isOpen() {
    return !this.#menu.hidden;
  }

  /** Puts one item for each entry in. */
  fill(entries) {
    this.#menu.replaceChildren(
      ...entries.map(({ id, label }) => {
        const item = document.createElement('div');
        item.className = 'item';
        item.part = 'item';
        item.setAttribute('role', 'menuitem');
        item.tabIndex = -1;
        item.dataset.id = id;
        item.textContent = label;
        return item;
      }),
    );
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open(0);
  }

  /** Opens with the focus on an item; negative places count from the end. */
  open(place) {
    this.#menu.className = 'menu';
    this.#menu.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#place();
    this.#items.at(place)?.focus();
  }

  close() {
    this.#menu.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
  }

  get #items() {
    return [...this.#menu.children];
  }

  /** Goes to the side where there is room. */
  #place() {
    const { left, right, bottom, height } = this.#menu.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    this.#menu.classList.toggle('above', bottom > clientHeight && this.#button.getBoundingClientRect().top > height);
    this.#menu.classList.toggle('end', right > clientWidth || left < 0);
  }

  #onButtonKey(event) {
    if (this.#button.getAttribute('aria-disabled') === 'true' || !this.#button.hasAttribute('aria-haspopup')) return;
    if (event.key === 'ArrowDown') this.open(0);
    else if (event.key === 'ArrowUp') this.open(-1);
    else return;
    event.preventDefault();
  }

  #onMenuKey(event) {
    const items = this.#items;
    const place = items.indexOf(event.target);
    const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 };
    if (event.key in moves) {
      items.at(moves[event.key] % items.length).focus();
    } else if (event.key === 'Escape') {
      this.close();
      this.#button.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#activate(event.target);
    } else if (event.key === 'Tab') {
      // The focus goes on from the button, as if the menu had not been there.
      this.#button.focus();
      this.close();
      return;
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.#find(event.key, place);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Goes to the next item that begins with the letter. */
  #find(letter, place) {
    const items = this.#items;
    const following = [...items.slice(place + 1), ...items.slice(0, place + 1)];
    following.find(({ textContent }) => textContent.toLocaleLowerCase().startsWith(letter.toLocaleLowerCase()))?.focus();
  }

  #activate(item) {
    if (!item) return;
    this.close();
    this.#button.focus();
    this.#choose(item.dataset.id);
  }
}
