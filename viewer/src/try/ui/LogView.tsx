/** The log of a connection: filtered, paused, searched, copied, saved; and one frame in full. */
import { useMemo, useState, type ReactNode } from "react";

import type { Connection } from "../connection/Connection";
import type { Entry } from "../log/entry";
import { jsonLines } from "../log/exported";
import { before, EVERYTHING, View, type Filter } from "../log/View";
import type { Session } from "../Session";
import { CopyButton } from "./CopyButton";
import { FrameView } from "./FrameView";
import { Rows } from "./Rows";
import { useEmitter } from "./useEmitter";

export function LogView({ session, connection }: { session: Session; connection: Connection }): ReactNode {
  const { log } = connection;
  useEmitter(log.changed);
  const [filter, setFilter] = useState<Filter>(EVERYTHING);
  const [pausedAt, setPausedAt] = useState<number>();
  const [selected, select] = useState<number>();
  const view = useMemo(() => new View(log), [log]);
  const { generation } = log;
  // Held while frames come, whatever is dropped; made anew when it is filtered, cleared, or a secret in it became known.
  const held = useMemo(() => {
    void generation;
    return pausedAt === undefined ? undefined : before(log, pausedAt, filter);
  }, [log, pausedAt, filter, generation]);
  const shown = held ?? view.update(filter);
  const entry = selected === undefined ? undefined : log.entries[selected - log.dropped] ?? shown.find(({ number }) => number === selected);
  const change = (next: Partial<Filter>): void => setFilter({ ...filter, ...next });
  const waiting = pausedAt === undefined ? 0 : log.count - Math.max(pausedAt, log.dropped);
  return (
    <div className="try-log">
      <LogTools connection={connection} filter={filter} shown={shown} onFilter={change} isPaused={pausedAt !== undefined} onPause={() => setPausedAt(pausedAt === undefined ? log.count : undefined)} waiting={waiting} />
      <div className="try-log-body" data-detail={entry !== undefined}>
        <Rows entries={shown} selected={selected} onSelect={select} label={`Log of ${connection.name}`} />
        {entry !== undefined && <FrameView session={session} connection={connection} entry={entry} onClose={() => select(undefined)} />}
      </div>
    </div>
  );
}

interface ToolsProps {
  connection: Connection;
  filter: Filter;
  shown: readonly Entry[];
  isPaused: boolean;
  waiting: number;
  onFilter(filter: Partial<Filter>): void;
  onPause(): void;
}

function LogTools({ connection, filter, shown, isPaused, waiting, onFilter, onPause }: ToolsProps): ReactNode {
  const { log, channel } = connection;
  const names = useMemo(() => [...new Set([...channel.actions.flatMap(({ messages }) => messages), ...channel.receives].map(({ title }) => title))].sort(), [channel]);
  return (
    <div className="try-log-tools" role="toolbar" aria-label="Log">
      <select aria-label="Direction" value={filter.direction} onChange={(event) => onFilter({ direction: event.target.value as Filter["direction"] })}>
        <option value="all">All</option>
        <option value="sent">Sent</option>
        <option value="received">Received</option>
      </select>
      <select aria-label="Message" value={filter.name} onChange={(event) => onFilter({ name: event.target.value })}>
        <option value="">Any</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <input type="search" aria-label="Text in frames" placeholder="Find" value={filter.text} onChange={(event) => onFilter({ text: event.target.value })} />
      <button type="button" className="try-wrong" aria-pressed={filter.onlyWrong} data-some={log.wrong > 0} title="Only frames that are not as documented" onClick={() => onFilter({ onlyWrong: !filter.onlyWrong })}>
        {log.wrong} wrong<span className="hidden-words">: not as documented</span>
      </button>
      <span className="try-total">{shown.length.toLocaleString("en")} of {log.entries.length.toLocaleString("en")}{log.dropped > 0 && `, ${log.dropped.toLocaleString("en")} older not kept`}</span>
      <span className="try-log-buttons">
        <button type="button" className="try-small" aria-pressed={isPaused} onClick={onPause}>
          {isPaused ? `Resume (${waiting} new)` : "Pause"}
        </button>
        <button type="button" className="try-small" onClick={() => log.clear()}>
          Clear
        </button>
        <CopyButton text={() => jsonLines(shown, connection.name)} label="Copy" />
        <button type="button" className="try-small" onClick={() => download(jsonLines(log.entries, connection.name), connection.name)}>
          Download
        </button>
      </span>
    </div>
  );
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 40) || "log"}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
