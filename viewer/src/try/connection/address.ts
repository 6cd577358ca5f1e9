/** The address of a connection: server, channel, parameters, query, token. It opens nothing. */
import type { Channel, Server } from "../contract/contract";

export interface Target {
  /** A server of the document, or an address that the user wrote. */
  server: Server | string;
  channel: Channel;
  variables: Record<string, string>;
  parameters: Record<string, string>;
  query: Record<string, string>;
  /** Query tokens by parameter. */
  tokens: Record<string, string>;
}

export interface Address {
  url: string;
  /** The same without secrets, for people. */
  shown: string;
  /** What is missing or wrong; empty where the address can be used. */
  mistake: string;
}

export const HIDDEN = "•••";

function filled(template: string, values: Record<string, string>, encode: (value: string) => string): string {
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined || value === "" ? whole : encode(value);
  });
}

function base(target: Target): string {
  const { server } = target;
  if (typeof server === "string") return server.trim();
  const same = (value: string): string => value;
  const host = filled(server.host, target.variables, same);
  const path = filled(server.pathname, target.variables, encodeURIComponent);
  return `${server.protocol}://${host}${path === "" || path.startsWith("/") ? path : `/${path}`}`;
}

function joined(left: string, right: string): string {
  if (right === "") return left;
  return `${left.replace(/\/+$/, "")}/${right.replace(/^\/+/, "")}`;
}

const broken = (mistake: string): Address => ({ url: "", shown: "", mistake });

/** The address to connect to, and how to show it. */
export function addressOf(target: Target): Address {
  const path = filled(target.channel.address, target.parameters, encodeURIComponent);
  const text = joined(base(target), path);
  const open = /\{([^{}]+)\}/.exec(text);
  if (open !== null) return { ...broken(`Fill in ${open[1]} first.`), shown: text };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { ...broken("This is not an address; it begins with ws:// or wss://."), shown: text };
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") return { ...broken("The address must begin with ws:// or wss://."), shown: text };
  if (url.username !== "" || url.password !== "") return broken("The address must not contain a user or a password.");
  url.hash = "";
  const shown = new URL(url);
  for (const { name, required, secret } of target.channel.query) {
    const value = target.query[name] ?? "";
    if (value === "" && !required) continue;
    url.searchParams.set(name, value);
    shown.searchParams.set(name, secret && value !== "" ? HIDDEN : value);
  }
  for (const [name, token] of Object.entries(target.tokens)) {
    if (token === "") continue;
    url.searchParams.set(name, token);
    shown.searchParams.set(name, HIDDEN);
  }
  return { url: url.href, shown: shown.href.replaceAll(encodeURIComponent(HIDDEN), HIDDEN), mistake: "" };
}

/** The server that the page itself came from, for documents that name none. */
export function ownServer(page: Location | URL): Server {
  const protocol = page.protocol === "https:" ? "wss" : "ws";
  return { id: "this site", protocol, host: page.host, pathname: "", variables: [] };
}
