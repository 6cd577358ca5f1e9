/** Tells React, and whoever asks, that something changed. It carries no data. */

/** As often as a reader can follow; a burst of frames is one change. */
const INTERVAL = 60;

export class Emitter {
  version = 0;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Milliseconds in which changes become one; 0 tells each. */
  private readonly interval: number;

  constructor({ batched = false }: { batched?: boolean | number } = {}) {
    this.interval = batched === true ? INTERVAL : Number(batched);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): number => this.version;

  emit(): void {
    if (this.interval === 0) return this.tell();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tell();
    }, this.interval);
  }

  private tell(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}
