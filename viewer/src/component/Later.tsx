/**
 * One of many parts of a document. The first of them are drawn with the page, which can then be read and used; the
 * others follow by themselves, a few at a time, from the first to the last. Where there is more than a browser bears, the
 * rest is drawn where the reader goes.
 */
import { startTransition, useEffect, useRef, useState, type ReactNode } from "react";

import { shortened } from "../document/budget";
import { CrashBoundary } from "../page/CrashBoundary";
import { anchorId } from "../state/pageUrl";
import { beginOpening, mayDrawFirst, mayDrawMore } from "./drawn";
import { TooMuch } from "./TooMuch";

const AT_ONCE = 20;
const AT_A_TIME = 4;

interface Part {
  draw(): void;
  /** There is too much: it waits for the reader. */
  postpone(): void;
}

/** What waits, in the order of the page. */
const waiting = new Set<Part>();
let timer: ReturnType<typeof setTimeout> | undefined;

function drawSome(): void {
  const some: Part[] = [];
  for (const part of waiting) {
    if (some.push(part) === AT_A_TIME) break;
  }
  some.forEach((part) => waiting.delete(part));
  startTransition(() => some.forEach((part) => part.draw()));
  timer = undefined;
  schedule();
}

function schedule(): void {
  if (waiting.size === 0 || timer !== undefined) return;
  if (mayDrawMore()) {
    timer = setTimeout(drawSome);
    return;
  }
  const all = [...waiting];
  waiting.clear();
  startTransition(() => all.forEach((part) => part.postpone()));
}

/** Those that are not drawn, by their anchors: a link may lead to one. One listener and one observer serve them all. */
const absent = new Map<string, () => void>();
const places = new WeakMap<Element, () => void>();
let observer: IntersectionObserver | undefined;

function arrive(): void {
  absent.get(anchorId(location.hash))?.();
}

function whenLinked(anchor: string, draw: () => void): () => void {
  if (absent.size === 0) addEventListener("hashchange", arrive);
  absent.set(anchor, draw);
  return () => {
    absent.delete(anchor);
    if (absent.size === 0) removeEventListener("hashchange", arrive);
  };
}

function whenSeen(place: Element, draw: () => void): () => void {
  observer ??= new IntersectionObserver((entries) => {
    startTransition(() => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => places.get(target)?.()));
  });
  const watched = observer;
  places.set(place, draw);
  watched.observe(place);
  return () => watched.unobserve(place);
}

type State = "waiting" | "postponed" | "drawn";

export function Later({ index, anchor, children }: { index: number; anchor: string; children: ReactNode }): ReactNode {
  const [state, setState] = useState<State>(() => ((index < AT_ONCE && mayDrawFirst()) || anchor === anchorId(location.hash) ? "drawn" : "waiting"));
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state === "drawn") return;
    const draw = (): void => setState("drawn");
    const stops = [whenLinked(anchor, draw)];
    if (state === "waiting") {
      const part: Part = { draw, postpone: () => setState("postponed") };
      waiting.add(part);
      schedule();
      stops.push(() => void waiting.delete(part));
    } else if (place.current !== null) stops.push(whenSeen(place.current, draw));
    return () => stops.forEach((stop) => stop());
  }, [state, anchor]);
  if (state === "drawn") {
    beginOpening();
    return <CrashBoundary what="This part of the document">{children}</CrashBoundary>;
  }
  if (state === "waiting") return null;
  return (
    <div ref={place} className="postponed">
      <TooMuch>This document is too large to be drawn at once. This part of it is drawn when you come here: {shortened(anchor)}</TooMuch>
    </div>
  );
}
