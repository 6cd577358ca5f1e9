/** All that is tried with one document: its connections, its drafts, its secrets. It lives as long as the page. */
import type { JsonObject } from "../document/json";
import type { Perspective } from "../document/prepare";
import { ownServer } from "./connection/address";
import { BROWSER, type Browser } from "./connection/browser";
import { Connection } from "./connection/Connection";
import { settingsFor } from "./connection/settings";
import { contractOf, type Action, type Channel, type Contract, type Message, type Server } from "./contract/contract";
import { Emitter } from "./emitter";
import { Secrets } from "./log/redact";
import { draftFor, type Draft } from "./compose/sample";
import { Seen } from "./compose/seen";
import { remembered, remember } from "./remember";

export class Session {
  readonly changed = new Emitter();
  readonly contract: Contract;
  readonly secrets = new Secrets();
  readonly seen = new Seen();
  connections: Connection[] = [];
  /** The connection that sends, and the one shown where there is room for one. */
  active = "";
  /** The action in the dock's composer; empty where that is closed. */
  composing = "";
  /** The message chosen for each action that has several. */
  private readonly chosen = new Map<string, string>();
  private readonly drafts = new Map<string, Draft>();
  private made = 0;

  constructor(
    readonly key: string,
    document: JsonObject,
    perspective: Perspective,
    private readonly browser: Browser = BROWSER,
    private readonly own: Server = ownServer(location),
  ) {
    this.contract = contractOf(document, perspective);
    this.secrets.changed.subscribe(() => this.connections.forEach(({ log }) => log.rewrite((text) => this.secrets.hide(text))));
    const kept = remembered(key);
    this.addConnection();
    kept.slice(1).forEach(() => this.addConnection());
    this.connections.forEach((connection, index) => {
      const before = kept[index];
      if (before === undefined) return;
      connection.name = before.name;
      connection.change({ ...(this.channel(before.channel) === undefined ? {} : before), remember: true });
    });
    this.active = this.connections[0]?.id ?? "";
  }

  get actions(): Action[] {
    return this.contract.channels.flatMap(({ actions }) => actions);
  }

  channel(id: string): Channel {
    return (this.contract.channels.find((channel) => channel.id === id) ?? this.contract.channels[0]) as Channel;
  }

  action(id: string): Action | undefined {
    return this.actions.find((action) => action.id === id);
  }

  serversOf(channel: Channel): Server[] {
    return channel.servers.some(({ host, protocol }) => host === this.own.host && protocol === this.own.protocol)
      ? channel.servers
      : [...channel.servers, this.own];
  }

  connection(id: string): Connection | undefined {
    return this.connections.find((connection) => connection.id === id);
  }

  addConnection(channelId?: string): Connection | undefined {
    const channel = this.channel(channelId ?? "");
    if (channel === undefined) return undefined;
    const id = String(++this.made);
    const connection = new Connection(id, `Connection ${id}`, settingsFor(channel, this.serversOf(channel)), {
      browser: this.browser,
      secrets: this.secrets,
      channel: (name) => this.channel(name),
      server: (of, name) => this.serversOf(of).find((server) => server.id === name),
      heard: (value) => this.seen.add(value, this.secrets),
    });
    connection.changed.subscribe(() => this.save());
    this.connections = [...this.connections, connection];
    this.active = id;
    this.changed.emit();
    return connection;
  }

  removeConnection(id: string): void {
    this.connection(id)?.disconnect();
    this.connections = this.connections.filter((connection) => connection.id !== id);
    if (this.active === id) this.active = this.connections[0]?.id ?? "";
    this.save();
    this.changed.emit();
  }

  activate(id: string): void {
    this.active = id;
    this.changed.emit();
  }

  /** The connection that would send this action: the active one if it is on its channel, else one that is. */
  senderFor(action: Action): Connection | undefined {
    const fitting = this.connections.filter(({ settings }) => settings.channel === action.channel);
    return fitting.find(({ id }) => id === this.active) ?? fitting.find(({ state }) => state === "open") ?? fitting[0];
  }

  compose(action: string): void {
    this.composing = action;
    this.changed.emit();
  }

  messageOf(action: Action): Message | undefined {
    return action.messages.find(({ id }) => id === this.chosen.get(action.id)) ?? action.messages[0];
  }

  chooseMessage(action: Action, message: string): void {
    this.chosen.set(action.id, message);
    this.changed.emit();
  }

  draft(message: Message): string {
    return this.known(message).text;
  }

  /** What its draft lacks, in words. */
  note(message: Message): string {
    return this.known(message).note;
  }

  /** Begins anew, from an example or from a generated one. */
  begin(message: Message, example?: number): void {
    this.drafts.set(message.id, draftFor(message, example));
    this.changed.emit();
  }

  private known(message: Message): Draft {
    const known = this.drafts.get(message.id) ?? draftFor(message, message.examples.length > 0 ? 0 : undefined);
    this.drafts.set(message.id, known);
    return known;
  }

  write(message: Message, text: string): void {
    this.drafts.set(message.id, { text, note: "" });
    this.changed.emit();
  }

  private save(): void {
    remember(this.key, this.connections);
    this.changed.emit();
  }
}
