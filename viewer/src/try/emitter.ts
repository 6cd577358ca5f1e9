/** Tells React, and whoever asks, that something changed. It carries no data. */

export class Emitter {
  version = 0;
  private readonly listeners = new Set<() => void>();
  private isTelling = false;

  /** `batched`: changes before the page draws next become one, or those within so many milliseconds. */
  constructor(private readonly options: { batched?: "frame" | number } = {}) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): number => this.version;

  emit(): void {
    const { batched } = this.options;
    if (batched === undefined) return this.tell();
    if (this.isTelling) return;
    this.isTelling = true;
    const tell = (): void => {
      this.isTelling = false;
      this.tell();
    };
    if (batched === "frame" && typeof requestAnimationFrame === "function") requestAnimationFrame(tell);
    else setTimeout(tell, Number(batched) || 0);
  }

  private tell(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}
