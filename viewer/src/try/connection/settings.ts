/** What a user chooses for a connection before opening it. */
import type { Channel } from "../contract/contract";

/** The choice of a server that the user writes. */
export const OTHER_SERVER = "\0other";

export interface ConnectionSettings {
  channel: string;
  /** A server's id, or OTHER_SERVER. */
  server: string;
  otherServer: string;
  variables: Record<string, string>;
  parameters: Record<string, string>;
  query: Record<string, string>;
  subprotocol: string;
  reconnect: boolean;
  /** Applied tokens, by query parameter. */
  tokens: Record<string, string>;
  /** Applied tokens, by cookie: set for the handshake, then removed. */
  cookies: Record<string, string>;
  /** Sent as soon as the connection is open. */
  firstMessage: string;
  /** Whether secrets stay until the tab is closed. */
  remember: boolean;
}

function presets(parameters: { name: string; preset: string }[]): Record<string, string> {
  return Object.fromEntries(parameters.map(({ name, preset }) => [name, preset]));
}

/** The settings for a channel; secrets stay what they were. */
export function settingsFor(channel: Channel, servers: { id: string; variables: { name: string; preset: string }[] }[], before?: ConnectionSettings): ConnectionSettings {
  const server = servers.find(({ id }) => id === before?.server) ?? servers[0];
  return {
    otherServer: "",
    reconnect: false,
    tokens: {},
    cookies: {},
    firstMessage: "",
    remember: false,
    ...before,
    channel: channel.id,
    server: server?.id ?? OTHER_SERVER,
    variables: presets(server?.variables ?? []),
    parameters: presets(channel.parameters),
    query: presets(channel.query),
    subprotocol: channel.subprotocol,
  };
}
