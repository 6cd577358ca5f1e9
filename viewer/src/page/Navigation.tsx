/** The contents of the document, by channel and by who sends. On a narrow screen it is a panel over the page. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { counted, shortened } from "../document/budget";
import type { JsonObject } from "../document/json";
import { MOST_LISTED, outlineOf, searched, type Entry, type Outline } from "../document/outline";
import type { Perspective } from "../document/prepare";
import { CloseIcon, DownIcon, UpIcon } from "./icons";
import { CLIENT_SENDS, SERVER_SENDS } from "./labels";

interface Props {
  schema: JsonObject;
  perspective: Perspective;
  open: boolean;
  onClose(): void;
}

export function Navigation({ schema, perspective, open, onClose }: Props): ReactNode {
  const [search, setSearch] = useState("");
  const whole = useMemo(() => outlineOf(schema, perspective), [schema, perspective]);
  const outline = useMemo(() => searched(whole, search), [whole, search]);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!open) return;
    panel.current?.querySelector<HTMLElement>("a")?.focus();
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      onClose();
      document.querySelector<HTMLElement>(".menu-button")?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [open, onClose]);
  return (
    <>
      {open && <div className="backdrop" onClick={onClose} />}
      <nav id="navigation" ref={panel} className="navigation" data-open={open} aria-label="Contents" onClick={onClose}>
        <button type="button" className="icon-button close-button" aria-label="Close the contents">
          <CloseIcon />
        </button>
        <input
          type="search"
          className="nav-search"
          aria-label="Search operations, messages and schemas"
          placeholder="Search"
          value={search}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") panel.current?.querySelector<HTMLElement>("li a")?.click();
          }}
        />
        <a className="nav-section" href="#introduction">
          Introduction
        </a>
        <Section title="Servers" anchor="servers" entries={outline.servers} />
        {outline.channels.length > 0 && (
          <a className="nav-section" href="#operations">
            Operations
          </a>
        )}
        {outline.channels.slice(0, MOST_LISTED).map((channel, index) => (
          <div className="nav-channel" key={index}>
            <p className="nav-address">{shortened(channel.address, 200)}</p>
            <Direction title={CLIENT_SENDS} className="client-sends" icon={<UpIcon />} entries={channel.clientSends} />
            <Direction title={SERVER_SENDS} className="server-sends" icon={<DownIcon />} entries={channel.serverSends} />
          </div>
        ))}
        <More count={outline.channels.length} />
        <Section title="Messages" anchor="messages" entries={outline.messages} />
        <Section title="Schemas" anchor="schemas" entries={outline.schemas} />
        {search !== "" && <p role="status">{countOf(outline)} found</p>}
      </nav>
    </>
  );
}

function Section({ title, anchor, entries }: { title: string; anchor: string; entries: Entry[] }): ReactNode {
  if (entries.length === 0) return null;
  return (
    <>
      <a className="nav-section" href={`#${anchor}`}>
        {title}
      </a>
      <Entries entries={entries} />
    </>
  );
}

interface DirectionProps {
  title: string;
  className: string;
  icon: ReactNode;
  entries: Entry[];
}

function Direction({ title, className, icon, entries }: DirectionProps): ReactNode {
  if (entries.length === 0) return null;
  return (
    <>
      <p className={`nav-direction ${className}`}>
        {icon} {title}
      </p>
      <Entries entries={entries} />
    </>
  );
}

function Entries({ entries }: { entries: Entry[] }): ReactNode {
  return (
    <ul>
      {entries.slice(0, MOST_LISTED).map(({ label, anchor, deprecated }) => (
        <li key={anchor}>
          <a href={`#${encodeURIComponent(anchor)}`} data-deprecated={deprecated}>
            {label}
            {deprecated && <span className="hidden-words"> (deprecated)</span>}
          </a>
        </li>
      ))}
      {entries.length > MOST_LISTED && (
        <li>
          <More count={entries.length} />
        </li>
      )}
    </ul>
  );
}

function More({ count }: { count: number }): ReactNode {
  return count > MOST_LISTED && <p className="too-much">and {counted(count - MOST_LISTED)} more: search for them</p>;
}

function countOf({ servers, channels, messages, schemas }: Outline): number {
  const lists = [servers, messages, schemas, ...channels.flatMap(({ clientSends, serverSends }) => [clientSends, serverSends])];
  return lists.reduce((sum, list) => sum + list.length, 0);
}
