/** The lines of a log. Only those in sight exist, so their number costs nothing. Arrow keys choose one. */
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { isWrong, type Entry } from "../log/entry";
import { visible } from "../log/visible";

const ROW = 28;
const SPARE = 6;

interface Props {
  entries: readonly Entry[];
  selected: number | undefined;
  label: string;
  onSelect(number: number | undefined): void;
}

export function Rows({ entries, selected, label, onSelect }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(200);
  const id = useId();
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 200));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (box.current !== null && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [entries, height]);
  const onScroll = (): void => {
    const { current } = box;
    if (current === null) return;
    follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < ROW;
    setTop(current.scrollTop);
  };
  const first = Math.max(0, Math.min(Math.floor(top / ROW) - SPARE, entries.length - 1));
  const visible = entries.slice(first, first + Math.ceil(height / ROW) + 2 * SPARE);
  const at = selected === undefined ? -1 : entries.findIndex(({ number }) => number === selected);
  const go = (index: number): void => {
    const entry = entries[Math.max(0, Math.min(index, entries.length - 1))];
    const { current } = box;
    if (entry === undefined || current === null) return;
    onSelect(entry.number);
    const y = entries.indexOf(entry) * ROW;
    if (y < current.scrollTop) current.scrollTop = y;
    else if (y + ROW > current.scrollTop + current.clientHeight) current.scrollTop = y + ROW - current.clientHeight;
  };
  const onKey = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / ROW) - 1);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at === -1 ? entries.length - 1 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: entries.length - 1,
    };
    if (event.key === "Escape") return onSelect(undefined);
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    go(next);
  };
  const isInSight = at >= first && at < first + visible.length;
  return (
    <div
      ref={box}
      className="try-rows"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      {...(isInSight ? { "aria-activedescendant": `${id}-${selected}` } : {})}
      onScroll={onScroll}
      onKeyDown={onKey}
    >
      {entries.length === 0 && <p className="try-hint" role="option" aria-selected="false">Nothing here yet.</p>}
      <Space height={first * ROW} />
      {visible.map((entry, index) => (
        <Row
          key={entry.number}
          id={`${id}-${entry.number}`}
          entry={entry}
          isSelected={entry.number === selected}
          position={first + index + 1}
          count={entries.length}
          onSelect={() => onSelect(entry.number === selected ? undefined : entry.number)}
        />
      ))}
      <Space height={(entries.length - first - visible.length) * ROW} />
    </div>
  );
}

/** The policy forbids style attributes in HTML; React sets them one by one, which it allows. */
function Space({ height }: { height: number }): ReactNode {
  return height > 0 ? <div role="presentation" style={{ height }} /> : null;
}

const ARROWS = { sent: "↑", received: "↓", note: "·" };
const PREVIEW = 300;

export function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

export function size(bytes: number): string {
  return bytes < 1_000 ? `${bytes} B` : bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

interface RowProps {
  id: string;
  entry: Entry;
  isSelected: boolean;
  position: number;
  count: number;
  onSelect(): void;
}

function Row({ id, entry, isSelected, position, count, onSelect }: RowProps): ReactNode {
  const wrong = isWrong(entry);
  const invalid = entry.direction === "sent" && (entry.judgement === "mismatch" || entry.judgement === "undocumented");
  return (
    <div
      id={id}
      className="try-entry"
      role="option"
      aria-selected={isSelected}
      aria-posinset={position}
      aria-setsize={count}
      data-direction={entry.direction}
      data-wrong={wrong}
      onClick={onSelect}
    >
      <time>{clock(entry.at)}</time>
      <span className="try-arrow">
        <span aria-hidden="true">{ARROWS[entry.direction]}</span>
        <span className="hidden-words">{entry.direction}</span>
      </span>
      {entry.direction !== "note" && (
        <span className="try-entry-name">
          {wrong && <span className="try-mark">{entry.judgement === "mismatch" ? "mismatch" : "undocumented"}</span>}
          {invalid && <span className="try-mark">sent wrong</span>}
          {entry.name}
        </span>
      )}
      <span className="try-preview">{visible(entry.text.slice(0, PREVIEW))}</span>
      {entry.latency !== undefined && <span className="try-latency">{entry.latency < 10 ? entry.latency.toFixed(1) : Math.round(entry.latency)} ms</span>}
      {entry.direction !== "note" && <span className="try-size">{size(entry.size)}</span>}
    </div>
  );
}
