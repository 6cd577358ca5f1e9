/** The address of a connection: server, channel, parameters, query, token. It opens nothing. */
import type { Channel, Parameter, Server } from "../contract/contract";
import { isSecretName } from "../contract/credentials";

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
  /** The credentials in it. */
  secrets: string[];
}

export const HIDDEN = "•••";

type Encode = (value: string, name: string) => string;

function filled(template: string, values: Record<string, string>, encode: Encode): string {
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined || value === "" ? whole : encode(value, name);
  });
}

function base({ server, variables }: Target, encode: Encode): string {
  if (typeof server === "string") return server.trim();
  const host = filled(server.host, variables, (value) => value);
  const path = filled(server.pathname, variables, encode);
  return `${server.protocol}://${host}${path === "" || path.startsWith("/") ? path : `/${path}`}`;
}

/** The channel's address below the server's; a query that the user wrote stays behind both. */
function joined(left: string, right: string): string {
  if (right === "") return left;
  const [start = "", ...query] = left.split("?");
  return [`${start.replace(/\/+$/, "")}/${right.replace(/^\/+/, "")}`, ...query].join("?");
}

function written(target: Target, encode: Encode): string {
  return joined(base(target, encode), filled(target.channel.address, target.parameters, encode));
}

function secretsIn(parameters: readonly Parameter[], values: Record<string, string>): Map<string, string> {
  const found = parameters.filter(({ secret }) => secret).map(({ name }) => [name, values[name] ?? ""] as const);
  return new Map(found.filter(([, value]) => value !== ""));
}

/** The address to connect to, and how to show it. */
export function addressOf(target: Target): Address {
  const { channel, server } = target;
  const variables = typeof server === "string" ? [] : server.variables;
  const inPath = new Map([...secretsIn(channel.parameters, target.parameters), ...secretsIn(variables, target.variables)]);
  const text = written(target, (value) => encodeURIComponent(value));
  const plain = written(target, (value, name) => (inPath.get(name) === value ? HIDDEN : encodeURIComponent(value)));
  const broken = (mistake: string): Address => ({ url: "", shown: plain, mistake, secrets: [] });
  const open = /\{([^{}]+)\}/.exec(text);
  if (open !== null) return broken(`Fill in ${open[1]} first.`);
  let [url, shown]: URL[] = [];
  try {
    [url, shown] = [new URL(text), new URL(plain)];
  } catch {
    return broken("This is not an address; it begins with ws:// or wss://.");
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") return broken("The address must begin with ws:// or wss://.");
  if (url.username !== "" || url.password !== "") return { ...broken("The address must not contain a user or a password."), shown: "" };
  url.hash = shown.hash = "";
  for (const { name, required } of channel.query) {
    const value = target.query[name] ?? "";
    if (value !== "" || required) url.searchParams.set(name, value);
  }
  for (const [name, token] of Object.entries(target.tokens)) if (token !== "") url.searchParams.set(name, token);
  const inQuery = new Set([...channel.query.filter(({ secret }) => secret).map(({ name }) => name), ...channel.schemes.filter(({ kind }) => kind === "query").map(({ name }) => name)]);
  const secrets = [...inPath.values()];
  for (const [name, value] of url.searchParams) {
    const isSecret = value !== "" && (inQuery.has(name) || isSecretName(name));
    if (isSecret) secrets.push(value);
    shown.searchParams.set(name, isSecret ? HIDDEN : value);
  }
  return { url: url.href, shown: shown.href.replaceAll(encodeURIComponent(HIDDEN), HIDDEN), mistake: "", secrets };
}

/** The server that the page itself came from, for documents that name none. */
export function ownServer(page: Location | URL): Server {
  const protocol = page.protocol === "https:" ? "wss" : "ws";
  return { id: "this site", protocol, host: page.host, pathname: "", variables: [] };
}
