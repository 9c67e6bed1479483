/** Watches for how long something is so without a break: what weighs much is not believed by one look. */
export class GracePeriod {
  readonly #seconds: number;
  #since: number | undefined;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** It is so, as of now. How many seconds it has to stay so until it is believed: 0 when it is. */
  left(): number {
    this.#since ??= performance.now();
    return Math.max(0, this.#seconds - (performance.now() - this.#since) / 1000);
  }

  /** It is not so, or nobody can tell: it is watched from the beginning. */
  begin(): void {
    this.#since = undefined;
  }
}
