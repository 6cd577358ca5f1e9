// The page of one room. Text of other people only ever becomes text, never markup.

const ROOMS = ["lobby", "kitchen", "garden"];
const TYPING_SECONDS = 3;

const find = (selector) => document.querySelector(selector);
const welcome = find("#welcome");
const composer = find("#composer");
const log = find("#log");
const room = location.pathname.match(/^\/rooms\/([^/]+)$/)?.[1] ?? "lobby";

let me = "";
let socket = null;
let retries = 0;
let lastPost = 0;
let early = []; // posts that were heard before the history, which goes first; null once it is there
const answers = new Map(); // the bubbles of answers that still stream
const typists = new Map(); // names, with the timer that forgets each

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function avatar(name) {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % 8;
  const initials = name.split(" ").map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
  const element = make("span", `avatar hue${hue}`, initials);
  element.ariaHidden = "true";
  return element;
}

// Changes the log and follows its end, unless the reader has scrolled up.
function follow(change, always = false) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  change();
  if (atEnd || always) log.scrollTop = log.scrollHeight;
}

function append(item) {
  follow(() => log.append(item), item.classList.contains("mine"));
}

function line(name, time, kind, face) {
  const item = make("li", kind);
  const who = make("span", "who");
  who.append(make("b", "", name), time);
  const bubble = make("div", "bubble");
  item.append(face, who, bubble);
  return [item, bubble];
}

function showPost(post) {
  if (post.id <= lastPost) return; // heard live already, and again as history
  lastPost = post.id;
  const time = new Date(post.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const [item, bubble] = line(post.name, time, post.name === me ? "mine" : "", avatar(post.name));
  bubble.textContent = post.text;
  append(item);
}

function showPeople(names) {
  const items = names.map((name) => {
    const item = make("li");
    item.title = name;
    item.append(avatar(name), make("span", "", name === me ? `${name} (you)` : name));
    return item;
  });
  find("#people").replaceChildren(...items);
  for (const name of typists.keys()) if (!names.includes(name)) showTypist(name, false);
}

function showTypist(name, active) {
  clearTimeout(typists.get(name));
  typists.delete(name);
  if (active) typists.set(name, setTimeout(() => showTypist(name, false), TYPING_SECONDS * 1500));
  const names = [...typists.keys()];
  const verb = names.length === 1 ? "is" : "are";
  const shown = names.length > 3 ? "Several people" : names.join(", ");
  find("#typing").textContent = names.length ? `${shown} ${verb} typing` : "";
  find("#typing").classList.toggle("busy", names.length > 0);
}

const handlers = {
  authentication({ status_code, data }) {
    if (status_code !== 200) {
      find("#refusal").textContent = data?.detail ?? "The room did not let you in.";
      return;
    }
    retries = 0;
    sessionStorage.setItem("name", me);
    welcome.hidden = true;
    find("#chat").hidden = false;
    setState("open", "connected");
    send("history", { limit: 50 });
    composer.elements.text.focus();
  },
  past({ posts }) {
    [...posts, ...early ?? []].forEach(showPost);
    early = null;
  },
  posted(post) {
    showTypist(post.name, false);
    if (early) early.push(post);
    else showPost(post);
  },
  people({ names }) { showPeople(names); },
  typist({ name, active }) { showTypist(name, active); },
  announcement({ text }) { append(make("li", "notice", text)); },
  answer_start({ answer, question }) {
    const face = make("span", "avatar", "✦");
    face.ariaHidden = "true";
    const [item, bubble] = line("Assistant", "only you see this", "assistant streaming", face);
    const words = make("span");
    bubble.append(make("span", "asked", question), words);
    answers.set(answer, words);
    append(item);
  },
  answer_word({ answer, word }) {
    follow(() => answers.get(answer)?.append(`${word} `));
  },
  answer_end({ answer }) {
    answers.get(answer)?.closest("li").classList.remove("streaming");
    answers.delete(answer);
  },
  error(payload) {
    const text = Array.isArray(payload) ? payload.map(({ msg }) => msg).join("; ") : payload.detail;
    append(make("li", "notice bad", text));
  },
};

function setState(kind, text) {
  find("#state").className = kind;
  find("#state").textContent = text;
  for (const button of composer.querySelectorAll("button")) button.disabled = kind !== "open";
}

function send(action, payload) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify({ action, payload }));
  return true;
}

function connect() {
  setState("", "connecting");
  early = [];
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/rooms/${room}?${new URLSearchParams({ name: me })}`);
  socket.addEventListener("message", ({ data }) => {
    const { action, payload } = JSON.parse(data);
    handlers[action]?.(payload);
  });
  socket.addEventListener("close", ({ code }) => {
    for (const words of answers.values()) words.closest("li").classList.remove("streaming");
    answers.clear();
    if (code >= 4000) { // refused: another try would be, too
      sessionStorage.removeItem("name");
      welcome.hidden = false;
      find("#chat").hidden = true;
      return;
    }
    setState("", "connection lost, trying again");
    retries += 1;
    setTimeout(connect, Math.min(500 * 2 ** retries, 15_000));
  });
}

let typingUntil = 0;
let typingTimer = 0;

function stopTyping() {
  clearTimeout(typingTimer);
  if (typingUntil) send("typing", { active: false });
  typingUntil = 0;
}

composer.addEventListener("input", () => {
  const now = Date.now();
  clearTimeout(typingTimer);
  if (!composer.elements.text.value) return stopTyping();
  if (now > typingUntil && send("typing", { active: true })) typingUntil = now + TYPING_SECONDS * 1000;
  typingTimer = setTimeout(stopTyping, TYPING_SECONDS * 1000);
});

function submit(action, field) {
  const text = composer.elements.text.value.trim();
  if (text && send(action, { [field]: text })) {
    composer.reset();
    stopTyping();
  }
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit("say", "text");
});
find("#ask").addEventListener("click", () => submit("ask", "question"));

welcome.addEventListener("submit", (event) => {
  event.preventDefault();
  find("#refusal").textContent = "";
  me = welcome.elements.name.value.trim().replace(/\s+/g, " ");
  if (me) connect();
});

document.title = `#${room} · Chat`;
find("#room").textContent = `# ${room}`;
find("#where").append("You are about to enter ", make("b", "", `#${room}`), ".");
find("#rooms").append(
  ...[...new Set([...ROOMS, room])].map((name) => {
    const item = make("li");
    const link = make("a", "", name);
    link.href = `/rooms/${name}`;
    if (name === room) link.ariaCurrent = "page";
    item.append(link);
    return item;
  }),
);
me = sessionStorage.getItem("name") ?? "";
if (me) connect();
