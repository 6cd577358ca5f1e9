/** The chosen message as code to copy. Values are written as literals of each language; secrets come from outside. */
import { HIDDEN } from "../connection/address";

export interface Subject {
  /** The address as it is shown, secrets hidden. */
  address: string;
  subprotocol: string;
  /** The message's text. */
  text: string;
  /** What is sent before it, to authenticate; empty where nothing is. */
  first?: string;
  /** The cookie that authenticates; empty where none does. */
  cookie: string;
  /** The header that authenticates, and what stands before the token in it. */
  header?: [name: string, prefix: string] | undefined;
  /** The page's origin, which servers check. */
  origin: string;
  /** Whether the address carries a secret. */
  hasToken: boolean;
}

export interface Snippet {
  id: string;
  title: string;
  code: string;
}

function jsLiteral(text: string): string {
  return JSON.stringify(text).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** A JSON string is a Python string, too, once characters outside the BMP are written out. */
function pyLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]|[\ud800-\udfff]/gu, (character) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function shellLiteral(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The address as literals, with code that names the secret where it was hidden. */
function joined(address: string, literal: (text: string) => string, secret: string, plus: string): string {
  return address
    .split(HIDDEN)
    .flatMap((part, index) => [...(index > 0 ? [secret] : []), ...(part === "" ? [] : [literal(part)])])
    .join(plus);
}

/** What is sent, in order. */
function texts({ first = "", text }: Subject): string[] {
  return first === "" ? [text] : [first, text];
}

function javascript(subject: Subject): string {
  const { address, subprotocol, hasToken } = subject;
  const url = joined(address, jsLiteral, "encodeURIComponent(token)", " + ");
  const protocol = subprotocol === "" ? "" : `, [${subprotocol.split(",").map((each) => jsLiteral(each.trim())).join(", ")}]`;
  return [
    ...(hasToken ? ['const token = prompt("Token");'] : []),
    `const socket = new WebSocket(${url}${protocol});`,
    'socket.addEventListener("message", (event) => console.log(JSON.parse(event.data)));',
    'socket.addEventListener("close", (event) => console.log(event.code, event.reason));',
    'socket.addEventListener("open", () => {',
    ...texts(subject).map((each) => `  socket.send(${literalOf(each)});`),
    "});",
  ].join("\n");
}

/** JSON is JavaScript: a message that parses is written as an object. */
function literalOf(text: string): string {
  try {
    const pretty = JSON.stringify(JSON.parse(text), undefined, 2).replaceAll("<", "\\u003c").replaceAll("\n", "\n  ");
    // `{"__proto__": 1}` in code sets a prototype; as text it is a member.
    if (!pretty.includes('"__proto__"') && sameNumbers(text)) return `JSON.stringify(${pretty})`;
  } catch {
    // Sent as the text it is.
  }
  return jsLiteral(text);
}

/** Whether JavaScript's numbers hold those of the text. */
function sameNumbers(text: string): boolean {
  return !/\d{16,}/.test(text);
}

function pythonHeaders({ cookie, header }: Subject): string[] {
  if (cookie !== "") return [`additional_headers={"Cookie": ${pyLiteral(`${cookie}=`)} + os.environ["COOKIE"]}`];
  if (header === undefined) return [];
  const [name, prefix] = header;
  return [`additional_headers={${pyLiteral(name)}: ${prefix === "" ? "" : `${pyLiteral(prefix)} + `}os.environ["TOKEN"]}`];
}

function python(subject: Subject): string {
  const { address, subprotocol, origin, hasToken } = subject;
  const headers = pythonHeaders(subject);
  const url = joined(address, pyLiteral, 'quote(os.environ["TOKEN"], safe="")', " + ");
  const options = [
    url,
    ...(subprotocol === "" ? [] : [`subprotocols=[${subprotocol.split(",").map((each) => pyLiteral(each.trim())).join(", ")}]`]),
    `origin=${pyLiteral(origin)}`,
    ...headers,
  ];
  return [
    "import asyncio",
    ...(hasToken || headers.length > 0 ? ["import os"] : []),
    ...(hasToken ? ["from urllib.parse import quote"] : []),
    "",
    "from websockets.asyncio.client import connect",
    "",
    "",
    "async def main():",
    "    async with connect(",
    ...options.map((option) => `        ${option},`),
    "    ) as socket:",
    ...texts(subject).map((each) => `        await socket.send(${pyLiteral(each)})`),
    "        async for frame in socket:",
    "            print(frame)",
    "",
    "",
    "asyncio.run(main())",
  ].join("\n");
}

function websocat(subject: Subject): string {
  const { address, subprotocol, cookie, header, origin } = subject;
  const url = joined(address, shellLiteral, '"$TOKEN"', "");
  const options = [
    `--origin ${shellLiteral(origin)}`,
    ...(subprotocol === "" ? [] : [`--protocol ${shellLiteral(subprotocol)}`]),
    ...(cookie === "" ? [] : [`-H ${shellLiteral(`Cookie: ${cookie}=`)}"$COOKIE"`]),
    ...(header === undefined ? [] : [`-H ${shellLiteral(`${header[0]}: ${header[1]}`)}"$TOKEN"`]),
  ];
  return [`printf '%s\\n' ${texts(subject).map(shellLiteral).join(" ")} \\`, `  | websocat --no-close ${options.join(" ")} \\`, `    ${url}`].join("\n");
}

export function snippetsOf(subject: Subject): Snippet[] {
  return [
    { id: "javascript", title: "JavaScript", code: javascript(subject) },
    { id: "python", title: "Python", code: python(subject) },
    { id: "websocat", title: "websocat", code: websocat(subject) },
  ];
}
