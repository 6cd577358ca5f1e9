/**
 * Counts what is drawn of a document: its schemas' fields, above all. A document of three hundred kilobytes can show the same
 * three hundred fields two thousand times; the browser cannot.
 */

/** What is drawn before the page answers for the first time: some 200 ms. */
const AT_FIRST = 600;
/** What is drawn by itself, afterwards: some 50,000 elements. What comes after it is drawn when it comes into view. */
const BY_ITSELF = 4_000;

let count = 0;

export function draw(parts = 1): void {
  count += parts;
}

/** A new document, or a new reading of it. */
export function beginDrawing(): void {
  count = 0;
}

export function mayDrawFirst(): boolean {
  return count < AT_FIRST;
}

export function mayDrawMore(): boolean {
  return count < BY_ITSELF;
}

/** How many schemas open at once: those of one part of the page by themselves, or those that “Expand all” opens. */
const OPENED_AT_ONCE = 200;
let room = OPENED_AT_ONCE;
let refuse: (() => void) | undefined;

/** `refused` is called once where there are more to open. */
export function beginOpening(refused?: () => void): void {
  room = OPENED_AT_ONCE;
  refuse = refused;
}

/** Whether one more schema inside may open. */
export function mayOpen(isNear = true): boolean {
  if (isNear && room > 0) {
    room--;
    return true;
  }
  refuse?.();
  refuse = undefined;
  return false;
}
