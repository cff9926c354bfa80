import { element } from '../element.js';
import { errorText } from '../wording.js';
import { Api } from './api.js';
import { Field } from './field.js';
import { whileBusy } from './busy.js';

/** The form that exchanges a key for a session. The key is nowhere but in its field, and not longer than needed. */
export class SignIn {
  #onSignedIn;
  #key = new Field('API key', element('input', { type: 'password', placeholder: 'tc_…', autocomplete: 'off', spellcheck: 'false', required: true }), {
    note: 'In a clone of the project, “cargo xtask dev” prints one as “demo key”. The page does not keep it.',
  });
  #button = element('button', { type: 'submit', class: 'primary' }, 'Sign in');

  /**
   * @param onSignedIn called with who it is
   * @param {string} [notice] why one is asked to sign in
   */
  constructor(onSignedIn, notice) {
    this.#onSignedIn = onSignedIn;
    const form = element('form', { autocomplete: 'off', novalidate: true, 'aria-labelledby': 'sign-in-title' }, this.#key.element, this.#button);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(this.#button, () => this.#submit());
    });
    this.element = element(
      'section',
      { class: 'card sign-in', 'aria-labelledby': 'sign-in-title' },
      element('h2', { id: 'sign-in-title' }, 'Sign in'),
      ...(notice === undefined ? [] : [element('p', { class: 'said', role: 'status' }, notice)]),
      form,
    );
  }

  focus() {
    this.#key.control.focus();
  }

  async #submit() {
    const key = this.#key.control.value.trim();
    this.#key.control.value = '';
    if (key === '') {
      this.#complain('Type or paste a key.');
      return;
    }
    try {
      this.#onSignedIn(await new Api().post('/v1/session', { key }));
    } catch (error) {
      this.#complain(error.status === 401 ? 'This key is not valid: it may be mistyped, revoked or expired.' : errorText(error));
    }
  }

  #complain(text) {
    this.#key.complain(text);
    this.#key.control.focus();
  }
}
