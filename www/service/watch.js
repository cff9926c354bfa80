const FIRST_MS = 1000;
const LONGEST_MS = 5000;
const GROWTH = 1.5;

/** Asks how jobs are going that are not at their end, ever more seldom, and only while somebody looks. */
export class Watch {
  #jobs;
  #visible;
  #ask;
  #onTrouble;
  #signal;
  #timer;
  #pause = FIRST_MS;
  #asking = false;

  /**
   * @param {object} watch
   * @param {() => object[]} watch.jobs those that are not at their end
   * @param {() => boolean} watch.visible whether somebody looks
   * @param {(job: object) => Promise<boolean>} watch.ask tells whether the job has changed
   * @param {(error?: Error) => void} watch.onTrouble what keeps it from asking; nothing once it can again
   * @param {AbortSignal} watch.signal ends it
   */
  constructor({ jobs, visible, ask, onTrouble, signal }) {
    this.#jobs = jobs;
    this.#visible = visible;
    this.#ask = ask;
    this.#onTrouble = onTrouble;
    this.#signal = signal;
    document.addEventListener('visibilitychange', () => this.begin(), { signal });
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** Begins with short pauses again. */
  begin() {
    this.#pause = FIRST_MS;
    if (!this.#asking) this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    if (!this.#signal.aborted && this.#wanted()) this.#timer = setTimeout(() => this.#round(), this.#pause);
  }

  #wanted() {
    return this.#jobs().length > 0 && this.#visible();
  }

  async #round() {
    // Somebody may have looked away since.
    if (!this.#wanted()) return;
    this.#asking = true;
    const pause = Math.min(this.#pause * GROWTH, LONGEST_MS);
    try {
      let changed = false;
      for (const job of this.#jobs()) changed = (await this.#ask(job)) || changed;
      this.#pause = changed ? FIRST_MS : pause;
      this.#onTrouble();
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#pause = Math.max(LONGEST_MS, (error.retryAfter ?? 0) * 1000);
      this.#onTrouble(error);
    } finally {
      this.#asking = false;
      this.#wait();
    }
  }
}
