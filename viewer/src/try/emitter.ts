/** Tells React, and whoever asks, that something changed. It carries no data. */

/** As often as a reader can follow; a burst of frames is one change. */
const INTERVAL = 60;

export class Emitter {
  version = 0;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly batched: boolean;

  constructor({ batched = false }: { batched?: boolean } = {}) {
    this.batched = batched;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): number => this.version;

  emit(): void {
    if (!this.batched) return this.tell();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tell();
    }, INTERVAL);
  }

  private tell(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}
