/**
 * One of many parts of a document. The first of them are drawn with the page, which can then be read and used; the
 * others follow by themselves, a few at a time, from the first to the last.
 */
import { startTransition, useEffect, useState, type ReactNode } from "react";

import { anchorId } from "../state/pageUrl";

const AT_ONCE = 20;
const AT_A_TIME = 4;

/** What waits, in the order of the page. */
const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function drawSome(): void {
  const some = [...waiting].slice(0, AT_A_TIME);
  some.forEach((draw) => waiting.delete(draw));
  startTransition(() => some.forEach((draw) => draw()));
  timer = waiting.size > 0 ? setTimeout(drawSome) : undefined;
}

export function Later({ index, anchor, children }: { index: number; anchor: string; children: ReactNode }): ReactNode {
  const [isDrawn, setDrawn] = useState(index < AT_ONCE || anchor === anchorId(location.hash));
  useEffect(() => {
    if (isDrawn) return;
    const draw = (): void => setDrawn(true);
    waiting.add(draw);
    timer ??= setTimeout(drawSome);
    return () => void waiting.delete(draw);
  }, [isDrawn]);
  return isDrawn ? children : null;
}
