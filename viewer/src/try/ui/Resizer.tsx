/** The dock's upper edge, to be dragged or moved with the arrow keys. */
import { useEffect, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

const LEAST = 160;
const STEP = 40;
const BAR = 44;

function bounded(height: number): number {
  return Math.round(Math.min(Math.max(height, LEAST), innerHeight - 96));
}

/** Keeps the page's own room below free of the dock. */
export function useDockHeight(isSmall: boolean, isNarrow: boolean): { height: number; setHeight(height: number): void } {
  const [chosen, setChosen] = useState(() => bounded(Math.min(innerHeight * 0.48, 520)));
  const [, setWindow] = useState(innerHeight);
  useEffect(() => {
    const read = (): void => setWindow(innerHeight);
    addEventListener("resize", read);
    return () => removeEventListener("resize", read);
  }, []);
  const height = isSmall ? BAR : isNarrow ? bounded(innerHeight * 0.62) : bounded(chosen);
  useEffect(() => {
    const { style } = document.documentElement;
    style.setProperty("--dock", `${height}px`);
    return () => void style.removeProperty("--dock");
  }, [height]);
  return { height, setHeight: (next) => setChosen(bounded(next)) };
}

export function Resizer({ height, onChange, isHidden }: { height: number; onChange(height: number): void; isHidden: boolean }): ReactNode {
  if (isHidden) return null;
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowUp: STEP, ArrowDown: -STEP, Home: 10_000, End: -10_000 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onChange(height + step);
  };
  const onMove = (event: PointerEvent): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) onChange(innerHeight - event.clientY);
  };
  return (
    <div
      className="try-resizer"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the try-it-out"
      aria-valuenow={height}
      aria-valuemin={LEAST}
      aria-valuemax={Math.max(LEAST, innerHeight - 96)}
      tabIndex={0}
      onKeyDown={onKey}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onMove}
    />
  );
}
