/** One named connection: its settings, its socket, its log. It judges what it receives; it draws nothing. */
import { recognisedText } from "../check/recognise";
import type { Action, Channel, Message, Server } from "../contract/contract";
import { credentialsIn } from "../contract/credentials";
import { authenticatingAction } from "../contract/firstMessage";
import { Emitter } from "../emitter";
import { byteLength, note, type NewEntry } from "../log/entry";
import { Log } from "../log/Log";
import type { Secrets } from "../log/redact";
import { visible } from "../log/visible";
import { addressOf, type Address } from "./address";
import type { Browser } from "./browser";
import { closeWords, isWorthRetrying } from "./closeCodes";
import { Intake } from "./Intake";
import { Replies } from "./replies";
import { OTHER_SERVER, type ConnectionSettings } from "./settings";

export type State = "idle" | "connecting" | "open" | "closed" | "waiting";

export interface Outgoing {
  text: string;
  action?: Action;
  message?: Message;
}

const LONGEST_KEPT = 200_000;
const LONGEST_WAIT = 30_000;

export interface Surroundings {
  browser: Browser;
  secrets: Secrets;
  channel(id: string): Channel;
  server(channel: Channel, id: string): Server | undefined;
  /** What arrived, for suggestions. */
  heard(value: unknown): void;
}

export class Connection {
  readonly changed = new Emitter();
  readonly log = new Log();
  state: State = "idle";
  /** The state in words. */
  words = "not connected";
  /** Whether the last attempt ended badly. */
  failed = false;
  private socket: WebSocket | undefined;
  private readonly replies = new Replies();
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private queue: Outgoing[] = [];
  private readonly intake: Intake;

  constructor(
    readonly id: string,
    public name: string,
    public settings: ConnectionSettings,
    private readonly around: Surroundings,
  ) {
    this.intake = new Intake(around.browser);
  }

  get channel(): Channel {
    return this.around.channel(this.settings.channel);
  }

  get isBusy(): boolean {
    return this.state === "open" || this.state === "connecting" || this.state === "waiting";
  }

  address(): Address {
    const { settings, channel } = this;
    const server = settings.server === OTHER_SERVER ? settings.otherServer : this.around.server(channel, settings.server);
    return addressOf({ ...settings, channel, server: server ?? settings.otherServer });
  }

  change(settings: Partial<ConnectionSettings>): void {
    this.settings = { ...this.settings, ...settings };
    // What is still being typed, a query parameter for one, is added when it is used: its first letter is no secret.
    this.around.secrets.add(...Object.values(this.settings.tokens), ...Object.values(this.settings.cookies));
    this.changed.emit();
  }

  rename(name: string): void {
    this.name = name;
    this.changed.emit();
  }

  /** Sends, after connecting where there is no connection yet. */
  sendWhenOpen(outgoing: Outgoing): void {
    if (this.state === "open") return this.send(outgoing);
    this.queue = [outgoing];
    if (this.state !== "connecting") this.connect();
  }

  connect(): void {
    if (this.state === "open" || this.state === "connecting") return;
    clearTimeout(this.timer);
    const { url, mistake, secrets } = this.address();
    if (mistake !== "") return this.becomes("closed", mistake, true);
    this.around.secrets.add(...secrets);
    this.intake.inTurn(() => this.replies.forget());
    this.becomes("connecting", "connecting…");
    const { browser } = this.around;
    const cookies = Object.entries(this.settings.cookies).filter(([, value]) => value !== "");
    cookies.forEach(([name, value]) => browser.setCookie(name, value));
    let refused = false;
    const stopListening = browser.onRefusal((blocked) => {
      refused ||= url.startsWith(blocked) || blocked.startsWith(new URL(url).origin);
      // Not every browser closes a socket that it never opened.
      if (refused && this.state === "connecting") this.closed(1006, "", true);
    });
    const settled = (): void => {
      cookies.forEach(([name]) => browser.clearCookie(name));
      setTimeout(stopListening, 0);
    };
    const protocols = this.settings.subprotocol.split(",").map((each) => each.trim());
    try {
      this.listen(browser.open(url, protocols.filter(Boolean)), () => refused, settled);
    } catch (error) {
      settled();
      this.ended(this.refusal(error));
    }
  }

  disconnect(): void {
    clearTimeout(this.timer);
    this.queue = [];
    const { socket } = this;
    this.socket = undefined;
    socket?.close(1000);
    if (this.isBusy) {
      this.note("You closed the connection.");
      this.becomes("closed", "closed by you");
    }
  }

  send(outgoing: Outgoing): void {
    if (this.socket === undefined || this.state !== "open") return;
    this.socket.send(outgoing.text);
    const [now, at] = [this.around.browser.now(), Date.now()];
    this.intake.inTurn(() => this.sent(outgoing, now, at));
  }

  private sent({ text, action, message }: Outgoing, now: number, at: number): void {
    const verdict = recognisedText(text, message === undefined ? this.sendable() : [message]);
    const known = message ?? verdict.message;
    const sender = action ?? this.channel.actions.find(({ messages }) => known !== undefined && messages.includes(known));
    const authenticates = text === this.settings.firstMessage || (sender !== undefined && sender === authenticatingAction(this.channel));
    this.around.secrets.add(...credentialsIn(known, verdict.value, authenticates));
    if (known !== undefined && sender !== undefined) this.replies.sent(known, verdict.value, sender.replies, now);
    this.log.add({
      ...this.kept(text),
      at,
      direction: "sent",
      name: known?.title ?? "",
      action: sender?.id ?? "",
      messageId: known?.id ?? "",
      judgement: verdict.judgement,
      mistakes: verdict.mistakes,
    });
  }

  private sendable(): Message[] {
    return this.channel.actions.flatMap(({ messages }) => messages);
  }

  private kept(text: string): NewEntry {
    // Hidden before it is cut: a cut could leave half a secret.
    const hidden = this.around.secrets.hide(text);
    const isCut = hidden.length > LONGEST_KEPT;
    return { ...note(isCut ? hidden.slice(0, LONGEST_KEPT) : hidden), size: byteLength(text), isCut, isRedacted: hidden !== text };
  }

  /** A line of the log that is no frame. */
  private note(text: string): void {
    const at = Date.now();
    this.intake.inTurn(() => this.log.add({ ...note(this.around.secrets.hide(text)), at }));
  }

  private listen(socket: WebSocket, refused: () => boolean, settled: () => void): void {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const mine = (action: () => void) => () => {
      if (this.socket === socket) action();
    };
    socket.addEventListener("open", () => {
      settled();
      mine(() => this.opened(socket))();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (this.socket !== socket) return;
      const [channel, now, at] = [this.channel, this.around.browser.now(), Date.now()];
      this.intake.later(() => this.received(data, channel, now, at), typeof data === "string" ? data.length : 0);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      settled();
      // The policy's report may come after the socket's end.
      setTimeout(mine(() => this.closed(code, reason, refused())), 0);
    });
  }

  private opened(socket: WebSocket): void {
    this.attempts = 0;
    const chosen = socket.protocol === "" ? "" : `, subprotocol ${socket.protocol}`;
    this.note(`Connected to ${this.address().shown}${chosen}`);
    this.becomes("open", "connected");
    if (this.settings.firstMessage !== "") this.send({ text: this.settings.firstMessage });
    const waiting = this.queue;
    this.queue = [];
    waiting.forEach((outgoing) => this.send(outgoing));
  }

  private received(data: unknown, channel: Channel, now: number, at: number): void {
    if (typeof data !== "string") {
      const size = data instanceof ArrayBuffer ? data.byteLength : 0;
      const mistakes = [{ path: "", reason: "is binary; the document describes text" }];
      this.log.add({ ...note(`${size} bytes of binary data: ${hexOf(data)}`), at, direction: "received", size, isBinary: true, judgement: "undocumented", mistakes });
      return;
    }
    const { judgement, message, mistakes, value } = recognisedText(data, channel.receives);
    const latency = message === undefined ? undefined : this.replies.received(message, value, now);
    this.log.add({
      ...this.kept(data),
      at,
      direction: "received",
      name: message?.title ?? "",
      messageId: message?.id ?? "",
      judgement,
      mistakes: mistakes.map(({ path, reason }) => ({ path: this.around.secrets.hide(path), reason: this.around.secrets.hide(reason) })),
      latency,
    });
    this.around.heard(value);
  }

  private closed(code: number, reason: string, refused: boolean): void {
    const wasOpen = this.state === "open";
    this.socket?.close();
    this.socket = undefined;
    if (refused) return this.ended(REFUSED_BY_POLICY);
    const said = reason === "" ? "" : `: “${visible(this.around.secrets.hide(reason).slice(0, 123))}”`;
    if (!wasOpen && code === 1006) this.ended(this.noHandshake(), true);
    else this.ended(`${closeWords(code)} (${code})${said}`, isWorthRetrying(code), code !== 1000);
  }

  private noHandshake(): string {
    const { subprotocol } = this.settings;
    return subprotocol === "" ? NO_HANDSHAKE : `${NO_HANDSHAKE}; or it speaks none of these subprotocols: ${subprotocol}`;
  }

  private refusal(error: unknown): string {
    if (error instanceof DOMException && error.name === "SecurityError") {
      return "the browser forbids it: a page that came over https may only open wss:// connections";
    }
    return `the browser refused: ${error instanceof Error ? this.around.secrets.hide(error.message).slice(0, 200) : "for no stated reason"}`;
  }

  private ended(words: string, mayRetry = false, failed = true): void {
    this.note(`Connection ended: ${words}`);
    if (!this.settings.reconnect || !mayRetry) {
      this.queue = [];
      return this.becomes("closed", words, failed);
    }
    const wait = Math.min(1_000 * 2 ** this.attempts++, LONGEST_WAIT);
    this.becomes("waiting", `${words}; trying again in ${wait / 1_000} s`, failed);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private becomes(state: State, words: string, failed = false): void {
    Object.assign(this, { state, words, failed });
    this.changed.emit();
  }
}

const NO_HANDSHAKE =
  "no connection: the server is not there, or it refused the handshake (a browser does not say which; the server's log does)";
const REFUSED_BY_POLICY =
  "the page's Content-Security-Policy forbids it: add the server to connect-src, or open the docs on the server's own host";

function hexOf(data: unknown): string {
  if (!(data instanceof ArrayBuffer)) return "";
  const bytes = [...new Uint8Array(data, 0, Math.min(data.byteLength, 64))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ") + (data.byteLength > 64 ? " …" : "");
}
